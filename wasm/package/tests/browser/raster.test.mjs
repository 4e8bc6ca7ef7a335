import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { brightItem, brightModel } from './bright_model.mjs';
import { executable, launch } from './chromium.mjs';
import { geotiff } from './geotiff.mjs';
import { open, site } from './pages.mjs';
import { strict } from './server.mjs';

const skip = executable ? false : 'no Chromium on this machine (apt: chromium)';
const fair = process.env.FAIR;
const size = 0.29858214173896974;
const [west, north] = [10000, 20000];
const bright = (x, y) => (x % 90 < 30 && y % 70 < 24 ? [235, 230, 225] : [40, 60, 45]);
const mercator = { epsg: 3857, west, north, size };
const plain = { width: 700, height: 600, pixel: bright, ground: mercator };
const files = {
  'mercator.tif': plain,
  'degrees.tif': { ...plain, ground: { epsg: 4326, west: 0.09, north: 0.18, size: 2.6822e-6 } },
  'utm.tif': { ...plain, ground: { epsg: 32631, west: 400000, north: 20000, size: 0.3 } },
  'unnamed.tif': { ...plain, ground: { projection: { lon: 3, scale: 0.9996, east: 500000 }, west: 400000, north: 20000, size: 0.3 } },
  // The overviews show other things than the file itself, so that it is seen what was read: buildings in their west half only.
  'levels.tif': { ...plain, width: 1400, height: 1200, ground: { ...mercator, size: size / 2 }, overviews: [2, 4], pixel: (x, y, factor) => (factor === 1 || x < 700 ? bright(x / 2, y / 2) : [40, 60, 45]) },
  'alpha.tif': { ...plain, bands: 4, alpha: true, pixel: (x, y) => [...bright(x, y), x < 350 ? 255 : 0] },
  'nodata.tif': { ...plain, nodata: '0', pixel: (x, y) => (x < 350 ? bright(x, y) : [0, 0, 0]) },
  'wide.tif': { ...plain, bits: 16, pixel: (x, y) => bright(x, y).map((v) => 256 * v) },
  'nowhere.tif': { ...plain, ground: null },
  'far.tif': { ...plain, ground: { ...mercator, west: 5e6 } },
};
let browser;
let server;
let page;
before(async () => {
  if (skip) return;
  browser = await launch();
  server = await site(strict);
  const drawn = new Map();
  server.state.answers.unshift((path, request, response) => {
    const name = path.slice('/raster/'.length);
    if (!path.startsWith('/raster/')) return false;
    if (name === 'text.tif') { response.end('no raster at all'); return true; }
    if (!files[name]) return false;
    if (!drawn.has(name)) drawn.set(name, geotiff(files[name]));
    const bytes = drawn.get(name);
    const range = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '');
    if (!range) { response.writeHead(200).end(bytes); return true; }
    const [from, to] = [Number(range[1]), Math.min(Number(range[2]), bytes.length - 1)];
    response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${bytes.length}`, 'content-length': to - from + 1 }).end(bytes.subarray(from, to + 1));
    return true;
  });
  page = await open(browser, `${server.url}/`);
});
after(async () => { await browser?.close(); await server?.close(); });

/** Predicts on a raster: fetched and given as a file, or by its address. */
const predict = (name, { by = 'file', ...more } = {}) =>
  page.evaluate(async ({ name, by, more }) => {
    window.predictor ??= await window.fair.createPredictor({ backend: 'wasm' });
    const address = /^https?:/.test(name) ? name : `/raster/${name}`;
    const raster = by === 'file' ? new File([await (await fetch(address)).blob()], name) : address;
    return window.predictor.predict({ ...(more.item ? {} : { itemUrl: '/item.json' }), raster, ...more }).then(
      (done) => ({ features: done.features, text: done.text(), report: done.report }), (e) => ({ error: `${e.name} ${e.message}` }));
  }, { name, by, more });
const lon = (x) => (x / 6378137) * (180 / Math.PI);
const corners = (feature) => feature.geometry.coordinates.flat(feature.geometry.type === 'Polygon' ? 1 : 2);

test('a GeoTIFF is predicted, as a file and by its address, on a page with a strict policy', { skip }, async () => {
  const file = await predict('mercator.tif');
  assert.equal(file.error, undefined);
  // 8 columns and 9 rows of buildings, whole or cut at the edge.
  assert.ok(file.features.length > 60 && file.features.length <= 72, `${file.features.length} buildings`);
  const xs = file.features.flatMap(corners).map(([x]) => x);
  assert.ok(Math.min(...xs) >= lon(west) - 1e-5 && Math.max(...xs) <= lon(west + 700 * size) + 1e-5, 'they lie where the file does');
  assert.equal(file.report.tiles, 4);
  const remote = await predict('mercator.tif', { by: 'address' });
  assert.equal(remote.error, undefined);
  assert.equal(remote.text, file.text, 'read by ranges it is the same');
});

test('degrees are read as they are, other projections warped, with an EPSG code and without', { skip }, async () => {
  const texts = {};
  for (const name of ['degrees.tif', 'utm.tif', 'unnamed.tif']) {
    const { error, features, text } = await predict(name);
    assert.equal(error, undefined);
    assert.ok(features.length > 50, `${name}: ${features.length} buildings`);
    texts[name] = text;
  }
  assert.equal(texts['unnamed.tif'], texts['utm.tif'], 'one projection, with its code and spelt out');
});

test('pixels without a value give no features', { skip }, async () => {
  for (const name of ['alpha.tif', 'nodata.tif']) {
    const { error, features } = await predict(name);
    assert.equal(error, undefined);
    assert.ok(features.length >= 27, `${name}: ${features.length} buildings`);
    const east = Math.max(...features.flatMap(corners).map(([x]) => x));
    assert.ok(east <= lon(west + 351 * size), `${name}: nothing east of the middle`);
  }
});

/** The model's item, made for imagery of so many metres a pixel. */
const itemOf = (gsd) => {
  const item = brightItem(`${server.url}/model.onnx`);
  item.properties.gsd = gsd;
  return item;
};

test('of a finer raster the overview is read that the model was made for', { skip }, async () => {
  const fine = await predict('levels.tif');
  assert.equal(fine.error, undefined);
  assert.equal(fine.report.tiles, 9, 'the item says no resolution: the file itself is read');
  const halved = await predict('levels.tif', { item: itemOf(size) });
  assert.equal(halved.error, undefined);
  assert.equal(halved.report.tiles, 4, 'the first overview');
  const east = (features) => Math.max(...features.flatMap(corners).map(([x]) => x));
  assert.ok(halved.features.length > 25 && halved.features.length < fine.features.length);
  assert.ok(east(fine.features) > lon(west + 600 * size), 'buildings everywhere in the file');
  assert.ok(east(halved.features) < lon(west + 360 * size), 'in the west half of its overviews');
  const quartered = await predict('levels.tif', { item: itemOf(2 * size) });
  assert.equal(quartered.report.tiles, 1, 'the second overview');
  const between = await predict('levels.tif', { item: itemOf(1.5 * size) });
  assert.equal(between.report.tiles, 4, 'never one that is coarser than the model wants');
});

test('an area restricts what is read', { skip }, async () => {
  const [s, n] = [lon(north - 100 * size), lon(north)];
  const { error, features, report } = await predict('mercator.tif', { bbox: [lon(west), s, lon(west + 100 * size), n] });
  assert.equal(error, undefined);
  assert.ok(features.length > 0);
  assert.ok(report.bytes <= 512 * 512 * 4, 'only the block that the area meets is read');
});

test('rasters that cannot be read say why and what to do', { skip }, async () => {
  const other = await site();
  const expected = {
    'text.tif': /text\.tif: expected a raster that GDAL reads/,
    'nowhere.tif': /nowhere\.tif: expected a georeference, found none; set one/,
    'wide.tif': /wide\.tif: expected 8 bits a band, found UInt16; convert it with gdal_translate -ot Byte -scale/,
  };
  const failures = [];
  for (const [name, pattern] of Object.entries(expected)) {
    const { error = 'none' } = await predict(name);
    if (!error.startsWith('FairError') || !pattern.test(error)) failures.push(`${name}: ${error}`);
  }
  for (const [name, more, pattern] of [
    ['nothing.tif', { by: 'address' }, /nothing\.tif: expected a raster file, found HTTP status 404/],
    ['far.tif', { bbox: [1, 1, 2, 2] }, /area: expected a place the raster covers/],
  ]) {
    const { error = 'none' } = await predict(name, more);
    if (!pattern.test(error)) failures.push(`${name}: ${error}`);
  }
  const open_page = await (async () => { const s = await site(); const p = await open(browser, `${s.url}/`); return { s, p }; })();
  const cors = await open_page.p.evaluate(async (url) => {
    const predictor = await window.fair.createPredictor({ backend: 'wasm' });
    return predictor.predict({ itemUrl: '/item.json', raster: url }).then(() => 'none', (e) => e.message);
  }, `${other.url}/model.onnx`);
  if (!/does not allow it \(CORS\)/.test(cors)) failures.push(`CORS: ${cors}`);
  await open_page.p.close();
  await open_page.s.close();
  await other.close();
  assert.deepEqual(failures, []);
  assert.ok((await predict('mercator.tif')).features.length > 60, 'the predictor goes on after all of it');
});

test('native fair predict and the browser agree byte for byte', { skip: skip || (fair ? false : 'FAIR is not set') }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fair-raster-'));
  try {
    const model = brightModel();
    writeFileSync(join(folder, 'model.onnx'), model);
    const item = brightItem('model.onnx', model);
    writeFileSync(join(folder, 'item.json'), JSON.stringify(item));
    for (const name of ['mercator.tif', 'degrees.tif', 'alpha.tif', 'nodata.tif', 'utm.tif', 'unnamed.tif']) {
      writeFileSync(join(folder, name), geotiff(files[name]));
      const out = join(folder, `${name}.geojson`);
      execFileSync(fair, ['predict', '--model', join(folder, 'item.json'), '--images', join(folder, name), '--out', out], { cwd: folder, timeout: 60_000, stdio: 'pipe' });
      const { text } = await predict(name);
      assert.equal(text, readFileSync(out, 'utf8'), name);
    }
    writeFileSync(join(folder, 'levels.tif'), geotiff(files['levels.tif']));
    writeFileSync(join(folder, 'coarse.json'), JSON.stringify({ ...itemOf(size), assets: item.assets }));
    const out = join(folder, 'levels.geojson');
    execFileSync(fair, ['predict', '--model', join(folder, 'coarse.json'), '--images', join(folder, 'levels.tif'), '--out', out], { cwd: folder, timeout: 60_000, stdio: 'pipe' });
    assert.equal((await predict('levels.tif', { item: itemOf(size) })).text, readFileSync(out, 'utf8'), 'an overview');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('features become FlatGeobuf and GeoPackage', { skip }, async () => {
  const { text, features } = await predict('mercator.tif');
  const convert = async (format) => Buffer.from(await page.evaluate(async ({ text, format }) => {
    const blob = await window.fair.convertFeatures(JSON.parse(text), format);
    return [...new Uint8Array(await blob.arrayBuffer())];
  }, { text, format }));
  assert.deepEqual([...(await convert('FlatGeobuf')).subarray(0, 7)], [0x66, 0x67, 0x62, 3, 0x66, 0x67, 0x62]);
  const pack = (await convert('GPKG')).toString('latin1');
  assert.ok(pack.startsWith('SQLite format 3\0') && pack.slice(68, 72) === 'GPKG');
  // Every feature is in it, by its id, with a geometry: "GP", a version, flags, EPSG:4326.
  assert.deepEqual(features.filter((feature) => !pack.includes(String(feature.id))), []);
  assert.ok(pack.match(/GP\0[\x01-\x3f]\xe6\x10\0\0/g).length >= features.length);
  const refused = await page.evaluate(() => window.fair.convertFeatures({ type: 'FeatureCollection', features: [] }, 'GPKG').then(() => 'none', (e) => e.message));
  assert.match(refused, /at least one feature/);
});
