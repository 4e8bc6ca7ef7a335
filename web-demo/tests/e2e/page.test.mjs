// The page as a person uses it, in Chromium: pick, predict, cancel, review, export, and once more without a network.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { brightItem } from '../../../wasm/package/tests/browser/bright_model.mjs';
import { executable, launch } from '../../../wasm/package/tests/browser/chromium.mjs';
import { box, site, zoom } from '../../../wasm/package/tests/browser/pages.mjs';
import { isolated } from '../../../wasm/package/tests/browser/server.mjs';

const skip = executable ? false : 'no Chromium on this machine (apt: chromium)';
const [w, s, e, n] = box(3, 3);
const at = `${(w + e) / 2},${(s + n) / 2}`;
let browser;
let server;
before(async () => {
  if (skip) return;
  browser = await launch();
  server = await site(isolated);
  // The page takes the test page's place, and gets a catalogue with one model.
  const dist = new URL('../../dist/', import.meta.url).pathname;
  server.state.folders['/'] = dist;
  const json = (body) => (response) => { response.writeHead(200, { 'content-type': 'application/json' }); response.end(JSON.stringify(body)); };
  const documents = {
    '/catalog/catalog.json': json({ type: 'Catalog', id: 'test', links: [{ rel: 'child', href: './base-models/collection.json' }] }),
    '/catalog/base-models/collection.json': json({ type: 'Collection', id: 'base-models', links: [{ rel: 'item', href: './bright/bright.json' }] }),
    '/catalog/base-models/bright/bright.json': json(brightItem(`${server.url}/model.onnx`, server.model)),
    '/': (response) => { response.writeHead(200, { 'content-type': 'text/html' }); response.end(readFileSync(dist + 'index.html')); },
  };
  server.state.answers.unshift((path, _request, response) => documents[path] && (documents[path](response), true));
});
after(async () => { await browser?.close(); await server?.close(); });

test('pick, predict, cancel, review, export, and again offline', { skip }, async () => {
  const context = await browser.newContext({ viewport: { width: 1300, height: 840 }, acceptDownloads: true });
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  const faults = [];
  page.on('pageerror', (error) => faults.push(error.message));
  await page.goto(`${server.url}/?imagery=tiles/{z}/{x}/{y}.png&zoom=${zoom}&at=${at}`);
  await page.waitForSelector('.model input:checked', { state: 'attached' });
  assert.match(await page.textContent('.model'), /What is bright/);
  assert.match(await page.textContent('#area-note'), /5 × 5 tiles/);
  await page.click('#params-card summary');
  assert.equal(await page.inputValue('#confidence_threshold'), '0.5');

  // A large area, cancelled.
  await page.fill('#grid', '40');
  await page.click('#run');
  await page.waitForFunction(() => document.querySelector('#progress-text').textContent.includes('tiles'));
  await page.click('#run');
  await page.waitForFunction(() => document.querySelector('#message').textContent.startsWith('Cancelled'));

  await page.fill('#grid', '3');
  await page.click('#run');
  await page.waitForFunction(() => document.querySelector('#run').textContent === 'Predict' && document.querySelector('#report').textContent.includes('Ran on'));
  const found = Number((await page.textContent('#counts b')).replace(/\D/g, ''));
  assert.ok(found > 30, `${found} buildings`);
  assert.equal(await page.textContent('#message'), '');

  // Review by keyboard: the first key picks, then each verdict moves on; undo takes one back.
  await page.locator('#results-title').click();
  for (const key of ['a', 'a', 'a', 'r', 'z']) await page.keyboard.press(key);
  assert.match(await page.textContent('#counts'), /2 accepted, 0 rejected/);

  await page.check('#only-accepted');
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('[data-format=geojson]')]);
  const saved = JSON.parse(readFileSync(await download.path(), 'utf8'));
  assert.equal(saved.features.length, 2);
  assert.equal(saved.features[0].properties.class, 'building');

  // The slider filters without another run.
  const before = server.state.requests.length;
  await page.locator('#confidence').fill('100');
  assert.match(await page.textContent('#counts'), / of /);
  await page.locator('#confidence').fill('0');
  for (const view of ['points', 'counts', 'polygons']) await page.check(`input[name=view][value=${view}]`, { force: true });
  assert.ok(server.state.requests.slice(before).every((r) => !r.endsWith('.onnx')));

  // Without the network: the page, the model and the imagery seen come from what was kept.
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await page.reload();
  await page.waitForSelector('.model input:checked', { state: 'attached' });
  await page.fill('#grid', '3');
  await page.click('#run');
  await page.waitForFunction(() => document.querySelector('#report').textContent.includes('Ran on'));
  await context.setOffline(true);
  server.state.answers.unshift((_path, _request, response) => { response.destroy(); return true; });
  await page.reload();
  await page.waitForSelector('.model input:checked', { state: 'attached' });
  await page.fill('#grid', '3');
  await page.click('#run');
  await page.waitForFunction(() => document.querySelector('#report').textContent.includes('Ran on') || document.querySelector('#message').textContent !== '');
  assert.equal(await page.textContent('#message'), '');
  assert.match(await page.textContent('#report'), /from the cache/);
  assert.deepEqual(faults, []);
  await context.close();
});
