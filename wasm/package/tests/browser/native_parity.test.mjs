// The browser against `fair predict`: one model, one set of tiles, one mask or the same boxes and chips; given the same scores, the same bytes. FAIR names the program; ../shared holds the aerial imagery.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { brightItem, brightModel } from './bright_model.mjs';
import { brightClassifier, brightDetector, classifierItem, detectorItem } from './bright_others.mjs';
import { executable, launch } from './chromium.mjs';
import { maskIou, maskOf } from './mask.mjs';
import { open } from './pages.mjs';
import { serve } from './server.mjs';
import { below, tilesBelow } from './tiles.mjs';

const fair = process.env.FAIR;
const skip = !executable ? 'no Chromium on this machine (apt: chromium)' : fair ? false : 'FAIR names no fair program';
const dist = new URL('../../dist/standalone/', import.meta.url).pathname;
const chips = new URL('../../../../../shared/data/banepa/predict/oam/', import.meta.url).pathname;
const run = promisify(execFile);
let folder;
let server;
let browser;

before(async () => {
  if (skip) return;
  folder = mkdtempSync(join(tmpdir(), 'fair-parity-'));
  // Trained for seconds: its scores are uneven still.
  await run(fair, ['demo', '--out', join(folder, 'demo'), '--minutes', '0.5', '--size', '4'], { timeout: 240_000, maxBuffer: 1 << 26, env: { ...process.env, XDG_CACHE_HOME: folder } });
  const page = (path, _request, response) => {
    if (path !== '/' && path !== '/page.js') return false;
    response.writeHead(200, { 'content-type': path === '/' ? 'text/html' : 'text/javascript' });
    response.end(path === '/' ? '<!doctype html><script type="module" src="/page.js"></script>' : "import * as fair from '/lib/index.js'; window.fair = fair;");
    return true;
  };
  server = await serve({ folders: { '/lib/': dist, '/demo/': join(folder, 'demo'), '/chips/': chips }, answers: [page] });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.close();
  if (folder) rmSync(folder, { recursive: true });
});

const trained = () => below(join(folder, 'demo/workspace/artifacts/runs')).find((path) => path.endsWith('/model.onnx'));

/** A prediction in a fresh page, as text. */
async function inBrowser(request) {
  const page = await open(browser, server.url + '/');
  const text = await page.evaluate(async (asked) => {
    const predictor = await window.fair.createPredictor({ backend: 'wasm' });
    const result = await predictor.predict(asked);
    predictor.close();
    return result.text();
  }, request);
  await page.close();
  return text;
}

/** Every corner of the mask, and nothing dropped. */
const everyCorner = { tolerance: 0, orthogonalize: false, area_threshold: 0 };

/** Features of `fair predict` and of the browser, as text. `model`: a file below the folder, or an item there; `asked`: how the browser is told of it. */
async function both(model, asked, { tiles, bbox, zoom, tileSize, params = {} }) {
  const out = join(folder, 'native.geojson');
  const imageUri = server.url + tiles;
  const settings = Object.entries(params).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
  await run(fair, ['--workspace', join(folder, 'none'), 'predict', '--model', model, '--images', imageUri, '--bbox', bbox.join(','), '--zoom', String(zoom), '--tile-size', String(tileSize), '--out', out, ...settings],
    { timeout: 120_000, env: { ...process.env, XDG_CACHE_HOME: folder } });
  const text = await inBrowser({ ...asked, imageUri, bbox, zoom, tileSize, params });
  return { native: readFileSync(out, 'utf8'), browser: text };
}

/** With a model just trained: ONNX Runtime's two builds round otherwise, so scores at the threshold may fall to either side of it. */
async function sameMask(place, params = {}) {
  const model = trained();
  const texts = await both(model, { modelUrl: server.url + '/demo' + model.slice(join(folder, 'demo').length) }, { ...place, params: { ...everyCorner, ...params } });
  const [native, browser] = [texts.native, texts.browser].map((text) => maskOf(JSON.parse(text).features, place.zoom));
  assert.ok(native.size > 1000, `${native.size} pixels of buildings`);
  const iou = maskIou(native, browser);
  assert.ok(iou >= 0.999, `mask IoU ${iou}`);
}

/** With a model whose scores both compute alike: the same bytes, whatever is asked of the outlines. Gives how many features there were, one for each of `asked`. */
async function sameBytes(place, asked = [{}, everyCorner], model = brightModel(), itemOf = brightItem) {
  writeFileSync(join(folder, 'demo', 'bright.onnx'), model);
  writeFileSync(join(folder, 'demo', 'bright.json'), JSON.stringify(itemOf('bright.onnx', model)));
  const counts = [];
  for (const params of asked) {
    const texts = await both(join(folder, 'demo', 'bright.json'), { itemUrl: `${server.url}/demo/bright.json` }, { ...place, params });
    counts.push(JSON.parse(texts.native).features.length);
    assert.ok(texts.browser === texts.native, `other bytes with ${JSON.stringify(params)}`);
  }
  return counts;
}

/** A base model as it is born, from one seed. */
async function baseModel(name) {
  const workspace = join(folder, 'demo', 'bases');
  if (!existsSync(workspace)) await run(fair, ['--workspace', workspace, 'init']);
  const path = join(folder, 'demo', `${name}.onnx`);
  await run(fair, ['--workspace', workspace, 'export', '--model', name, '--out', path]);
  return path;
}

const numbersOf = (coordinates) => coordinates.flat(Infinity);

/** With a model of which both compute nearly the same scores: as many features of the same classes at the same places. */
async function sameFeatures(place, name, params) {
  const model = await baseModel(name);
  const texts = await both(model, { modelUrl: `${server.url}/demo/${name}.onnx` }, { ...place, params });
  const [native, browser] = [texts.native, texts.browser].map((text) => JSON.parse(text).features);
  assert.equal(browser.length, native.length);
  let [degrees, score] = [0, 0];
  native.forEach((one, i) => {
    const other = browser[i];
    assert.equal(other.properties.class, one.properties.class);
    assert.equal(other.geometry.type, one.geometry.type);
    score = Math.max(score, Math.abs(other.properties.confidence - one.properties.confidence));
    const [here, there] = [one, other].map((f) => numbersOf(f.geometry.coordinates));
    assert.equal(there.length, here.length);
    here.forEach((v, k) => { degrees = Math.max(degrees, Math.abs(v - there[k])); });
  });
  assert.ok(degrees <= 1e-6, `${degrees} degrees apart`);
  assert.ok(score <= 1.001e-4, `scores ${score} apart`);
  return native;
}

const inTown = () => ({ tiles: '/demo/tiles/{z}/{x}/{y}.png', tileSize: 256, ...tilesBelow(join(folder, 'demo/tiles')) });
const banepa = { tiles: '/chips/OAM-{x}-{y}-{z}.tif', bbox: [85.5238, 27.6307, 85.5264, 27.633], zoom: 19, tileSize: 512 };
const lacking = existsSync(chips) ? false : 'no ../shared/data beside the checkout';
test('the made-up town: one mask', { skip }, () => sameMask(inTown()));
test('the made-up town, given the same scores: the same bytes', { skip }, async () => {
  for (const count of await sameBytes(inTown())) assert.ok(count > 5, `${count} features`);
});
test('the made-up town, every window seen in eight ways: one mask', { skip }, () => sameMask(inTown(), { tta_views: 8 }));
test('aerial imagery of Banepa: one mask', { skip: skip || lacking }, () => sameMask(banepa));
test('aerial imagery of Banepa, given the same scores: the same bytes', { skip: skip || lacking }, async () => {
  for (const count of await sameBytes(banepa)) assert.ok(count > 5, `${count} features`);
});

test('a detector: the same boxes; given the same scores, the same bytes', { skip }, async () => {
  // Untrained it is sure of nothing: what it is less unsure of.
  const found = await sameFeatures(inTown(), 'yolo11n-detection', { confidence_threshold: 0.01 });
  assert.ok(found.length > 5, `${found.length} boxes`);
  const counts = await sameBytes(inTown(), [{ confidence_threshold: 0.3 }, { confidence_threshold: 0.55, iou_threshold: 0.2, area_threshold: 0 }], brightDetector(), detectorItem);
  assert.ok(counts[0] > 50 && counts[1] > 10, `${counts} boxes`);
});

test('a classifier: the same chips; given the same scores, the same bytes', { skip }, async () => {
  const found = await sameFeatures(inTown(), 'resnet18-classification', { confidence_threshold: 0.01 });
  assert.ok(found.length >= 9, `${found.length} chips`);
  assert.ok(new Set(found.map((f) => f.properties.confidence)).size > 1, 'chips of several scores');
  const counts = await sameBytes(inTown(), [{ confidence_threshold: 0 }, { confidence_threshold: 0, merge_neighbours: true }], brightClassifier(), classifierItem);
  assert.ok(counts[0] >= 9 && counts[1] >= 1, `${counts} chips`);
});

test('weights as f16 give the mask that f32 gives', { skip }, async () => {
  const masks = [];
  for (const weights of ['f32', 'f16']) {
    await run(fair, ['--workspace', join(folder, 'none'), 'export', '--model', trained(), '--weights', weights, '--out', join(folder, 'demo', `${weights}.onnx`)]);
    const { bbox, zoom } = tilesBelow(join(folder, 'demo/tiles'));
    const text = await inBrowser({ modelUrl: `${server.url}/demo/${weights}.onnx`, imageUri: `${server.url}/demo/tiles/{z}/{x}/{y}.png`, bbox, zoom, params: everyCorner });
    masks.push(maskOf(JSON.parse(text).features, zoom));
  }
  const [full, half] = ['f32', 'f16'].map((weights) => statSync(join(folder, 'demo', `${weights}.onnx`)).size);
  assert.ok(half < 0.6 * full, `${half} bytes, ${full} at f32`);
  assert.ok(masks[0].size > 5000, `${masks[0].size} pixels of buildings`);
  const iou = maskIou(...masks);
  assert.ok(iou >= 0.995, `mask IoU ${iou}`);
});
