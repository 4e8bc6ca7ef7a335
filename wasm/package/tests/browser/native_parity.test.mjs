// The browser against `fair predict`: one model, one set of tiles, the same bytes. FAIR names the program; ../shared holds the aerial imagery.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { executable, launch } from './chromium.mjs';
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
  // A model trained for seconds: its scores are as uneven as scores get.
  await run(fair, ['demo', '--out', join(folder, 'demo'), '--minutes', '0.2', '--size', '4'], { timeout: 240_000, maxBuffer: 1 << 26, env: { ...process.env, XDG_CACHE_HOME: folder } });
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

/** Features of both, as text. */
async function both(tiles, bbox, zoom, tileSize) {
  const runs = join(folder, 'demo/workspace/artifacts/runs');
  const model = below(runs).find((path) => path.endsWith('/model.onnx'));
  const out = join(folder, 'native.geojson');
  const imageUri = server.url + tiles;
  await run(fair, ['--workspace', join(folder, 'none'), 'predict', '--model', model, '--images', imageUri, '--bbox', bbox.join(','), '--zoom', String(zoom), '--tile-size', String(tileSize), '--out', out],
    { timeout: 120_000, env: { ...process.env, XDG_CACHE_HOME: folder } });
  const page = await open(browser, server.url + '/');
  const text = await page.evaluate(async (request) => {
    const predictor = await window.fair.createPredictor({ backend: 'wasm' });
    const result = await predictor.predict(request);
    predictor.close();
    return result.text();
  }, { modelUrl: server.url + '/demo' + model.slice(join(folder, 'demo').length), imageUri, bbox, zoom, tileSize });
  await page.close();
  return { native: readFileSync(out, 'utf8'), browser: text };
}

test('the made-up town', { skip }, async () => {
  const tiles = below(join(folder, 'demo/tiles')).map((path) => path.match(/(\d+)\/(\d+)\/(\d+)\.png$/).slice(1).map(Number));
  const zoom = tiles[0][0];
  const edge = (values) => [Math.min(...values), Math.max(...values) + 1];
  const [west, east] = edge(tiles.map((t) => t[1])).map((x) => (x / 2 ** zoom) * 360 - 180);
  const [north, south] = edge(tiles.map((t) => t[2])).map((y) => (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / 2 ** zoom))) * 180) / Math.PI);
  const hair = 1e-7;
  const texts = await both('/demo/tiles/{z}/{x}/{y}.png', [west + hair, south + hair, east - hair, north - hair], zoom, 256);
  assert.ok(JSON.parse(texts.native).features.length > 5, `${JSON.parse(texts.native).features.length} features`);
  assert.equal(texts.browser, texts.native);
});

test('aerial imagery of Banepa', { skip: skip || (existsSync(chips) ? false : 'no ../shared/data beside the checkout') }, async () => {
  const texts = await both('/chips/OAM-{x}-{y}-{z}.tif', [85.5238, 27.6307, 85.5264, 27.633], 19, 512);
  assert.ok(JSON.parse(texts.native).features.length > 5, `${JSON.parse(texts.native).features.length} features`);
  assert.equal(texts.browser, texts.native);
});
