import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { meets, parts, tileBounds } from '../../dist/area.js';
import { sha256OfMultihash } from '../../dist/hash.js';
import { retryAfter } from '../../dist/imagery/tiles.js';
import { onnxMetadata } from '../../dist/onnx_metadata.js';
import { CoreModule } from '../../dist/worker/core_module.js';
import { toFloat16, toFloat32 } from '../../dist/worker/float16.js';
import { brightItem, brightModel } from '../browser/bright_model.mjs';

const core = new URL('../../dist/core/', import.meta.url);
const compiled = (name) => WebAssembly.compile(readFileSync(new URL(name, core)));

async function withPlugin() {
  const module = CoreModule.open(await compiled('core.wasm'));
  const { exports } = module.linker.side(await compiled('unet_segmentation.wasm'), 'plugin unet_segmentation');
  module.takePlugin(exports.fair_plugin_unet_segmentation, readFileSync(new URL('unet_segmentation.plugin.json', core), 'utf8'));
  return module;
}

test('areas: checked, split at the antimeridian, tiles that meet a polygon', () => {
  assert.deepEqual(parts([1, 2, 3, 4]), [[1, 2, 3, 4]]);
  assert.deepEqual(parts([179, 0, -179, 1]), [[179, 0, 180, 1], [-180, 0, -179, 1]]);
  for (const bad of [[1, 2, 3], [1, 2, 1, 4], [1, 4, 3, 2], [0, 0, 200, 1], [NaN, 0, 1, 1]]) assert.throws(() => parts(bad), /bbox/);
  const ring = { type: 'Polygon', coordinates: [[[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]], [[4, 4], [6, 4], [6, 6], [4, 6], [4, 4]]] };
  assert.ok(meets(ring, [1, 1, 2, 2]), 'within');
  assert.ok(meets(ring, [-1, -1, 11, 11]), 'around');
  assert.ok(meets(ring, [9, 9, 12, 12]), 'across');
  assert.ok(!meets(ring, [4.5, 4.5, 5.5, 5.5]), 'in the hole');
  assert.ok(!meets(ring, [11, 0, 12, 1]), 'beside');
  const [w, s, e, n] = tileBounds(1, 1, 0);
  assert.deepEqual([w, e], [0, 180]);
  assert.ok(Math.abs(s) < 1e-9 && Math.abs(n - 85.0511287) < 1e-6);
});

test('waiting as a server asks', () => {
  assert.equal(retryAfter('2'), 2000);
  assert.equal(retryAfter('Thu, 01 Jan 1970 00:00:05 GMT', 0), 5000);
  assert.equal(retryAfter('soon'), null);
  assert.equal(retryAfter('100000'), 20000);
});

test('half precision, there and back', () => {
  const values = Float32Array.of(0, -0, 1, -2.5, 65504, 1e9, 6.1e-5, 5.96e-8, 1e-9, 0.333333, NaN, Infinity);
  const back = toFloat32(toFloat16(values));
  assert.deepEqual([...back.slice(0, 5)], [0, -0, 1, -2.5, 65504]);
  assert.equal(back[5], Infinity);
  assert.ok(Math.abs(back[7] - 2 ** -24) < 1e-12);
  assert.equal(back[8], 0);
  assert.ok(Math.abs(back[9] - 0.333333) < 2e-4);
  assert.ok(Number.isNaN(back[10]) && back[11] === Infinity);
  for (let i = 0; i < 65536; ++i) {
    const one = toFloat32(Uint16Array.of(i));
    if (!Number.isNaN(one[0])) assert.equal(toFloat16(one)[0], i);
  }
});

test('checksums and metadata of files', () => {
  assert.equal(sha256OfMultihash('1220' + 'ab'.repeat(32)), 'ab'.repeat(32));
  assert.equal(sha256OfMultihash('d50110' + 'ab'.repeat(16)), null);
  assert.equal(onnxMetadata(brightModel({ metadata: '{"a":1}' }), 'fair.item'), '{"a":1}');
  assert.equal(onnxMetadata(brightModel(), 'fair.item'), null);
  assert.equal(onnxMetadata(Buffer.from('no model at all'), 'fair.item'), null);
});

test('core answers, and its errors have four parts', async () => {
  const module = await withPlugin();
  assert.equal(module.ask('plugins').plugins[0].name, 'unet_segmentation');
  const item = brightItem('https://example.org/m.onnx');
  assert.deepEqual(module.ask('validate', { document: item }).findings.filter((f) => f.severity === 'error'), []);
  assert.ok(module.ask('validate', { document: { type: 'Feature' } }).findings.length > 0);
  assert.equal(module.ask('parameters', { item }).parameters.find((p) => p.key === 'tolerance').max, 100);
  assert.throws(() => module.ask('params', { model: module.ask('model', { item }).model, values: { tolerance: -1 } }), (e) => e.code === 'usage' && /tolerance/.test(e.thing) && e.found === '-1');
  assert.throws(() => module.ask('nonsense'), /known name/);
});

test('a mask becomes polygons in metres: closed rings, holes with their outer ring', () => {
  const module = CoreModule.open(new WebAssembly.Module(readFileSync(new URL('core.wasm', core))));
  const rows = ['1111.', '1..1.', '1..12', '11112'];
  const mask = Uint8Array.from(rows.join(''), (c) => Number(c) || 0);
  const ground = { width: 5, height: 4, transform: [100, 2, 0, 200, 0, -2] };
  const { coordinates, ringOffsets, polygonOffsets, values } = module.polygons(mask, ground);
  const area = (ring) => ring.reduce((sum, [x, y], i) => (i ? sum + (ring[i - 1][0] * y - x * ring[i - 1][1]) / 2 : 0), 0);
  const found = [...values].map((value, p) => ({ value, rings: [...ringOffsets.subarray(polygonOffsets[p], polygonOffsets[p + 1])].map((from, r) => {
    const to = ringOffsets[polygonOffsets[p] + r + 1];
    return Array.from({ length: to - from }, (_, i) => [coordinates[2 * (from + i)], coordinates[2 * (from + i) + 1]]);
  }) }));
  assert.deepEqual(found.map((f) => f.value), [1, 2]);
  assert.deepEqual(found.map((f) => f.rings.map(area)), [[64, -16], [8]]);
  for (const { rings } of found) for (const ring of rings) assert.deepEqual(ring[0], ring.at(-1));
  assert.deepEqual(found[1].rings[0], [[108, 196], [108, 192], [110, 192], [110, 196], [108, 196]]);
  assert.throws(() => module.polygons(mask, { ...ground, width: 7 }), /mask: expected 7 x 4 bytes, found 20/);
});

test('the whole pipeline in node, whatever the batches and the order of blocks', async () => {
  const module = await withPlugin();
  const item = brightItem('https://example.org/m.onnx');
  const { model } = module.ask('model', { item });
  const { params } = module.ask('params', { model, values: {} });
  const { grid } = module.ask('grid', { bbox: [85.52, 27.63, 85.523, 27.632], zoom: 19, tile_size: 256, most_tiles: 100 });
  const run = (batch, backwards) => {
    const { handle } = module.openPrediction({ model, params, grid, batch_size: batch, batches_in_flight: 2, windows_ahead: 8 });
    const texts = [];
    for (;;) {
      const blocks = module.nextBlocks(handle, 9);
      if (backwards) blocks.reverse();
      for (const block of blocks) {
        const data = new Uint8ClampedArray(256 * 256 * 4).fill(255);
        for (let y = 0; y < 256; ++y) for (let x = 0; x < 256; ++x) {
          const bright = (block.column * 256 + x) % 100 < 60 && (block.row * 256 + y) % 80 < 50 ? 250 : 5;
          data.fill(bright, (y * 256 + x) * 4, (y * 256 + x) * 4 + 3);
        }
        module.giveBlock(handle, block, { data, width: 256, height: 256, channels: 4 });
      }
      for (let b; (b = module.nextBatch(handle)); ) {
        const [n, c, h, w] = b.dims;
        const out = new Float32Array(n * 2 * h * w);
        for (let k = 0; k < n; ++k) for (let i = 0; i < h * w; ++i) out[(2 * k + 1) * h * w + i] = -(out[2 * k * h * w + i] = 4 * (0.5 - b.data[k * c * h * w + i]));
        module.giveOutputs(handle, b.id, [{ data: out, dims: [n, 2, h, w] }]);
      }
      const { count, text } = module.take(handle);
      if (count) texts.push(text);
      if (module.progress(handle).done) break;
    }
    module.closePrediction(handle);
    return texts.join(',\n');
  };
  const one = run(1, false);
  assert.ok(JSON.parse(`[${one}]`).length > 50);
  assert.equal(run(4, true), one);
});
