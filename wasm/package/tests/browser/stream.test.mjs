// An area of 10,000 tiles, features not kept: what page, worker and core hold does not grow with its length.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { executable, launch } from './chromium.mjs';
import { box, open, site, zoom } from './pages.mjs';
import { isolated } from './server.mjs';

const skip = executable ? false : 'no Chromium on this machine (apt: chromium)';

test('memory after 10,000 tiles is that after 1,000', { skip, timeout: 280_000 }, async () => {
  const server = await site(isolated);
  const browser = await launch(['--enable-blink-features=ForceEagerMeasureMemory']);
  try {
    const page = await open(browser, server.url + '/');
    const predict = (bbox) =>
      page.evaluate(async ({ bbox, zoom }) => {
        window.predictor ??= await window.fair.createPredictor({ backend: 'wasm', testing: { stubSession: true } });
        let streamed = 0;
        window.tilesDone = 0;
        const { report, features } = await window.predictor.predict({
          itemUrl: '/item.json', imageUri: '/tiles/{z}/{x}/{y}.png', bbox, zoom, collect: false, connections: 2,
          onFeatures: (some) => (streamed += some.length), onProgress: (p) => (window.tilesDone = p.tilesDone),
        });
        return { streamed, kept: features.length, tiles: report.tiles, memory: report.coreMemory };
      }, { bbox, zoom });
    /** Bytes that JavaScript holds in page and worker, what is no longer used collected first: the least of some measurements from so many tiles on,
     * since tiles on their way (256 KiB each) come and go. */
    const held = async (tiles) => {
      let least = Infinity;
      for (let i = 0; i < 8; ++i) {
        while (((await page.evaluate(() => window.tilesDone)) ?? 0) < tiles + 20 * i) await new Promise((resolve) => setTimeout(resolve, 20));
        const { bytes, breakdown } = await page.evaluate(() => performance.measureUserAgentSpecificMemory());
        assert.ok(breakdown.some((part) => part.bytes > 0 && part.attribution.some((at) => at.scope === 'DedicatedWorkerGlobalScope')), 'the worker is counted');
        least = Math.min(least, bytes);
      }
      return least;
    };
    const small = await predict(box(100, 10));
    const [large, early, late] = await Promise.all([predict(box(1000, 10)), held(1000), held(9600)]);
    assert.equal(small.tiles, 1000);
    assert.equal(large.tiles, 10_000);
    assert.equal(large.kept, 0);
    assert.ok(large.streamed > 9 * small.streamed, `${large.streamed} features, ${small.streamed} in a tenth of the area`);
    assert.ok(small.memory > 0 && large.memory <= 1.1 * small.memory, `core: ${large.memory} bytes after 10,000 tiles, ${small.memory} after 1,000`);
    assert.ok(late <= 1.1 * early, `JavaScript: ${late} bytes after 9,600 tiles, ${early} after 1,000`);
  } finally {
    await browser.close();
    await server.close();
  }
});
