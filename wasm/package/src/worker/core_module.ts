// Core's exports (wasm/host/exports.h) with types: text and numbers in and out, errors thrown as FairError.

import { CrashError, FairError, type ErrorCode } from '../errors.js';
import type { MaskGround, PolygonArrays } from '../types.js';
import { Linker } from './linker.js';

const EXPORTS_VERSION = 1;
const MAX_RANK = 8;

/** A tensor that a session gave. */
export interface Values {
  data: Float32Array | Uint8Array | BigInt64Array | Float64Array;
  dims: readonly number[];
}

/** A batch to run. `data` is a copy. */
export interface Batch {
  id: number;
  windows: number;
  dims: number[];
  data: Float32Array;
}

export interface Block {
  column: number;
  row: number;
}

/** Pixels with 3 channels, or 4 with alpha. */
export interface Pixels {
  data: Uint8Array | Uint8ClampedArray;
  width: number;
  height: number;
  channels: 3 | 4;
}

type Call = (...numbers: number[]) => number;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function dtypeOf(data: Values['data']): number {
  if (data instanceof Float32Array) return 1;
  if (data instanceof Uint8Array) return 2;
  if (data instanceof BigInt64Array) return 7;
  return 11;
}

export class CoreModule {
  private crashed = false;

  private constructor(
    readonly linker: Linker,
    private readonly exports: Record<string, Call>,
  ) {}

  static open(module: WebAssembly.Module): CoreModule {
    const { linker, core } = Linker.core(module);
    const made = new CoreModule(linker, core.exports as Record<string, Call>);
    const version = made.exports['fair_exports_version']!();
    if (version !== EXPORTS_VERSION) {
      throw new FairError('unsupported', 'core.wasm', `exports of version ${EXPORTS_VERSION}`, String(version), 'serve core.wasm and the package of one release');
    }
    return made;
  }

  /** A question of questions.h. */
  ask<T>(ask: string, members: Record<string, unknown> = {}): T {
    this.withText(JSON.stringify({ ask, ...members }), (at, size) => this.call('fair_ask', at, size));
    return JSON.parse(this.answer()) as T;
  }

  /** Refuses a plugin whose manifest alone says that it does not fit. */
  checkManifest(manifest: string): void {
    this.withText(manifest, (at, size) => this.call('fair_plugin_take', 0, at, size));
  }
  /** Of a plugin without code, whose manifest is all there is. `uses`: the package's own plugin that does what it chooses. */
  takeManifest(manifest: string): { name: string; version: string; uses: string } {
    this.withText(manifest, (at, size) => this.call('fair_plugin_take', 0, at, size));
    return JSON.parse(this.answer()) as { name: string; version: string; uses: string };
  }
  takePlugin(entry: Function, manifest: string): { name: string; version: string } {
    const index = this.linker.indexOf(entry);
    this.withText(manifest, (at, size) => this.call('fair_plugin_take', index, at, size));
    return JSON.parse(this.answer()) as { name: string; version: string };
  }

  openSource(request: unknown): { handle: number; tile_size: number; min_zoom: number; max_zoom: number; bounds: [number, number, number, number] | null } {
    const handle = this.withText(JSON.stringify(request), (at, size) => this.call('fair_source_open', at, size));
    return { handle, ...JSON.parse(this.answer()) };
  }
  url(source: number, z: number, x: number, y: number): string {
    this.call('fair_source_url', source, z, x, y);
    return this.answer();
  }
  closeSource(source: number): void {
    if (!this.crashed) this.call('fair_source_close', source);
  }

  openPrediction(request: unknown): { handle: number; warnings: string[]; windows: number; blocks: number } {
    const handle = this.withText(JSON.stringify(request), (at, size) => this.call('fair_prediction_open', at, size));
    return { handle, ...JSON.parse(this.answer()) };
  }
  nextBlocks(prediction: number, most: number): Block[] {
    this.call('fair_prediction_next_blocks', prediction, most);
    const pairs = new Int32Array(this.answerBytes().buffer);
    const out: Block[] = [];
    for (let i = 0; i + 1 < pairs.length; i += 2) out.push({ column: pairs[i]!, row: pairs[i + 1]! });
    return out;
  }
  giveBlock(prediction: number, block: Block, pixels: Pixels | null): void {
    if (!pixels) {
      this.call('fair_prediction_give_block', prediction, block.column, block.row, 0, 0, 0, 0);
      return;
    }
    this.withBytes(pixels.data, (at) =>
      this.call('fair_prediction_give_block', prediction, block.column, block.row, at, pixels.width, pixels.height, pixels.channels),
    );
  }
  nextBatch(prediction: number): Batch | null {
    if (this.call('fair_prediction_next_batch', prediction) === 0) return null;
    const words = new Uint32Array(this.answerBytes().buffer);
    const rank = words[3]!;
    const dims = [...words.subarray(4, 4 + rank)];
    const elements = dims.reduce((a, b) => a * b, 1);
    return { id: words[0]!, windows: words[1]!, dims, data: new Float32Array(this.linker.memory.buffer, words[2]!, elements).slice() };
  }
  giveOutputs(prediction: number, batch: number, outputs: Values[]): void {
    const held: number[] = [];
    try {
      const words = new Uint32Array(outputs.length * (3 + MAX_RANK));
      outputs.forEach((output, i) => {
        const at = this.allocate(output.data.byteLength);
        held.push(at);
        new Uint8Array(this.linker.memory.buffer, at).set(new Uint8Array(output.data.buffer, output.data.byteOffset, output.data.byteLength));
        words.set([at, dtypeOf(output.data), output.dims.length, ...output.dims], i * (3 + MAX_RANK));
      });
      this.withBytes(new Uint8Array(words.buffer), (at) => this.call('fair_prediction_give_outputs', prediction, batch, at, outputs.length));
    } finally {
      if (!this.crashed) for (const at of held) this.exports['fair_free']!(at);
    }
  }
  /** Features finished since the last call, as text with ",\n" between. */
  take(prediction: number): { count: number; text: string } {
    const count = this.call('fair_prediction_take', prediction);
    return { count, text: count > 0 ? this.answer() : '' };
  }
  progress(prediction: number): { done: boolean; blocks: number; blocksTotal: number; windows: number; windowsTotal: number } {
    const done = this.call('fair_prediction_progress', prediction) === 1;
    const [blocks, blocksTotal, windows, windowsTotal] = new Float64Array(this.answerBytes().buffer) as unknown as [number, number, number, number];
    return { done, blocks, blocksTotal, windows, windowsTotal };
  }
  closePrediction(prediction: number): void {
    if (!this.crashed) this.call('fair_prediction_close', prediction);
  }

  /** A whole mask's polygons, nothing simplified, in map units. */
  polygons(mask: Uint8Array, ground: MaskGround): PolygonArrays {
    const { width, height, transform, crs = 'EPSG:3857', connectivity = 4 } = ground;
    if (mask.length !== width * height) throw new FairError('usage', 'mask', `${width} x ${height} bytes`, String(mask.length));
    const { grid } = this.ask<{ grid: unknown }>('raster_grid', { transform, width, height, crs, block: Math.max(width, height) });
    const count = this.withBytes(mask, (mask_at) =>
      this.withText(JSON.stringify({ grid, connectivity }), (at, size) => this.call('fair_polygons', at, size, mask_at, width, height)),
    );
    const { buffer, byteLength } = this.answerBytes();
    const [rings, polygons] = new Uint32Array(buffer, 0, 2) as unknown as [number, number];
    const offsets = byteLength - count - 4 * (rings + polygons);
    return {
      coordinates: new Float64Array(buffer, 8, (offsets - 8) / 8),
      ringOffsets: new Uint32Array(buffer, offsets, rings),
      polygonOffsets: new Uint32Array(buffer, offsets + 4 * rings, polygons),
      values: new Uint8Array(buffer, offsets + 4 * (rings + polygons), count),
    };
  }

  /** A whole mask at once. */
  vectorize(request: unknown, mask: Uint8Array, width: number, height: number): { count: number; text: string } {
    const count = this.withBytes(mask, (mask_at) =>
      this.withText(JSON.stringify(request), (at, size) => this.call('fair_vectorize', at, size, mask_at, width, height)),
    );
    return { count, text: count > 0 ? this.answer() : '' };
  }

  /** Bytes of memory core holds. */
  get bytes(): number {
    return this.linker.memory.buffer.byteLength;
  }

  private call(name: string, ...numbers: number[]): number {
    let result: number;
    try {
      result = this.exports[name]!(...numbers);
    } catch (e) {
      this.crashed = true;
      throw new CrashError('core', `${(e as Error).name}: ${(e as Error).message}`);
    }
    if (result >= 0) return result;
    const e = JSON.parse(this.answer()) as { code: ErrorCode; thing: string; expected: string; found: string; hint: string };
    throw new FairError(e.code, e.thing, e.expected, e.found, e.hint);
  }
  private answerBytes(): Uint8Array {
    const at = this.exports['fair_answer']!() >>> 0;
    return new Uint8Array(this.linker.memory.buffer.slice(at, at + (this.exports['fair_answer_size']!() >>> 0)));
  }
  private answer(): string {
    return decoder.decode(this.answerBytes());
  }
  private allocate(bytes: number): number {
    const at = this.exports['fair_alloc']!(bytes) >>> 0;
    if (at === 0) throw new FairError('io', 'memory', `${bytes} bytes more`, 'none left in this tab', 'take a smaller area, or close other tabs');
    return at;
  }
  private withBytes<T>(bytes: Uint8Array | Uint8ClampedArray, body: (at: number) => T): T {
    const at = this.allocate(bytes.length);
    new Uint8Array(this.linker.memory.buffer).set(bytes, at);
    try {
      return body(at);
    } finally {
      if (!this.crashed) this.exports['fair_free']!(at);
    }
  }
  private withText<T>(text: string, body: (at: number, size: number) => T): T {
    const bytes = encoder.encode(text);
    return this.withBytes(bytes, (at) => body(at, bytes.length));
  }
}
