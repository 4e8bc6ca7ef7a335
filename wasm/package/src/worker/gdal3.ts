// gdal3.js: GDAL's programs as functions. It is loaded as it is served; bundlers have nothing to do with it.

import { FairError } from '../errors.js';
import type { Sliced } from './remote_file.js';

const PIECE = 256 * 1024;
const PIECES_KEPT = 128;

export interface Dataset {
  path: string;
  pointer: number;
}
interface Written {
  local: string;
  all: { local: string }[];
}
interface FileSystem {
  mkdir(path: string): void;
  rmdir(path: string): void;
  mount(type: unknown, options: unknown, path: string): void;
  unmount(path: string): void;
  unlink(path: string): void;
  lookupPath(path: string): { node: { stream_ops: object } };
  readFile(path: string): Uint8Array<ArrayBuffer>;
  writeFile(path: string, text: string): void;
}
interface Band {
  type: string;
  colorInterpretation: string;
  noDataValue?: number;
  mask?: { flags: string[] };
  colorTable?: { entries: number[][] };
  overviews?: { size: [number, number] }[];
}
export interface Described {
  size: [number, number];
  geoTransform?: number[];
  coordinateSystem?: { wkt: string };
  bands: Band[];
}
export interface Gdal {
  open(path: string, options?: string[]): Promise<{ datasets: Dataset[] }>;
  close(dataset: Dataset): Promise<void>;
  gdalinfo(dataset: Dataset, options?: string[]): Promise<Described>;
  gdalwarp(dataset: Dataset, options: string[], name: string): Promise<Written>;
  gdal_translate(dataset: Dataset, options: string[], name: string): Promise<Written>;
  ogr2ogr(dataset: Dataset, options: string[], name: string): Promise<Written>;
  Module: { FS: FileSystem; WORKERFS: unknown };
}

/** `folder`: where the three files lie; null for beside the package. */
export async function loadGdal(folder: string | null): Promise<Gdal> {
  // Written out so that bundlers see which files belong to the package.
  const script = folder ? new URL('gdal3.js', folder) : new URL('../gdal/gdal3.js', import.meta.url);
  const wasm = folder ? new URL('gdal3WebAssembly.wasm', folder) : new URL('../gdal/gdal3WebAssembly.wasm', import.meta.url);
  const data = folder ? new URL('gdal3WebAssembly.data', folder) : new URL('../gdal/gdal3WebAssembly.data', import.meta.url);
  const missing = (url: URL, found: string): FairError =>
    new FairError('not_found', url.href, "gdal3.js's files", found, 'install the optional dependency gdal3.js and build the package, or say where they are with assets.gdal');
  // gdal3.js waits for ever for files that are not there.
  for (const url of [script, wasm, data]) {
    const response = await fetch(url, { method: 'HEAD' }).catch((e: Error) => e);
    if (response instanceof Error) throw missing(url, response.message);
    if (!response.ok) throw missing(url, `HTTP status ${response.status}`);
  }
  const scope = globalThis as unknown as { initGdalJs?: (config: unknown) => Promise<Gdal>; onmessage: unknown };
  await import(/* @vite-ignore */ script.href);
  // It takes the worker's messages for its own.
  scope.onmessage = null;
  const quiet = (): void => undefined;
  return scope.initGdalJs!({ useWorker: false, paths: { wasm: wasm.href, data: data.href }, logHandler: quiet, errorHandler: quiet });
}

/** A file's `read`, by large pieces that are kept: GDAL reads row by row where a file is made of strips, and each slice of a Blob costs a while. */
function piecewise(data: Sliced): (stream: unknown, memory: Uint8Array, offset: number, length: number, position: number) => number {
  const reader = new FileReaderSync();
  const kept = new Map<number, Uint8Array>();
  return (_stream, memory, offset, length, position) => {
    const end = Math.min(position + length, data.size);
    for (let at = position; at < end; ) {
      const index = Math.floor(at / PIECE);
      let piece = kept.get(index);
      if (!piece) {
        piece = new Uint8Array(reader.readAsArrayBuffer(data.slice(index * PIECE, Math.min((index + 1) * PIECE, data.size))));
        if (kept.size >= PIECES_KEPT) kept.delete(kept.keys().next().value!);
        kept.set(index, piece);
      }
      const part = piece.subarray(at - index * PIECE, Math.min(piece.length, end - index * PIECE));
      memory.set(part, offset + at - position);
      at += part.length;
    }
    return Math.max(0, end - position);
  };
}

/** Makes a file readable for GDAL without copying it, and gives its path. */
export function mountFile(gdal: Gdal, number: number, data: Sliced): string {
  const folder = `/input/f${number}`;
  gdal.Module.FS.mkdir(folder);
  gdal.Module.FS.mount(gdal.Module.WORKERFS, { blobs: [{ name: 'file', data }] }, folder);
  const { node } = gdal.Module.FS.lookupPath(`${folder}/file`);
  node.stream_ops = { ...node.stream_ops, read: piecewise(data) };
  return `${folder}/file`;
}

export function unmountFile(gdal: Gdal, number: number): void {
  gdal.Module.FS.unmount(`/input/f${number}`);
  gdal.Module.FS.rmdir(`/input/f${number}`);
}

/** The bytes of what was written; its files are removed. */
export function takeFile(gdal: Gdal, written: Written): Uint8Array<ArrayBuffer> {
  const bytes = gdal.Module.FS.readFile(written.local);
  for (const path of new Set([written.local, ...written.all.map((f) => f.local)])) gdal.Module.FS.unlink(path);
  return bytes;
}
