// What a first visit downloads until it has a prediction, and how long that takes on a slow line: a measurement, not a test of the machine's speed.
// The server slows the line, which Chromium would do for the page and not for its workers' workers; bytes are counted where they leave it.
// usage: FAIR=path/to/fair node first_visit.mjs --model model.onnx --tiles FOLDER --at LON,LAT [--zoom 19] [--grid 3] [--mbit 3] [--latency 40]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { executable, launch } from './chromium.mjs';

const MOST_BYTES = 8e6;
const PACKET = 2048;
const LATE = 100;
const MOST_OWN_BYTES = 250e3;
const dist = new URL('../../dist/standalone/', import.meta.url).pathname;

const { values: given } = parseArgs({
  options: {
    model: { type: 'string' }, tiles: { type: 'string' }, at: { type: 'string' },
    zoom: { type: 'string', default: '19' }, grid: { type: 'string', default: '3' }, mbit: { type: 'string', default: '3' }, latency: { type: 'string', default: '40' },
  },
});
const fair = process.env.FAIR;
for (const [name, value] of Object.entries({ '--model': given.model, '--tiles': given.tiles, '--at': given.at, FAIR: fair, Chromium: executable })) {
  if (!value) {
    console.error(`${name}: expected a value, found none; usage: FAIR=fair node first_visit.mjs --model model.onnx --tiles FOLDER --at LON,LAT`);
    process.exit(2);
  }
}
const [zoom, grid, mbit, latency] = [given.zoom, given.grid, given.mbit, given.latency].map(Number);
const [lon, lat] = given.at.split(',').map(Number);

const kinds = ['page', 'core', 'plugin', 'JavaScript', 'ONNX Runtime (JavaScript)', 'ONNX Runtime (WASM)', 'model', 'imagery'];
function kindOf(path) {
  if (path === '/') return 'page';
  if (/\/core\/core\.wasm$/.test(path)) return 'core';
  if (path.startsWith('/lib/core/')) return 'plugin';
  if (/\/ort.*\.wasm$/.test(path)) return 'ONNX Runtime (WASM)';
  if (/\/ort.*\.js$/.test(path)) return 'ONNX Runtime (JavaScript)';
  if (path.startsWith('/lib/')) return 'JavaScript';
  return path === '/model.onnx' ? 'model' : 'imagery';
}
const types = { '.js': 'text/javascript', '.json': 'application/json', '.wasm': 'application/wasm', '.png': 'image/png', '.jpg': 'image/jpeg', '.tif': 'image/tiff' };
const pageText = '<!doctype html><title>first visit</title><script type="module">import * as fair from "/lib/index.js"; window.fair = fair;</script>';

/** The answer's bytes as they travel: gzip where that is less. */
const packed = new Map();
function pack(path, model) {
  if (!packed.has(path)) {
    const file = path.startsWith('/lib/') ? join(dist, normalize(path.slice(4))) : join(given.tiles, normalize(path.slice('/tiles'.length)));
    const plain = path === '/' ? Buffer.from(pageText) : path === '/model.onnx' ? readFileSync(model) : readFileSync(file);
    const small = gzipSync(plain, { level: 9 });
    packed.set(path, small.length < plain.length ? { bytes: small, gzip: true } : { bytes: plain, gzip: false });
  }
  return packed.get(path);
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
let lineFree = 0;

/** Sends bytes as the line lets them through: one line for all answers, shared packet by packet, and the latency before the first. */
async function travel(response, bytes) {
  await wait(latency);
  for (let at = 0; at < bytes.length && !response.destroyed; at += PACKET) {
    const packet = bytes.subarray(at, at + PACKET);
    const now = performance.now();
    // A timer that fires late costs the line nothing: it catches up, by a little.
    lineFree = Math.max(lineFree, now - LATE) + (packet.length * 8) / (mbit * 1000);
    if (lineFree > now) await wait(lineFree - now);
    response.write(packet);
  }
  response.end();
}

/** The package, the model and the imagery; `sent` counts the bytes of answers by kind. */
function countingServer(model) {
  const sent = new Map(kinds.map((kind) => [kind, 0]));
  const server = createServer((request, response) => {
    const path = new URL(request.url, 'http://127.0.0.1').pathname;
    let answer;
    try {
      answer = pack(path, model);
    } catch {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      'content-type': path === '/' ? 'text/html' : (types[extname(path)] ?? 'application/octet-stream'), 'content-length': answer.bytes.length,
      ...(answer.gzip ? { 'content-encoding': 'gzip' } : {}),
    });
    void travel(response, answer.bytes);
    sent.set(kindOf(path), sent.get(kindOf(path)) + answer.bytes.length);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve({
    sent,
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => new Promise((done) => { server.closeAllConnections(); server.close(done); }),
  })));
}

/** Degrees of `grid` x `grid` tiles around the place. */
function around() {
  const n = 2 ** zoom;
  const x = Math.floor(((lon + 180) / 360) * n - (grid - 1) / 2);
  const y = Math.floor(((1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2) * n - (grid - 1) / 2);
  const degrees = (i, j) => [(i / n) * 360 - 180, (Math.atan(Math.sinh(Math.PI * (1 - (2 * j) / n))) * 180) / Math.PI];
  const [west, north] = degrees(x + 1e-6, y + 1e-6);
  const [east, south] = degrees(x + grid - 1e-6, y + grid - 1e-6);
  return [west, south, east, north];
}

async function visit(browser, model) {
  // Packed before the clock starts: a server of static files has them so.
  for (const path of ['/', '/lib/index.js', '/lib/worker/main.js', '/lib/core/core.wasm', '/lib/core/unet_segmentation.wasm', '/lib/worker/ort-wasm-simd-threaded.wasm', '/model.onnx']) pack(path, model);
  const server = await countingServer(model);
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(300_000);
  try {
    const begin = performance.now();
    await page.goto(server.url, { waitUntil: 'commit' });
    await page.waitForFunction(() => window.fair);
    const shown = (performance.now() - begin) / 1000;
    const run = await page.evaluate(async ({ bbox, zoom }) => {
      let first = null;
      const predictor = await window.fair.createPredictor();
      const result = await predictor.predict({ modelUrl: '/model.onnx', imageUri: '/tiles/{z}/{x}/{y}.png', bbox, zoom, onFeatures: () => { first ??= performance.now(); } });
      const end = performance.now();
      predictor.close();
      return { first: first === null ? null : (first + performance.timeOrigin) / 1000, end: (end + performance.timeOrigin) / 1000, features: result.features.length, report: result.report };
    }, { bbox: around(), zoom });
    const origin = (performance.timeOrigin + begin) / 1000;
    return { sent: server.sent, shown, first: run.first === null ? null : run.first - origin, end: run.end - origin, features: run.features, report: run.report };
  } finally {
    await context.close();
    await server.close();
  }
}

const work = mkdtempSync(join(tmpdir(), 'fair-first-visit-'));
const browser = await launch();
let status = 0;
try {
  const runs = [];
  for (const weights of ['f32', 'f16']) {
    const file = join(work, `${weights}.onnx`);
    execFileSync(fair, ['export', '--model', given.model, '--weights', weights, '--out', file], { stdio: ['ignore', 'ignore', 'inherit'] });
    packed.delete('/model.onnx');
    runs.push({ weights, ...(await visit(browser, file)) });
  }
  const row = (name, values) => console.log(`| ${name.padEnd(26)} | ${values.map((v) => String(v).padStart(11)).join(' | ')} |`);
  const sum = (run, names) => names.reduce((total, name) => total + run.sent.get(name), 0);
  const number = (bytes) => bytes.toLocaleString('en');
  console.log(`First visit until a prediction of ${grid} x ${grid} tiles; gzip; ${mbit} Mbit/s, ${latency} ms; ${runs[0].report.provider}, ${runs[0].report.threads} thread(s)`);
  row('bytes', runs.map((r) => r.weights));
  row('---', runs.map(() => '---:'));
  for (const kind of kinds) row(kind, runs.map((r) => number(r.sent.get(kind))));
  row('core + plugin + JavaScript', runs.map((r) => number(sum(r, ['core', 'plugin', 'JavaScript']))));
  row('total', runs.map((r) => number(sum(r, kinds))));
  row('s to the page', runs.map((r) => r.shown.toFixed(1)));
  row('s to the first feature', runs.map((r) => (r.first === null ? 'none' : r.first.toFixed(1))));
  row('s to the end', runs.map((r) => r.end.toFixed(1)));
  row('features', runs.map((r) => r.features));
  const half = runs[1];
  const least = (sum(half, kinds) * 8) / (mbit * 1e6);
  if (half.end < least) { console.error(`${mbit} Mbit/s: expected ${least.toFixed(1)} s or more for these bytes, found ${half.end.toFixed(1)}; the line was not slowed`); status = 1; }
  const own = sum(half, ['core', 'plugin', 'JavaScript']);
  if (sum(half, kinds) > MOST_BYTES) { console.error(`whole visit at f16: expected at most ${number(MOST_BYTES)} bytes, found ${number(sum(half, kinds))}`); status = 1; }
  if (own > MOST_OWN_BYTES) { console.error(`core, plugin and JavaScript: expected at most ${number(MOST_OWN_BYTES)} bytes, found ${number(own)}`); status = 1; }
  if (half.features === 0) { console.error('expected features at this place, found none; is --at where --tiles has imagery?'); status = 1; }
} finally {
  await browser.close();
  rmSync(work, { recursive: true, force: true });
}
process.exitCode = status;
