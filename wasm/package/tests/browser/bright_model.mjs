// A model made of numbers: what is bright is a building. And imagery for it: bright rectangles on dark ground.
import { deflateSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { field, floats, message, model, node, port, tensor } from './onnx_writer.mjs';

/** ONNX: image (N,3,256,256) -> logits (N,2,256,256) by one 1x1 convolution. `extra` replaces parts of it. */
export function brightModel({ metadata = null, op = 'Conv' } = {}) {
  const w = 10 / 3;
  const graph = message(
    node(op, ['image', 'w', 'b'], 'logits'),
    field(2, 'bright'),
    field(5, tensor('w', [2, 3, 1, 1], floats(-w, -w, -w, w, w, w))),
    field(5, tensor('b', [2], floats(6, -6))),
    field(11, port('image', ['batch', 3, 256, 256])),
    field(12, port('logits', ['batch', 2, 256, 256])),
  );
  return model(graph, metadata);
}

const repository = new URL('../../../../', import.meta.url);
/** The item at `path` below plugins/, told to use that model at `href`. */
export function itemOf(path, href, model) {
  const item = JSON.parse(readFileSync(new URL(`plugins/${path}`, repository), 'utf8'));
  item.properties['mlm:pretrained'] = true;
  item.assets.model.href = href;
  if (model) item.assets.model['file:checksum'] = `1220${createHash('sha256').update(model).digest('hex')}`;
  return item;
}

/** The small U-Net's item, told to use that model at `href`. */
export function brightItem(href, model = null) {
  const item = itemOf('unet_segmentation/items/unet-segmentation-small.json', href, model);
  item.id = 'bright';
  Object.assign(item.properties, { title: 'What is bright', 'mlm:name': 'bright' });
  return item;
}

const crcTable = Array.from({ length: 256 }, (_, n) => { for (let k = 0; k < 8; ++k) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1; return n >>> 0; });
const crc = (bytes) => { let c = 0xffffffff; for (const b of bytes) c = crcTable[(c ^ b) & 255] ^ (c >>> 8); return (c ^ 0xffffffff) >>> 0; };
const chunk = (type, data) => {
  const body = Buffer.concat([Buffer.from(type), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc(body), body.length + 4);
  return out;
};

/** PNG of RGB pixels given by a function. */
export function png(width, height, pixel) {
  const rows = Buffer.alloc(height * (width * 3 + 1));
  for (let y = 0; y < height; ++y) for (let x = 0; x < width; ++x) rows.set(pixel(x, y), y * (width * 3 + 1) + 1 + x * 3);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

/** A tile of a plain with 30 x 24 pixel buildings, some across tile edges. */
export const tile = (x, y, size = 256) =>
  png(size, size, (i, j) => { const u = (x * size + i) % 90; const v = (y * size + j) % 70; return u < 30 && v < 24 ? [235, 230, 225] : [40, 60, 45]; });
