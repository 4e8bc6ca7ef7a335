// The main path in Firefox, as a person goes it: the page as `fair serve` serves it, pick, predict, look, review, export.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { brightItem, brightModel, tile } from '../../../wasm/package/tests/browser/bright_model.mjs';
import { launch, missing } from '../../../wasm/package/tests/browser/firefox.mjs';
import { box, north, west, zoom } from '../../../wasm/package/tests/browser/pages.mjs';

const fair = process.env.FAIR;
const skip = missing || (fair ? false : 'FAIR names no fair to serve the page with');
const GRID = 5;
const LEAST_OUTLINED = 1000;
const [w, s, e, n] = box(3, 3);
const at = `${(w + e) / 2},${(s + n) / 2}`;
const dist = fileURLToPath(new URL('../../dist', import.meta.url));

let folder;
let server;
let url;
let page;

/** A catalogue with one model, and imagery around the place, as files. */
function write() {
  const put = (path, bytes) => {
    const file = join(folder, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, bytes);
  };
  const model = brightModel();
  put('model.onnx', model);
  put('catalog/catalog.json', JSON.stringify({ type: 'Catalog', id: 'test', links: [{ rel: 'child', href: './base-models/collection.json' }] }));
  put('catalog/base-models/collection.json', JSON.stringify({ type: 'Collection', id: 'base-models', links: [{ rel: 'item', href: './bright/bright.json' }] }));
  put('catalog/base-models/bright/bright.json', JSON.stringify(brightItem('../../../model.onnx', model)));
  for (let x = west - GRID; x < west + 2 * GRID; ++x) for (let y = north - GRID; y < north + 2 * GRID; ++y) put(`tiles/${zoom}/${x}/${y}.png`, tile(x, y));
}

/** `fair serve` of the page's folder, with ours beside it. Its address is on the first line it prints. */
function serve() {
  server = spawn(fair, ['serve', '--static', dist, '--mount', `/data=${folder}`, '--port', '0', '--isolated', '--quiet'], { stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((resolve, reject) => {
    let said = '';
    const hear = (bytes) => {
      said += bytes;
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said);
      if (found) resolve(found[0]);
    };
    server.stdout.on('data', hear);
    server.stderr.on('data', hear);
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`fair serve: expected an address, it said ${said}`)));
  });
}

before(async () => {
  if (skip) return;
  folder = mkdtempSync(join(tmpdir(), 'fair-firefox-page-'));
  write();
  url = await serve();
  page = await launch();
});
after(async () => {
  await page?.close();
  server?.kill();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** In the page: how many pixels over the map are of a colour, as near as drawing over others leaves it. */
const pixelsOf = async (url, colour) => {
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = new OffscreenCanvas(document.querySelector('#map').clientWidth, image.height);
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let i = 0; i < data.length; i += 4) if (colour.every((c, k) => Math.abs(data[i + k] - c) < 40)) ++count;
  return count;
};
const text = (selector) => page.text(selector);
const ranOrFailed = () => page.until(() => document.querySelector('#report').textContent.includes('Ran on') && document.querySelector('#run').textContent === 'Predict' || document.querySelector('#message').textContent !== '');

test('Firefox: pick, predict, see, review, export', { skip, timeout: 240_000 }, async () => {
  await page.goto(`${url}/?catalog=data/catalog/catalog.json&imagery=data/tiles/{z}/{x}/{y}.png&zoom=${zoom}&at=${at}`);
  await page.until(() => document.querySelector('.model input:checked') || document.querySelector('#message').textContent !== '');
  assert.equal(await text('#message'), '');
  assert.match(await text('.model'), /What is bright/);

  await page.fill('#grid', '3');
  await page.until(() => document.querySelector('#area-note').textContent.includes('3 × 3 tiles'));
  await page.click('#run');
  await ranOrFailed();
  assert.equal(await text('#message'), '');
  const found = Number((await text('#counts b')).replace(/\D/g, ''));
  assert.ok(found > 30, `${found} buildings`);
  const report = await text('#report');
  assert.match(report, /Ran on/);

  // On the map, not only counted: outlines in the class's colour, which the imagery has nowhere.
  const hint = brightItem('x').properties['mlm:output'][0]['classification:classes'].find((c) => c.name === 'building').color_hint;
  const colour = [0, 2, 4].map((i) => Number.parseInt(hint.slice(i, i + 2), 16));
  let shot;
  const pixels = async () => {
    shot = await page.screenshot();
    return page.evaluate(pixelsOf, `data:image/png;base64,${shot.toString('base64')}`, colour);
  };
  let outlined = await pixels();
  for (const end = Date.now() + 20_000; outlined < LEAST_OUTLINED && Date.now() < end; ) outlined = await pixels();
  if (process.env.FAIR_SCREENSHOTS) writeFileSync(join(process.env.FAIR_SCREENSHOTS, 'firefox.png'), shot);
  assert.ok(outlined >= LEAST_OUTLINED, `${outlined} pixels of outlines on the map`);

  // The first key picks, each verdict moves on, and the last one is taken back.
  await page.click('#results-title');
  await page.press('a', 'a', 'r', 'a', 'a', 'z');
  assert.match(await text('#counts'), /2 accepted, 1 rejected/);

  await page.click('#only-accepted');
  await page.click('[data-format=geojson]');
  const saved = await new Promise((resolve, reject) => {
    const end = Date.now() + 20_000;
    const look = () => {
      const name = readdirSync(page.downloads).find((f) => f.endsWith('.geojson'));
      if (name && !existsSync(join(page.downloads, `${name}.part`))) {
        try {
          return resolve(JSON.parse(readFileSync(join(page.downloads, name), 'utf8')));
        } catch { /* still being written */ }
      }
      if (Date.now() > end) return reject(new Error(`${page.downloads}: expected a .geojson, found ${readdirSync(page.downloads).join(', ') || 'nothing'}`));
      setTimeout(look, 100);
    };
    look();
  });
  assert.equal(saved.features.length, 2);
  assert.equal(saved.features[0].properties.class, 'building');
});
