// Draws public/icon.svg as the PNGs that app stores of phones want. usage: node icons.mjs
import { readFileSync } from 'node:fs';
import { launch } from '../wasm/package/tests/browser/chromium.mjs';

const icon = readFileSync(new URL('public/icon.svg', import.meta.url), 'utf8');
const browser = await launch();
for (const size of [192, 512]) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${icon}`);
  await page.screenshot({ path: new URL(`public/icon-${size}.png`, import.meta.url).pathname, omitBackground: true });
  await page.close();
}
await browser.close();
