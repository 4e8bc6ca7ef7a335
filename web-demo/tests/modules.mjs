// The page's pure modules as node can import them.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

const folder = mkdtempSync(join(tmpdir(), 'fair-demo-'));
writeFileSync(join(folder, 'package.json'), '{"type":"module"}');

export async function load(name) {
  const source = readFileSync(new URL(`../src/${name}.ts`, import.meta.url), 'utf8');
  const { outputText } = ts.transpileModule(source, { compilerOptions: { target: 'ES2022', module: 'ESNext', verbatimModuleSyntax: true } });
  const file = join(folder, `${name}.js`);
  writeFileSync(file, outputText);
  return import(pathToFileURL(file).href);
}
