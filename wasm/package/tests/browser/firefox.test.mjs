// Two browsers, one answer: Firefox finds what Chromium finds, byte for byte, also on a page with a strict policy.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { executable as chromium, launch as launchChromium } from './chromium.mjs';
import { executable as firefox, launch as launchFirefox } from './firefox.mjs';
import { box, open, site, zoom } from './pages.mjs';
import { strict } from './server.mjs';

const skip = !firefox ? 'no Firefox on this machine (apt: firefox-esr)' : !chromium ? 'no Chromium on this machine (apt: chromium)' : false;

const predict = async ({ bbox, zoom }) => {
  const predictor = await window.fair.createPredictor({ threads: 1 });
  const result = await predictor.predict({ itemUrl: '/item.json', imageUri: '/tiles/{z}/{x}/{y}.png', bbox, zoom });
  predictor.close();
  return { text: result.text(), count: result.features.length, provider: result.report.provider };
};

test('Firefox and Chromium write the same bytes', { skip, timeout: 240_000 }, async () => {
  const server = await site({ ...strict });
  const asked = { bbox: box(6, 5), zoom };
  const browser = await launchChromium();
  let other;
  try {
    other = await launchFirefox();
    const one = await (await open(browser, `${server.url}/`)).evaluate(predict, asked);
    await other.goto(`${server.url}/`);
    await other.until(() => window.fair !== undefined);
    const two = await other.evaluate(predict, asked);
    assert.equal(two.provider, 'wasm');
    assert.ok(two.count > 200, `${two.count} buildings`);
    assert.equal(two.text, one.text);
  } finally {
    await other?.close();
    await browser.close();
    await server.close();
  }
});

test('a tab behind another one goes on, and its progress is told', { skip, timeout: 240_000 }, async () => {
  const server = await site();
  let browser;
  try {
    browser = await launchFirefox();
    await browser.goto(`${server.url}/`);
    await browser.until(() => window.fair !== undefined);
    await browser.cover();
    await browser.until(() => document.visibilityState === 'hidden');
    const result = await browser.evaluate(async ({ bbox, zoom }) => {
      const predictor = await window.fair.createPredictor({ threads: 1, testing: { stubSession: true } });
      const told = [];
      const { features, report } = await predictor.predict({ itemUrl: '/item.json', imageUri: '/tiles/{z}/{x}/{y}.png', bbox, zoom, onProgress: (p) => told.push([document.visibilityState, p.phase]) });
      predictor.close();
      return { features: features.length, tiles: report.tiles, told };
    }, { bbox: box(15, 10), zoom });
    assert.equal(result.tiles, 150);
    assert.ok(result.features > 50);
    assert.deepEqual([...new Set(result.told.map(([state]) => state))], ['hidden']);
    assert.equal(result.told.at(-1)[1], 'done');
    assert.ok(result.told.length > 3);
  } finally {
    await browser?.close();
    await server.close();
  }
});
