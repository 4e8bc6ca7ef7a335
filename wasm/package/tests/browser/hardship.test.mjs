// What can happen to a page at work: no storage left, no time for its worker. Predictions go on. (A hidden tab: firefox.test.mjs, since what drives
// Chromium makes every tab believe that it is looked at.)
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { executable, launch } from './chromium.mjs';
import { box, open, site, zoom } from './pages.mjs';

const skip = executable ? false : 'no Chromium on this machine (apt: chromium)';
const imageUri = '/tiles/{z}/{x}/{y}.png';
let browser;
let server;
before(async () => {
  if (skip) return;
  browser = await launch();
  server = await site();
});
after(async () => { await browser?.close(); await server?.close(); });

test('no storage left: the prediction goes on without a cache and says so', { skip }, async () => {
  const page = await open(browser, `${server.url}/`);
  const devtools = await page.context().newCDPSession(page);
  const predict = () => page.evaluate(async ({ bbox, zoom, imageUri }) => {
    const predictor = await window.fair.createPredictor({ backend: 'wasm', cache: 'quota' });
    const { report, features } = await predictor.predict({ itemUrl: '/item.json', imageUri, bbox, zoom });
    predictor.close();
    return { features: features.length, warnings: report.warnings, fromCache: report.model.fromCache };
  }, { bbox: box(1, 1), zoom, imageUri });
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: server.url, quotaSize: 1 });
  for (let visit = 0; visit < 2; ++visit) {
    const full = await predict();
    assert.ok(full.features > 3);
    assert.equal(full.fromCache, false);
    assert.match(full.warnings.join('\n'), /could not be kept for the next visit: the browser gives no more storage/);
  }
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: server.url });
  assert.deepEqual((await predict()).warnings, []);
  assert.equal((await predict()).fromCache, true, 'with room again it is kept');
  await page.close();
});

test('a page too busy to listen goes on when it has time, and no plugin is taken for hung', { skip }, async () => {
  const page = await open(browser, `${server.url}/`);
  const pluginTimeout = 400;
  const result = await page.evaluate(async ({ bbox, zoom, imageUri, pluginTimeout }) => {
    const predictor = await window.fair.createPredictor({ backend: 'wasm', testing: { stubSession: true }, pluginTimeout });
    let stops = 0;
    const { features, report } = await predictor.predict({
      itemUrl: '/item.json', imageUri, bbox, zoom, connections: 2,
      onProgress(p) {
        if (p.phase !== 'predict' || stops === 4) return;
        ++stops;
        for (const end = performance.now() + 3 * pluginTimeout; performance.now() < end; );
      },
    });
    predictor.close();
    return { found: features.length > 200, tiles: report.tiles, stops };
  }, { bbox: box(20, 20), zoom, imageUri, pluginTimeout });
  assert.deepEqual(result, { found: true, tiles: 400, stops: 4 });
  await page.close();
});
