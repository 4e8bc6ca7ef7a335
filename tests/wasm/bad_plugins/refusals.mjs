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
const set = (key, value) => ({ manifest }) => { manifest[key] = value; };
const withoutCode = (postprocess, loss) => ({ manifest }) => Object.assign(manifest, { code: 'none', core: { preprocess: 'pixels', postprocess }, training: { losses: [loss] } });
// What is wrong: the fixture, and what becomes of its manifest or binary.
const cases = {
  'It was built against an older major of the contract': ['older_major'],
  'It was built against a newer minor of the contract': ['newer_minor'],
  'Its table is too short': ['short_struct'],
  'It exports no symbol of its name': ['no_symbol'],
  'It throws in create': ['throws_a_number'],
  'Its result has a wrong shape': ['wrong_shape'],
  'It does not follow the rows of padded images': ['ignores_stride'],
  'Its manifest names an older major': ['good', set('abi', '0.9')],
  'Its manifest names a newer minor': ['good', set('abi', '1.7')],
  'Its manifest names no contract': ['good', set('abi', 1)],
  'It was built for another platform': ['good', set('platform', 'wasm32-emscripten-9.9.9-eh-simd')],
  'Its manifest names no platform': ['good', set('platform', null)],
  'Its manifest lies about the version': ['good', set('version', '2')],
  'Its manifest lies about the tasks': ['good', set('tasks', ['classification'])],
  'Its manifest lists no tasks': ['good', set('tasks', [])],
  "Its name cannot be a symbol's": ['good', set('name', 'Good Plugin')],
  'The binary is damaged': ['good', (plugin) => { plugin.binary = plugin.binary.subarray(0, plugin.binary.length / 2); }],
  'The binary is missing': ['good', (plugin) => { plugin.binary = null; }],
  'The binary is something else': ['good', (plugin) => { plugin.binary = Buffer.from('#!/bin/sh\n'); }],
  'The manifest is no JSON': ['good', (plugin) => { plugin.manifest = '{"name":'; }],
  'Without code: it chooses a postprocessing that core lacks': ['good', withoutCode('magic', 'DiceLoss')],
  'Without code: it chooses a loss that core lacks': ['good', withoutCode('scores', 'MagicLoss')],
  'Without code: its task gives no such result': ['good', withoutCode('boxes', 'TaskAlignedDetection')],
};
const golden = join(source, 'tests/unit/native_plugins/refusals.json');
const sentences = JSON.parse(readFileSync(golden, 'utf8'));
const wrong = [];
for (const [what, [name, change]] of Object.entries(cases)) {
  const plugin = {
    binary: readFileSync(join(fixtures, `${name}.wasm`)),
    manifest: { name, version: '1', abi: '1.0', tasks: ['semantic-segmentation'], platform, processing: { pre: [`${name}:pre`], post: [`${name}:post`] } },
  };
  change?.(plugin);
  const binary = join(folder, `${name}.wasm`), manifest = join(folder, `${name}.plugin.json`);
  rmSync(binary, { force: true });
  if (plugin.binary) writeFileSync(binary, plugin.binary);
  writeFileSync(manifest, typeof plugin.manifest === 'string' ? plugin.manifest : JSON.stringify(plugin.manifest));
  const said = (checked(binary, manifest).faults[0] ?? 'accepted').replaceAll(`${folder}/`, '').replaceAll(platform, 'PLATFORM').replace(/length \d+, remaining bytes \d+\) @\+\d+/, '…)');
  if (said === 'accepted' || said.length < 30) wrong.push(`${what}: ${said}`);
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
