// A browser that draws no maps is told so, rather than shown a page that does nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { executable, launch } from '../../../wasm/package/tests/browser/chromium.mjs';
import { serve } from '../../../wasm/package/tests/browser/server.mjs';

const skip = executable ? false : 'no Chromium on this machine (apt: chromium)';

test('without WebGL the page says what is missing', { skip, timeout: 60_000 }, async () => {
  const server = await serve({ folders: { '/': new URL('../../dist/', import.meta.url).pathname } });
  const browser = await launch(['--disable-3d-apis']);
  try {
    const page = await browser.newPage();
    await page.goto(`${server.url}/index.html`);
    await page.waitForFunction(() => document.querySelector('#message').textContent !== '');
    assert.match(await page.textContent('#message'), /needs WebGL 2.*hardware acceleration/);
  } finally {
    await browser.close();
    await server.close();
  }
});
