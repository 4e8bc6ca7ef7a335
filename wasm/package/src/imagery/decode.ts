// Encoded images (PNG, JPEG, WebP) -> pixels, by the browser's own decoders.

import { FairError } from '../errors.js';
import type { Pixels } from '../worker/core_module.js';

let canvas: OffscreenCanvas | null = null;

/** Interleaved RGBA as the file has it, without colour management. `thing` names the image in errors. */
export async function decodeImage(blob: Blob, thing: string): Promise<Pixels> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(blob, { colorSpaceConversion: 'none', premultiplyAlpha: 'none' });
  } catch {
    const text = new TextDecoder().decode(new Uint8Array(await blob.slice(0, 60).arrayBuffer()));
    const found = /^\s*</.test(text) ? 'an HTML or XML page' : `${blob.size} bytes of ${blob.type || 'an unknown type'} that cannot be decoded`;
    throw new FairError('invalid', thing, 'a PNG, JPEG or WebP image', found, 'check the template, and whether the server wants a key');
  }
  try {
    const { width, height } = bitmap;
    if (!canvas) canvas = new OffscreenCanvas(width, height);
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const context = canvas.getContext('2d', { willReadFrequently: true })!;
    context.clearRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0);
    return { data: context.getImageData(0, 0, width, height).data, width, height, channels: 4 };
  } finally {
    bitmap.close();
  }
}
