import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { brightItem, brightModel } from './bright_model.mjs';
import { executable, launch } from './chromium.mjs';
import { box, open, site, zoom } from './pages.mjs';
import { isolated, strict } from './server.mjs';

const skip = executable ? false : 'no Chromium on this machine (apt: chromium)';
let browser;
before(async () => { if (!skip) browser = await launch(); });
after(async () => browser?.close());

/** Runs `body(fair, args)` in a fresh page of a fresh server. */
async function inPage(headers, args, body) {
  const server = await site(headers);
  try {
    const page = await open(browser, server.url + '/');
    const result = await page.evaluate(body, { origin: server.url, ...args });
    await page.close();
    return { result, requests: server.state.requests };
  } finally {
    await server.close();
  }
}
const tiles = '/tiles/{z}/{x}/{y}.png';

test('predicts on tiles, on a page with a strict policy, and says what ran', { skip }, async () => {
  const { result, requests } = await inPage({ ...strict }, { bbox: box(3, 2), zoom, tiles }, async ({ origin, bbox, zoom, tiles }) => {
    const predictor = await window.fair.createPredictor({ backend: 'wasm' });
    const phases = new Set();
    let streamed = 0;
    const done = await predictor.predict({ itemUrl: '/item.json', imageUri: tiles, bbox, zoom, onProgress: (p) => phases.add(p.phase), onFeatures: (f) => (streamed += f.length) });
    const again = await predictor.predict({ itemUrl: '/item.json', imageUri: `${origin}${tiles}`, bbox, zoom });
    const before = (await (await fetch('/asked')).json()).filter((path) => /_[a-z]+\.wasm$/.test(path));
    const plugins = (await predictor.plugins()).map((p) => p.name).sort();
    predictor.close();
    return { before, plugins, text: done.text(), same: done.text() === again.text(), features: done.features.length, streamed, phases: [...phases], report: done.report, first: done.features[0], cached: again.report.model.fromCache };
  });
  assert.ok(result.features > 40, `${result.features} buildings`);
  assert.equal(result.streamed, result.features);
  assert.ok(result.same, 'the same input gives the same bytes and ids');
  assert.ok(result.cached, 'the second prediction takes the model from the cache');
  assert.deepEqual(JSON.parse(result.text).features.length, result.features);
  assert.deepEqual(result.phases, ['model', 'imagery', 'predict', 'done']);
  assert.equal(result.first.properties.class, 'building');
  assert.equal(result.first.properties['segmentation mask'], 'building');
  assert.equal(result.report.provider, 'wasm');
  assert.equal(result.report.threads, 1);
  assert.equal(result.report.tiles, 6);
  assert.equal(result.report.plugin, 'unet_segmentation');
  assert.equal(new Set(requests.filter((r) => r.startsWith('/tiles/'))).size, 6);
  assert.deepEqual(result.before, ['/lib/core/unet_segmentation.wasm'], 'of the plugins only the one that runs is fetched');
  assert.deepEqual(result.plugins, ['resnet18_classification', 'unet_segmentation', 'yolo11n_detection'], 'all are there when asked for');
});

test('a model that its server, or its item, says to be the one at hand is not read again; another one under its address is', { skip }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fair-web-'));
  const write = (id) => writeFileSync(join(folder, 'own.onnx'), brightModel({ metadata: JSON.stringify({ ...brightItem('model.onnx'), id }) }));
  const server = await site();
  server.state.folders['/models/'] = folder;
  let read = 0;
  server.state.answers.unshift((path, _request, response) => {
    if (path === '/models/own.onnx') response.on('finish', () => { read += response.statusCode === 200 ? 1 : 0; });
    return false;
  });
  try {
    write('first');
    const page = await open(browser, server.url + '/');
    await page.evaluate(async () => { window.predictor = await window.fair.createPredictor({ backend: 'wasm', cache: false }); });
    const predict = (model) => page.evaluate(async ({ model, ...request }) => {
      const { report, features } = await window.predictor.predict({ ...model, ...request });
      return { id: report.model.id, sha256: report.model.sha256, bytes: report.model.bytes, fromCache: report.model.fromCache, features: features.length };
    }, { model, imageUri: tiles, bbox: box(1, 1), zoom });
    const first = await predict({ modelUrl: '/models/own.onnx' });
    const again = await predict({ modelUrl: '/models/own.onnx' });
    assert.equal(first.id, 'first');
    assert.deepEqual(again, { ...first, fromCache: true });
    assert.equal(read, 1, 'its ETag is the same');
    write('second');
    const other = await predict({ modelUrl: '/models/own.onnx' });
    assert.equal(other.id, 'second');
    assert.notEqual(other.sha256, first.sha256);
    assert.equal(other.fromCache, false);
    assert.equal(read, 2);
    // Under another address, with a checksum, without any cache: fetched, then known.
    const asked = () => server.state.requests.filter((path) => path === '/model.onnx').length;
    const declared = await predict({ itemUrl: '/item.json' });
    assert.deepEqual(await predict({ itemUrl: '/item.json' }), { ...declared, fromCache: true });
    assert.equal(asked(), 1);
    assert.equal((await predict({ modelUrl: '/models/own.onnx' })).id, 'second', 'the one before is opened anew');
    // Described by an item, then again by itself.
    assert.equal((await predict({ itemUrl: '/item.json', modelUrl: '/models/own.onnx' })).id, 'bright');
    assert.equal((await predict({ modelUrl: '/models/own.onnx' })).id, 'second');
    await predict({ itemUrl: '/item.json' });
    assert.equal((await predict({ itemUrl: '/item.json', modelUrl: '/models/own.onnx' })).id, 'bright');
    assert.equal((await predict({ modelUrl: '/models/own.onnx' })).id, 'second', 'not what an item said of it');
  } finally {
    await server.close();
    rmSync(folder, { recursive: true });
  }
});

test('threads run where the page is isolated, and where it is not the report says why not', { skip }, async () => {
  for (const [headers, threads] of [[isolated, 2], [{}, 1]]) {
    const { result } = await inPage(headers, { bbox: box(1, 1), zoom, tiles }, async ({ bbox, zoom, tiles }) => {
      const predictor = await window.fair.createPredictor({ backend: 'wasm', threads: 2 });
      const { report } = await predictor.predict({ itemUrl: '/item.json', imageUri: tiles, bbox, zoom });
      predictor.close();
      return report;
    });
    assert.equal(result.threads, threads);
    assert.equal(result.crossOriginIsolated, threads === 2);
    if (threads === 1) assert.match(result.fallbacks.join(), /not cross-origin isolated: one is used/);
  }
});

test('an accelerated provider that is missing or wrong is fallen back from, with the reason', { skip }, async () => {
  const { result } = await inPage({}, { bbox: box(1, 1), zoom, tiles }, async ({ bbox, zoom, tiles }) => {
    const out = [];
    for (const testing of [{}, { pretendAdapter: true, spoilAccelerated: true }]) {
      const predictor = await window.fair.createPredictor({ backend: 'webgpu', testing });
      const { report, features } = await predictor.predict({ itemUrl: '/item.json', imageUri: tiles, bbox, zoom });
      out.push({ provider: report.provider, fallbacks: report.fallbacks, features: features.length });
      predictor.close();
    }
    return out;
  });
  for (const { provider, fallbacks, features } of result) {
    assert.equal(provider, 'wasm');
    assert.match(fallbacks.join(' '), /WebGPU.*CPU is used/);
    assert.ok(features > 0);
  }
});

test('a stop ends it: no tile is fetched and no batch run after it, and what was found is kept', { skip }, async () => {
  const server = await site();
  const page = await open(browser, server.url + '/');
  const result = await page.evaluate(async ({ bbox, zoom, tiles }) => {
    const predictor = await window.fair.createPredictor({ backend: 'wasm', testing: { stubSession: true } });
    const abort = new AbortController();
    let windows = 0;
    const error = await predictor.predict({
      itemUrl: '/item.json', imageUri: tiles, bbox, zoom, signal: abort.signal, connections: 4,
      onProgress: (p) => { windows = p.windowsDone; if (p.windowsDone > 40) abort.abort(); },
    }).then(() => null, (e) => ({ name: e.name, partial: e.partial?.features?.length, code: e.code }));
    await fetch('/mark');
    await new Promise((r) => setTimeout(r, 500));
    const before = await predictor.predict({ itemUrl: '/item.json', imageUri: tiles, bbox: [bbox[0], bbox[3] - 0.0004, bbox[0] + 0.0004, bbox[3]], zoom });
    predictor.close();
    return { error, windows, after: before.features.length };
  }, { bbox: box(30, 30), zoom, tiles });
  const requests = server.state.requests;
  const mark = requests.indexOf('/mark');
  const late = requests.slice(mark + 1).filter((r) => r.startsWith('/tiles/'));
  await page.close();
  await server.close();
  assert.equal(result.error?.name, 'AbortError');
  assert.ok(result.error.partial > 0, 'the features found until then come with the error');
  assert.ok(late.length <= 4, `only the small prediction after it fetched tiles: ${late.length}`);
  assert.ok(requests.filter((r) => r.startsWith('/tiles/')).length < 900);
  assert.ok(result.after > 0, 'the predictor goes on');
});

test('batches that wait are not run when they are dropped, and the session goes on', { skip }, async () => {
  const { result } = await inPage({}, {}, async () => {
    const worker = new Worker('/lib/worker/session_worker.js', { type: 'module' });
    let next = 1;
    const ask = (question) => new Promise((resolve) => {
      const id = next++;
      worker.addEventListener('message', ({ data }) => { if (data.id === id) resolve(data.error ? data.error.code : data.result); });
      worker.postMessage({ id, ...question });
    });
    const dims = [1, 3, 256, 256];
    const run = (windows) => ask({ call: 'run', data: new Float32Array(windows * 3 * 256 * 256), dims: [windows, ...dims.slice(1)] });
    await ask({ call: 'start', settings: { backend: 'wasm', threads: 1, folder: undefined, cache: null, hooks: {} } });
    const bytes = new Uint8Array(await (await fetch('/model.onnx')).arrayBuffer());
    const { input } = await ask({ call: 'open', bytes, thing: 'model' });
    await ask({ call: 'warmUp', dims });
    // The first takes long enough for the rest to be said; it may have begun.
    const waiting = [run(48), run(1), run(1)];
    await ask({ call: 'drop' });
    const [, ...dropped] = await Promise.all(waiting);
    const after = await run(1);
    worker.terminate();
    return { input: input.name, dropped, after: after.outputs[0].dims, ran: after.facts.provider };
  });
  assert.deepEqual(result, { input: 'image', dropped: ['cancelled', 'cancelled'], after: [1, 2, 256, 256], ran: 'wasm' });
});

test('every bad input ends in an error that names the thing', { skip }, async () => {
  const other = await site();
  other.state.answers.unshift((path, request, response) => {
    if (!path.startsWith('/html/') && !path.startsWith('/closed/')) return false;
    response.writeHead(path.startsWith('/html/') ? 200 : 403, { 'content-type': 'text/html', ...(path.startsWith('/html/') ? { 'access-control-allow-origin': '*' } : {}) });
    response.end('<!doctype html><p>log in first');
    return true;
  });
  const broken = brightItem('/nothing.onnx');
  const bare = brightItem('x');
  delete bare.assets.model;
  const server = await site();
  server.state.answers.unshift((path, _q, response) => {
    const models = { '/broken.onnx': brightModel().subarray(0, 100), '/unknown.onnx': brightModel({ op: 'Frobnicate' }), '/plain.onnx': brightModel() };
    if (!models[path]) return false;
    response.writeHead(200).end(models[path]);
    return true;
  });
  const page = await open(browser, server.url + '/');
  const cases = {
    'broken model': [{ item: brightItem('/broken.onnx') }, /broken\.onnx: expected a complete ONNX model/],
    'unknown operator': [{ item: brightItem('/unknown.onnx') }, /Frobnicate/],
    'model that is not there': [{ item: broken }, /nothing\.onnx: expected a file, found HTTP status 404/],
    'item without a model': [{ item: bare }, /expected an asset with an ONNX model/],
    'no description': [{ itemUrl: undefined, modelUrl: '/plain.onnx' }, /carries its own description/],
    'no model': [{ itemUrl: undefined }, /item, itemUrl or modelUrl/],
    'item that is no item': [{ item: { hello: 1 } }, /item/],
    'zoom outside': [{ zoom: 40 }, /zoom: expected/],
    'empty area': [{ bbox: [1, 1, 1, 1] }, /bbox: expected an area/],
    'metres': [{ bbox: [500000, 1, 500001, 2] }, /degrees/],
    'too large': [{ bbox: [0, 0, 5, 5] }, /at most 10000 tiles/],
    'no imagery': [{ imageUri: undefined }, /imageUri or raster/],
    'bad template': [{ imageUri: '/tiles/{z}/{x}.png' }, /\{y\}|y/],
    'pages instead of tiles': [{ imageUri: `${other.url}/html/{z}/{x}/{y}` }, /expected a PNG, JPEG or WebP image, found an HTML/],
    'tiles of another size': [{ tileSize: 512 }, /expected a tile of 512 pixels a side, found 256 x 256/],
    'CORS': [{ imageUri: `${other.url}/tiles/{z}/{x}/{y}.png` }, /does not allow it \(CORS\); ask the imagery's owner/],
    'bad parameter': [{ params: { confidence_threshold: 7 } }, /confidence_threshold.*from 0 to 1, found 7/],
    'unknown parameter': [{ params: { confidense: 0.5 } }, /confidense/],
  };
  const failures = [];
  for (const [name, [change, expected]] of Object.entries(cases)) {
    const said = await page.evaluate(async ({ change, bbox, zoom, tiles, dropped }) => {
      window.predictor ??= await window.fair.createPredictor({ backend: 'wasm' });
      const request = { itemUrl: '/item.json', imageUri: tiles, bbox, zoom, ...change };
      for (const key of dropped) delete request[key];
      if (change.item) delete request.itemUrl;
      return window.predictor.predict(request).then((r) => `no error, ${r.features.length} features`, (e) => `${e.name} ${e.message}`);
    }, { change, bbox: box(1, 1), zoom, tiles, dropped: Object.keys(change).filter((k) => change[k] === undefined) });
    if (!said.startsWith('FairError') || !expected.test(said)) failures.push(`${name}: ${said}`);
  }
  const alive = await page.evaluate(async ({ bbox, zoom, tiles }) => (await window.predictor.predict({ itemUrl: '/item.json', imageUri: tiles, bbox, zoom })).features.length, { bbox: box(1, 1), zoom, tiles });
  await page.close();
  await server.close();
  await other.close();
  assert.deepEqual(failures, []);
  assert.ok(alive > 0, 'the predictor goes on after all of it');
});

test('features are cut at the area when asked', { skip }, async () => {
  const [west, south, east, north] = box(3, 2);
  const middle = [(west + east) / 2, (south + north) / 2];
  const triangle = { type: 'Polygon', coordinates: [[[west, south], [east, south], [east, north], [west, south]]] };
  const { result } = await inPage({}, { bbox: [west, south, ...middle], triangle, zoom, tiles }, async ({ bbox, triangle, zoom, tiles }) => {
    const predictor = await window.fair.createPredictor({ backend: 'wasm', testing: { stubSession: true } });
    const run = async (area) => (await predictor.predict({ itemUrl: '/item.json', imageUri: tiles, zoom, params: { orthogonalize: false, tolerance: 0 }, ...area })).features;
    const out = { whole: await run({ bbox }), cut: await run({ bbox, clip: true }), all: await run({ geometry: triangle }), half: await run({ geometry: triangle, clip: true }) };
    predictor.close();
    return out;
  });
  const points = (features) => features.flatMap((f) => (f.geometry.type === 'Polygon' ? [f.geometry.coordinates] : f.geometry.coordinates).flat(2));
  const pixel = 360 / 2 ** zoom / 256;
  const beyond = (features) => points(features).filter(([x, y]) => x > middle[0] + pixel || y > middle[1] + pixel).length;
  assert.ok(beyond(result.whole) > 0, 'whole tiles reach beyond the box');
  assert.ok(result.cut.length > 0);
  assert.equal(beyond(result.cut), 0);
  const slope = (north - south) / (east - west);
  const outside = (features) => points(features).filter(([x, y]) => y - south > slope * (x - west) + 2 * pixel).length;
  assert.ok(outside(result.all) > 0);
  assert.ok(result.half.length > 0);
  assert.equal(outside(result.half), 0);
});

test('an area across the antimeridian is split', { skip }, async () => {
  const { result } = await inPage({}, { zoom, tiles }, async ({ zoom, tiles }) => {
    const predictor = await window.fair.createPredictor({ backend: 'wasm', testing: { stubSession: true } });
    const { report, features } = await predictor.predict({ itemUrl: '/item.json', imageUri: tiles, bbox: [179.9995, 0.0001, -179.9995, 0.0005], zoom });
    predictor.close();
    return { tiles: report.tiles, east: features.filter((f) => f.geometry.coordinates.flat(3)[0] > 0).length, all: features.length, ids: new Set(features.map((f) => f.id)).size };
  });
  assert.equal(result.tiles, 2);
  assert.ok(result.east > 0 && result.east < result.all);
  assert.equal(result.ids, result.all);
});
