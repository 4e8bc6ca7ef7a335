// The browsers' form of the bad plugins, in node: sentences word for word (tests/unit/native_plugins/refusals.json, member wasm), and binaries of former
// releases. usage: node refusals.mjs FAIR_CHECK.js FIXTURES SOURCE [--update]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [check, fixtures, source, update] = process.argv.slice(2);
const flags = spawnSync(process.execPath, ['--no-experimental-fetch', '--version']).status === 0 ? ['--no-experimental-fetch'] : [];
const platform = JSON.parse(readFileSync(join(source, 'toolchains/wasm/runtime_symbols.json'), 'utf8')).platform;
const folder = mkdtempSync(join(tmpdir(), 'fair-refusals-'));
const checked = (binary, manifest) => {
  const { stdout, status } = spawnSync(process.execPath, [...flags, check, binary, manifest], { encoding: 'utf8', timeout: 60_000 });
  try {
    return JSON.parse(stdout);
  } catch {
    return { faults: [`no answer, exit status ${status}`] };
  }
};
const cases = {
  'It was built against an older major of the contract': 'older_major',
  'It was built against a newer minor of the contract': 'newer_minor',
  'Its table is too short': 'short_struct',
  'It throws in create': 'throws_a_number',
  'Its result has a wrong shape': 'wrong_shape',
};
const golden = join(source, 'tests/unit/native_plugins/refusals.json');
const sentences = JSON.parse(readFileSync(golden, 'utf8'));
const wrong = [];
for (const [what, name] of Object.entries(cases)) {
  const manifest = join(folder, `${name}.plugin.json`);
  writeFileSync(manifest, JSON.stringify({ name, version: '1', abi: '1.0', tasks: ['semantic-segmentation'], platform, processing: { pre: [`${name}:pre`], post: [`${name}:post`] } }));
  const said = (checked(join(fixtures, `${name}.wasm`), manifest).faults[0] ?? 'accepted').replaceAll(`${fixtures}/`, '');
  if (update) sentences[what].wasm = said;
  else if (sentences[what]?.wasm !== said) wrong.push(`${what}: expected ${sentences[what]?.wasm}, found ${said}`);
}
if (update) writeFileSync(golden, JSON.stringify(sentences, null, 2) + '\n');

const kept = join(source, 'tests/unit/native_plugins/kept');
const digests = JSON.parse(readFileSync(join(kept, 'digests.json'), 'utf8'));
for (const [release, digest] of Object.entries(digests)) {
  if (!readdirSync(join(kept, release)).includes('template_plugin.wasm')) continue;
  const { faults, digest: found } = checked(join(kept, release, 'template_plugin.wasm'), join(kept, release, 'template_plugin.plugin.json'));
  if (faults.length || found !== digest) wrong.push(`${release}: a plugin built against it no longer runs as it did: ${faults.join('; ') || found}`);
}
rmSync(folder, { recursive: true });
if (wrong.length) {
  console.error(wrong.join('\n'));
  process.exit(1);
}
