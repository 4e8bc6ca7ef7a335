// A GeoTIFF of one's own in the built page: chosen, dropped, predicted, saved for other programs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { brightItem } from '../../../wasm/package/tests/browser/bright_model.mjs';
import { executable, launch } from '../../../wasm/package/tests/browser/chromium.mjs';
import { geotiff } from '../../../wasm/package/tests/browser/geotiff.mjs';
import { site } from '../../../wasm/package/tests/browser/pages.mjs';
import { isolated } from '../../../wasm/package/tests/browser/server.mjs';

const skip = executable ? false : 'no Chromium on this machine (apt: chromium)';
let browser;
let server;
before(async () => {
  if (skip) return;
  browser = await launch();
  server = await site(isolated);
  const dist = new URL('../../dist/', import.meta.url).pathname;
  server.state.folders['/'] = dist;
  const documents = {
    '/catalog/catalog.json': { type: 'Catalog', id: 'test', links: [{ rel: 'item', href: './bright.json' }, { rel: 'child', href: './base-models/collection.json' }] },
    '/catalog/base-models/collection.json': { type: 'Collection', id: 'base-models', links: [{ rel: 'item', href: './bright.json' }] },
    '/catalog/base-models/bright.json': brightItem(`${server.url}/model.onnx`, server.model),
  };
  server.state.answers.unshift((path, _request, response) => {
    if (path === '/') response.writeHead(200, { 'content-type': 'text/html' }).end(readFileSync(`${dist}index.html`));
    else if (documents[path]) response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(documents[path]));
    else return false;
    return true;
  });
});
after(async () => { await browser?.close(); await server?.close(); });

test('choose or drop a GeoTIFF, predict, save as FlatGeobuf and GeoPackage', { skip }, async () => {
  const buffer = geotiff({
    width: 600, height: 600, ground: { epsg: 3857, west: 10000, north: 20000, size: 0.3 },
    pixel: (x, y) => (x % 90 < 30 && y % 70 < 24 ? [235, 230, 225] : [40, 60, 45]),
  });
  const page = await browser.newPage({ viewport: { width: 1300, height: 840 }, acceptDownloads: true });
  page.setDefaultTimeout(60_000);
  await page.goto(`${server.url}/?backend=wasm`);
  await page.waitForSelector('.model input:checked', { state: 'attached' });
  assert.ok(await page.isDisabled('#run'), 'nothing to predict on yet');
  await page.setInputFiles('#raster', { name: 'mine.tif', mimeType: 'image/tiff', buffer });
  assert.match(await page.textContent('#imagery-note'), /mine\.tif, 1\.1 MB, read here/);
  assert.match(await page.textContent('#area-note'), /All of mine\.tif/);
  await page.click('#run');
  await page.waitForFunction(() => document.querySelector('#run').textContent === 'Predict' && document.querySelector('#report').textContent.includes('Ran on'));
  assert.equal(await page.textContent('#message'), '');
  const found = Number(await page.textContent('#counts b'));
  assert.ok(found > 40, `${found} buildings`);
  for (const [format, file, begin] of [['FlatGeobuf', 'bright.fgb', 'fgb'], ['GPKG', 'bright.gpkg', 'SQLite format 3']]) {
    const [download] = await Promise.all([page.waitForEvent('download'), page.click(`#exports [data-format=${format}]`)]);
    assert.equal(download.suggestedFilename(), file);
    assert.equal(readFileSync(await download.path()).subarray(0, begin.length).toString('latin1'), begin);
  }
  await page.evaluate(() => {
    const files = new DataTransfer();
    files.items.add(new File(['no raster at all'], 'dropped.tif'));
    window.dispatchEvent(new DragEvent('drop', { dataTransfer: files }));
  });
  assert.match(await page.textContent('#imagery-note'), /dropped\.tif/);
  await page.click('#run');
  await page.waitForFunction(() => document.querySelector('#message').textContent.includes('dropped.tif: expected a raster'));
  await page.close();
});
