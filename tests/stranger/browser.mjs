// What the stranger's plugin does natively and in Chromium, from the installed package: equal features. usage: node browser.mjs FOLDER PREFIX
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brightItem, brightModel } from '../../wasm/package/tests/browser/bright_model.mjs';
import { launch } from '../../wasm/package/tests/browser/chromium.mjs';
import { maskIou, maskOf } from '../../wasm/package/tests/browser/mask.mjs';
import { open } from '../../wasm/package/tests/browser/pages.mjs';
import { serve } from '../../wasm/package/tests/browser/server.mjs';
import { below, tilesBelow } from '../../wasm/package/tests/browser/tiles.mjs';

const [folder, prefix] = process.argv.slice(2);
const plugin = join(folder, 'my_buildings');
const run = promisify(execFile);

const page = (path, _request, response) => {
  if (path !== '/' && path !== '/page.js') return false;
  response.writeHead(200, { 'content-type': path === '/' ? 'text/html' : 'text/javascript' });
  response.end(path === '/' ? '<!doctype html><script type="module" src="/page.js"></script>' : "import * as fair from '/lib/index.js'; window.fair = fair;");
  return true;
};
const server = await serve({ folders: { '/lib/': join(prefix, 'share/fair-edge/web'), '/plugin/': plugin, '/folder/': folder }, answers: [page] });
const browser = await launch();
const { zoom, bbox } = tilesBelow(join(plugin, 'town/tiles'));
const imageUri = `${server.url}/plugin/town/tiles/{z}/{x}/{y}.png`;
const hash = (path) => `sha256-${createHash('sha256').update(readFileSync(path)).digest('base64')}`;

async function native(model, params, plugins) {
  const out = join(folder, 'native.geojson');
  const settings = Object.entries(params).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
  await run(join(prefix, 'bin/fair'), ['--workspace', join(folder, 'none'), 'predict', '--model', model, '--images', imageUri, '--bbox', bbox.join(','), '--zoom', String(zoom), '--out', out, ...settings],
    { timeout: 120_000, env: { ...process.env, XDG_CACHE_HOME: join(folder, 'tiles'), FAIR_PLUGIN_PATH: plugins } });
  return readFileSync(out, 'utf8');
}
async function inBrowser(source, request) {
  const tab = await open(browser, server.url + '/');
  const said = await tab.evaluate(async ({ source, request }) => {
    const predictor = await window.fair.createPredictor({ backend: 'wasm' });
    await predictor.loadPlugin(source);
    const result = await predictor.predict(request);
    predictor.close();
    return { text: result.text(), plugin: result.report.plugin };
  }, { source, request });
  await tab.close();
  return said;
}

try {
  const built = join(plugin, 'build-wasm/fair-plugins/my_buildings/my_buildings.wasm');
  const source = { url: `${server.url}/plugin/build-wasm/fair-plugins/my_buildings/my_buildings.wasm`, integrity: hash(built) };
  const shared = join(plugin, 'build/fair-plugins');

  // Scores that both compute alike: the same bytes.
  const item = brightItem('bright.onnx', brightModel());
  item.properties['mlm:input'][0].pre_processing_function.expression = 'models.my_buildings.pipeline:preprocess';
  item.properties['mlm:output'][0].post_processing_function.expression = 'models.my_buildings.pipeline:postprocess';
  writeFileSync(join(folder, 'bright.onnx'), brightModel());
  writeFileSync(join(folder, 'bright.json'), JSON.stringify(item));
  const text = await native(join(folder, 'bright.json'), {}, shared);
  const said = await inBrowser(source, { itemUrl: `${server.url}/folder/bright.json`, imageUri, bbox, zoom });
  assert.equal(said.plugin, 'my_buildings');
  assert.ok(JSON.parse(text).features.length > 5, `${JSON.parse(text).features.length} features`);
  assert.ok(said.text === text, 'other bytes in the browser');
  console.log(`stranger: ${JSON.parse(text).features.length} features of the stranger's plugin, the same bytes natively and in Chromium`);

  // The model just trained: ONNX Runtime's two builds round otherwise, so single pixels at the threshold may differ.
  const everyCorner = { tolerance: 0, orthogonalize: false, area_threshold: 0 };
  const trained = below(join(plugin, '.fair/artifacts')).find((path) => path.includes('/runs/') && path.endsWith('/model.onnx'));
  const one = await native(trained, everyCorner, shared);
  const other = await inBrowser(source, { modelUrl: `${server.url}/plugin${trained.slice(plugin.length)}`, imageUri, bbox, zoom, params: everyCorner });
  assert.equal(other.plugin, 'my_buildings');
  const masks = [one, other.text].map((t) => maskOf(JSON.parse(t).features, zoom));
  assert.ok(masks[0].size > 500, `${masks[0].size} pixels of buildings`);
  const iou = maskIou(...masks);
  assert.ok(iou >= 0.999, `mask IoU ${iou}`);
  console.log(`stranger: the trained model's mask of ${masks[0].size} pixels, IoU ${iou.toFixed(5)}`);

  // Without code: the manifest is the plugin.
  const manifest = {
    name: 'flat', version: '1', abi: '1.0', licence: 'MIT', tasks: ['semantic-segmentation'], code: 'none', core: { preprocess: 'pixels', postprocess: 'scores' },
    tiling: { window: 256, overlap: 64 }, processing: { pre: ['models.flat.pipeline:preprocess'], post: ['models.flat.pipeline:postprocess'] },
  };
  item.properties['mlm:input'][0].pre_processing_function.expression = 'models.flat.pipeline:preprocess';
  item.properties['mlm:output'][0].post_processing_function.expression = 'models.flat.pipeline:postprocess';
  writeFileSync(join(folder, 'bright.json'), JSON.stringify(item));
  mkdirSync(join(folder, 'flat'), { recursive: true });
  writeFileSync(join(folder, 'flat/flat.plugin.json'), JSON.stringify(manifest));
  const flat = { url: `${server.url}/folder/flat/flat.plugin.json`, integrity: hash(join(folder, 'flat/flat.plugin.json')) };
  const plain = await native(join(folder, 'bright.json'), {}, join(folder, 'flat'));
  const there = await inBrowser(flat, { itemUrl: `${server.url}/folder/bright.json`, imageUri, bbox, zoom });
  assert.equal(there.plugin, 'flat');
  assert.ok(there.text === plain, 'other bytes in the browser');
  console.log(`stranger: ${JSON.parse(plain).features.length} features of a plugin without code, the same bytes natively and in Chromium`);

  // The guide's boxes come from random weights: which of many equal ones is kept is chance, that the same ground is boxed is not.
  const low = { confidence_threshold: 0.0001 };
  const boxes = { url: `${server.url}/folder/my_boxes/my_boxes.plugin.json`, integrity: hash(join(folder, 'my_boxes/my_boxes.plugin.json')) };
  const found = await native(join(folder, 'my_boxes/model/my-boxes.json'), low, join(folder, 'my_boxes'));
  const boxed = await inBrowser(boxes, { itemUrl: `${server.url}/folder/my_boxes/model/my-boxes.json`, imageUri, bbox, zoom, params: low });
  assert.equal(boxed.plugin, 'my_boxes');
  const ground = [found, boxed.text].map((t) => maskOf(JSON.parse(t).features, zoom));
  assert.ok(ground[0].size > 100 && maskIou(...ground) > 0.9, `${ground[0].size} pixels boxed, IoU ${maskIou(...ground)}`);
  console.log(`stranger: untrained boxes without code, of ${JSON.parse(found).features.length} and ${JSON.parse(boxed.text).features.length}; IoU of the ground ${maskIou(...ground).toFixed(3)}`);
} finally {
  await browser.close();
  await server.close();
}
