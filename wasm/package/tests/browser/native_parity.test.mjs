// The browser against `fair predict`: one model, one set of tiles, one mask; given the same scores, the same bytes. FAIR names the program; ../shared holds the aerial imagery.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { brightItem, brightModel } from './bright_model.mjs';
import { executable, launch } from './chromium.mjs';
import { maskIou, maskOf } from './mask.mjs';
import { open } from './pages.mjs';
import { serve } from './server.mjs';

const fair = process.env.FAIR;
const skip = !executable ? 'no Chromium on this machine (apt: chromium)' : fair ? false : 'FAIR names no fair program';
const dist = new URL('../../dist/standalone/', import.meta.url).pathname;
const chips = new URL('../../../../../shared/data/banepa/predict/oam/', import.meta.url).pathname;
const run = promisify(execFile);
let folder;
let server;
let browser;

/** All files below a folder. */
const below = (path) => readdirSync(path, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? below(join(path, e.name)) : [join(path, e.name)]));

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

/** Where the demo's tiles lie. */
function town() {
  const tiles = below(join(folder, 'demo/tiles')).map((path) => path.match(/(\d+)\/(\d+)\/(\d+)\.png$/).slice(1).map(Number));
  const zoom = tiles[0][0];
  const edge = (values) => [Math.min(...values), Math.max(...values) + 1];
  const [west, east] = edge(tiles.map((t) => t[1])).map((x) => (x / 2 ** zoom) * 360 - 180);
  const [north, south] = edge(tiles.map((t) => t[2])).map((y) => (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / 2 ** zoom))) * 180) / Math.PI);
  const hair = 1e-7;
  return { zoom, bbox: [west + hair, south + hair, east - hair, north - hair] };
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
async function sameMask(place) {
  const model = trained();
  const texts = await both(model, { modelUrl: server.url + '/demo' + model.slice(join(folder, 'demo').length) }, { ...place, params: everyCorner });
  const [native, browser] = [texts.native, texts.browser].map((text) => maskOf(JSON.parse(text).features, place.zoom));
  assert.ok(native.size > 1000, `${native.size} pixels of buildings`);
  const iou = maskIou(native, browser);
  assert.ok(iou >= 0.999, `mask IoU ${iou}`);
}

/** With a model whose scores both compute alike: the same bytes, whatever is asked of the outlines. */
async function sameBytes(place) {
  const model = brightModel();
  writeFileSync(join(folder, 'demo', 'bright.onnx'), model);
  writeFileSync(join(folder, 'demo', 'bright.json'), JSON.stringify(brightItem('bright.onnx', model)));
  for (const params of [{}, everyCorner]) {
    const texts = await both(join(folder, 'demo', 'bright.json'), { itemUrl: `${server.url}/demo/bright.json` }, { ...place, params });
    assert.ok(JSON.parse(texts.native).features.length > 5, `${JSON.parse(texts.native).features.length} features`);
    assert.ok(texts.browser === texts.native, `other bytes with ${JSON.stringify(params)}`);
  }
}

const inTown = () => ({ tiles: '/demo/tiles/{z}/{x}/{y}.png', tileSize: 256, ...town() });
const banepa = { tiles: '/chips/OAM-{x}-{y}-{z}.tif', bbox: [85.5238, 27.6307, 85.5264, 27.633], zoom: 19, tileSize: 512 };
const lacking = existsSync(chips) ? false : 'no ../shared/data beside the checkout';
test('the made-up town: one mask', { skip }, () => sameMask(inTown()));
test('the made-up town, given the same scores: the same bytes', { skip }, () => sameBytes(inTown()));
test('aerial imagery of Banepa: one mask', { skip: skip || lacking }, () => sameMask(banepa));
test('aerial imagery of Banepa, given the same scores: the same bytes', { skip: skip || lacking }, () => sameBytes(banepa));

test('weights as f16 give the mask that f32 gives', { skip }, async () => {
  const masks = [];
  for (const weights of ['f32', 'f16']) {
    await run(fair, ['--workspace', join(folder, 'none'), 'export', '--model', trained(), '--weights', weights, '--out', join(folder, 'demo', `${weights}.onnx`)]);
    const { bbox, zoom } = town();
    const text = await inBrowser({ modelUrl: `${server.url}/demo/${weights}.onnx`, imageUri: `${server.url}/demo/tiles/{z}/{x}/{y}.png`, bbox, zoom, params: everyCorner });
    masks.push(maskOf(JSON.parse(text).features, zoom));
  }
  const [full, half] = ['f32', 'f16'].map((weights) => statSync(join(folder, 'demo', `${weights}.onnx`)).size);
  assert.ok(half < 0.6 * full, `${half} bytes, ${full} at f32`);
  assert.ok(masks[0].size > 5000, `${masks[0].size} pixels of buildings`);
  const iou = maskIou(...masks);
  assert.ok(iou >= 0.995, `mask IoU ${iou}`);
});
