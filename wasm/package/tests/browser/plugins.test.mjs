// Someone else's plugins, good and bad: the fixtures of tests/unit/native_plugins as side modules (target fair_web_fixtures). Whatever one of them does,
// the page goes on: after each, a good prediction gives what it gave before.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { brightItem } from './bright_model.mjs';
import { executable, launch } from './chromium.mjs';
import { box, open, site, zoom } from './pages.mjs';

const fixtures = process.env.FAIR_FIXTURES ? `${process.env.FAIR_FIXTURES}/` : new URL('../../../../build-wasm/fair-fixtures/', import.meta.url).pathname;
const core = new URL('../../dist/core/', import.meta.url);
const skip = !executable ? 'no Chromium on this machine (apt: chromium)' : existsSync(`${fixtures}good.wasm`) ? false : 'no fixtures in FAIR_FIXTURES or build-wasm/fair-fixtures (target fair_web_fixtures)';
const { platform } = skip ? {} : JSON.parse(readFileSync(new URL('runtime_symbols.json', core), 'utf8'));
/** Longest time for one call into a plugin; far more than a good one takes. */
const pluginTimeout = 1500;

/** Binary, right manifest and integrity of a fixture. */
function fixture(name) {
  const binary = readFileSync(`${fixtures}${name}.wasm`);
  return { name, ...packed(name, binary) };
}
function packed(name, binary, change = {}) {
  const sha = (encoding) => createHash('sha256').update(binary).digest(encoding);
  const manifest = { name, version: '1', abi: '1.0', licence: 'Apache-2.0', tasks: ['semantic-segmentation'], processing: { pre: [`${name}:pre`], post: [`${name}:post`] }, platform, sha256: sha('hex'), ...change };
  return { binary, manifest, integrity: `sha256-${sha('base64')}` };
}
/** A model that the plugin of that name is to run. */
function itemFor(name, href) {
  const item = brightItem(href);
  item.properties['mlm:input'][0].pre_processing_function.expression = `${name}:pre`;
  item.properties['mlm:output'][0].post_processing_function.expression = `${name}:post`;
  return item;
}

let browser;
let server;
let page;
const served = new Map();
before(async () => {
  if (skip) return;
  browser = await launch();
  server = await site();
  server.state.answers.unshift((path, _request, response) => {
    if (!served.has(path)) return false;
    response.writeHead(200).end(served.get(path));
    return true;
  });
  page = await open(browser, `${server.url}/`);
  await page.evaluate(async (options) => { window.predictor = await window.fair.createPredictor(options); }, { backend: 'wasm', pluginTimeout });
});
after(async () => { await browser?.close(); await server?.close(); });

let number = 0;
/** What the page is told when it loads a plugin: "accepted", or the refusal. */
function load({ name, binary, manifest, integrity }) {
  const folder = `/plugins/${++number}/`;
  served.set(`${folder}${name}.wasm`, binary).set(`${folder}${name}.plugin.json`, typeof manifest === 'string' ? manifest : JSON.stringify(manifest));
  return page.evaluate((source) => window.predictor.loadPlugin(source).then(() => 'accepted', (e) => `${e.name} ${e.message}`), { url: `${folder}${name}.wasm`, integrity });
}
const predict = (item) =>
  page.evaluate(({ item, bbox, zoom }) => window.predictor.predict({ ...(item ? { item } : { itemUrl: '/item.json' }), imageUri: '/tiles/{z}/{x}/{y}.png', bbox, zoom })
    .then((r) => `${r.report.plugin}\n${r.text()}`, (e) => `${e.name} ${e.message}`), { item, bbox: box(1, 1), zoom });
let good;
async function pageGoesOn(what) {
  good ??= await predict(null);
  assert.match(good, /^unet_segmentation\n.*FeatureCollection/);
  assert.ok((await predict(null)) === good, `a good prediction after ${what} gives what one before gave`);
}

test('a good plugin is loaded by its hash and runs the items that name it', { skip }, async () => {
  await pageGoesOn('nothing');
  assert.equal(await load(fixture('good')), 'accepted');
  const said = await predict(itemFor('good', `${server.url}/model.onnx`));
  assert.match(said, /^good\n/);
  assert.ok(JSON.parse(said.slice(5)).features.length > 3);
  await pageGoesOn('a good plugin');
  assert.match(await load(fixture('good')), /FairError plugin good: expected a plugin name that is not taken/);
});

const of = (name, change) => () => ({ ...fixture(name), ...change?.(fixture(name)) });
const lying = (change) => of('good', (f) => ({ name: 'good', ...packed('good', f.binary, change) }));
const refused = {
  'another hash than its integrity': [of('wrong_shape', () => ({ integrity: fixture('good').integrity })), /plugin wrong_shape: expected sha256-\S+, found a file whose hash is sha256-\S+; the file is not the one that was meant: do not use it/],
  'no integrity': [of('wrong_shape', () => ({ integrity: '' })), /plugin wrong_shape: expected an integrity, "sha256-…", found none/],
  'another hash than its manifest': [lying({ sha256: '0'.repeat(64) }), /plugin good: expected the binary its manifest names/],
  'an older major': [of('older_major'), /plugin older_major: expected plugin contract 1\.\d+ or an older minor of it, found contract 0\.9; build the plugin anew/],
  'an older major in its manifest': [lying({ abi: '0.9' }), /plugin good: expected plugin contract 1\.\d+ or an older minor of it, found contract 0\.9; build the plugin anew/],
  'a newer minor': [of('newer_minor'), /plugin newer_minor: expected plugin contract \S+ or an older minor of it, found contract 1\.\d+; use a newer version of fair/],
  'a short table': [of('short_struct'), /plugin short_struct: expected a plugin table of at least \d+ bytes, found 16 bytes/],
  'imports outside the published set': [of('wants_more'), /plugin wants_more: expected imports of the published runtime symbol set only, found somebody_elses_function; bring the code/],
  'another platform': [lying({ platform: 'wasm32-emscripten-9.9.9-eh-simd' }), /plugin good: expected a plugin built for wasm32-emscripten-\S+, found one built for wasm32-emscripten-9\.9\.9-eh-simd/],
  'no platform': [lying({ platform: undefined }), /no platform in its manifest/],
  'another version than its manifest says': [lying({ version: '2' }), /its manifest says version 2, the plugin itself says 1/],
  'other tasks than its manifest says': [lying({ tasks: ['classification'] }), /its manifest says tasks classification, the plugin itself says semantic-segmentation/],
  'another name than its manifest says': [of('good', (f) => ({ name: 'better', ...packed('better', f.binary) })), /plugin better: expected an export fair_plugin_better, found none of that name/],
  'the name of one of the package\'s own': [of('good', (f) => ({ name: 'yolo11n_detection', ...packed('yolo11n_detection', f.binary) })), /plugin yolo11n_detection: expected a plugin name that is not taken, found one of the package's own; rename it/],
  'a manifest that is none': [of('good', () => ({ manifest: '<!doctype html>' })), /good\.plugin\.json: expected a plugin's manifest, JSON/],
  'text instead of a binary': [of('good', () => ({ name: 'text', ...packed('text', Buffer.from('#!/bin/sh\n')) })), /plugin text: expected a WASM module, found .*magic/],
  'half a binary': [of('good', (f) => ({ name: 'half', ...packed('half', f.binary.subarray(0, f.binary.length / 2)) })), /plugin half: expected a WASM module/],
  'a module that is no side module': [() => ({ name: 'plain', ...packed('plain', plainModule('fair_plugin_plain')) }), /plugin plain: expected a side module/],
  'a trap in its constructors': [of('traps_in_loading'), /plugin traps_in_loading: expected to return, found RuntimeError/],
  'a loop in its constructors': [of('loops_in_loading'), /plugin loops_in_loading: expected to return within 1500 ms, found it did not; its worker was ended/],
};
/** (module (func (export NAME))) */
function plainModule(name) {
  const section = (id, ...bytes) => [id, bytes.length, ...bytes];
  return Buffer.from([0, 97, 115, 109, 1, 0, 0, 0, ...section(1, 1, 96, 0, 0), ...section(3, 1, 0), ...section(7, 1, name.length, ...Buffer.from(name), 0, 0), ...section(10, 1, 2, 0, 11)]);
}
for (const [what, [plugin, expected]] of Object.entries(refused)) {
  test(`refused: ${what}`, { skip }, async () => {
    const said = await load(plugin());
    assert.match(said, /^FairError /);
    assert.match(said, expected);
    await pageGoesOn(what);
  });
}

const failing = {
  throws_in_create: /FairError plugin throws_in_create: expected a model item it can run, found the model has rusted/,
  throws_a_number: /FairError plugin throws_a_number: expected a model item it can run, found an exception that is no std::exception/,
  throws_in_postprocess: /FairError plugin throws_in_postprocess: expected to read the model's output, found the model has rusted/,
  wrong_shape: /FairError model output: expected one channel of scores for each of the item's 2 classes, found 3/,
  loops_in_create: /FairError plugin loops_in_create: expected to return within 1500 ms, found it did not; its worker was ended/,
  loops_in_postprocess: /FairError plugin loops_in_postprocess: expected to return within 1500 ms, found it did not; its worker was ended/,
  traps_in_postprocess: /FairError plugin traps_in_postprocess: expected to return, found RuntimeError: unreachable/,
  aborts_in_postprocess: /FairError plugin aborts_in_postprocess: expected to return, found RuntimeError: unreachable/,
  terminates_in_postprocess: /FairError plugin terminates_in_postprocess: expected to return, found RuntimeError: unreachable/,
  sinks_in_postprocess: /FairError plugin sinks_in_postprocess: expected to return, found RangeError: Maximum call stack/,
};
for (const [name, expected] of Object.entries(failing)) {
  test(`a prediction says so: a plugin that ${name.replaceAll('_', ' ')}`, { skip }, async () => {
    assert.equal(await load(fixture(name)), 'accepted');
    assert.match(await predict(itemFor(name, `${server.url}/model.onnx`)), expected);
await pageGoesOn(name);
  });
}

test('one that hangs ends what else is under way with the reason, and a new predictor refuses it as the old one did', { skip }, async () => {
  const { name, binary, manifest, integrity } = fixture('loops_in_loading');
  served.set('/again/loops_in_loading.wasm', binary).set('/again/loops_in_loading.plugin.json', JSON.stringify(manifest));
  const said = await page.evaluate(async ({ url, integrity, pluginTimeout, bbox, zoom }) => {
    const other = await window.fair.createPredictor({ backend: 'wasm', pluginTimeout });
    const tell = (promise) => promise.then(() => 'done', (e) => e.message);
    const both = await Promise.all([
      tell(other.loadPlugin({ url, integrity })),
      tell(other.predict({ itemUrl: '/item.json', imageUri: '/tiles/{z}/{x}/{y}.png', bbox, zoom })),
    ]);
    const after = await other.predict({ itemUrl: '/item.json', imageUri: '/tiles/{z}/{x}/{y}.png', bbox, zoom });
    other.close();
    const made = await tell(window.fair.createPredictor({ backend: 'wasm', pluginTimeout, plugins: [{ url, integrity }] }));
    return { both, after: after.features.length, made };
  }, { url: '/again/loops_in_loading.wasm', integrity, pluginTimeout, bbox: box(3, 3), zoom });
  assert.match(said.both[0], new RegExp(`plugin ${name}: expected to return within`));
  assert.match(said.both[1], new RegExp(`plugin ${name}: expected to return within`));
  assert.ok(said.after > 0);
  assert.match(said.made, new RegExp(`plugin ${name}: expected to return within`));
  await pageGoesOn('all of it');
});
