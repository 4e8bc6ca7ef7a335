// Models on ONNX Runtime Web: one provider at a time, the one that runs is the one that is reported.

import type * as Ort from 'onnxruntime-web/wasm';
import { FairError } from '../errors.js';
import type { TestHooks } from '../messages.js';
import type { Backend } from '../types.js';
import type { Values } from './core_module.js';
import { toFloat16, toFloat32 } from './float16.js';

/** Largest difference of two providers' outputs for one input, of the outputs' largest magnitude. f16 arithmetic of a GPU stays below. */
const TOLERANCE = 0.02;

type Provider = 'wasm' | 'webgpu' | 'jspi';
export interface Port {
  name: string;
  shape: number[];
}

export interface SessionOptions {
  backend: Backend;
  threads: number | undefined;
  /** Folder of ONNX Runtime's wasm, or undefined for the bundler's own resolution. */
  folder: string | undefined;
  /** Bytes of a file of that folder, through the cache. */
  runtime: (url: string) => Promise<Uint8Array>;
  hooks: TestHooks;
}

export interface SessionFacts {
  provider: string;
  adapter: string | null;
  threads: number;
  dataType: string;
  fallbacks: string[];
  loadMs: number;
  warmUpMs: number;
}

interface Adapter {
  name: string;
  jspi: boolean;
}

/** A GPU that is none in software, or why there is none. */
async function findAdapter(hooks: TestHooks): Promise<Adapter | string> {
  const jspi = 'Suspending' in WebAssembly;
  if (hooks.pretendAdapter) return { name: 'pretended', jspi };
  const gpu = (navigator as unknown as { gpu?: { requestAdapter(): Promise<unknown> } }).gpu;
  if (!gpu) return 'this browser has no WebGPU';
  try {
    const adapter = (await gpu.requestAdapter()) as { isFallbackAdapter?: boolean; info?: { vendor?: string; architecture?: string; isFallbackAdapter?: boolean } } | null;
    if (!adapter) return 'WebGPU found no adapter';
    if (adapter.isFallbackAdapter || adapter.info?.isFallbackAdapter) return 'the only WebGPU adapter computes in software';
    return { name: [adapter.info?.vendor, adapter.info?.architecture].filter(Boolean).join(' ') || 'unnamed', jspi };
  } catch (e) {
    return `WebGPU failed: ${(e as Error).message}`;
  }
}

async function runtime(provider: Provider): Promise<typeof Ort> {
  switch (provider) {
    case 'wasm': return import('onnxruntime-web/wasm');
    case 'jspi': return (await import('onnxruntime-web/jspi')) as unknown as typeof Ort;
    case 'webgpu': return (await import('onnxruntime-web/webgpu')) as unknown as typeof Ort;
  }
}

function portOf(meta: Ort.InferenceSession.ValueMetadata): Port & { type: string } {
  if (!meta.isTensor) return { name: meta.name, shape: [], type: 'none' };
  return { name: meta.name, shape: meta.shape.map((d) => (typeof d === 'number' ? d : -1)), type: meta.type };
}

export class Session {
  readonly facts: SessionFacts;
  private readonly inputType: string;

  private constructor(
    private readonly ort: typeof Ort,
    private readonly session: Ort.InferenceSession,
    private readonly model: Uint8Array,
    private readonly options: SessionOptions,
    facts: SessionFacts,
    private readonly spoil: boolean,
  ) {
    this.facts = facts;
    this.inputType = portOf(session.inputMetadata[0]!).type;
    facts.dataType = this.inputType;
  }

  /** The best provider that works here. With 'auto' and 'webgpu' the CPU is what is fallen back to; why, is in the facts. */
  static async open(model: Uint8Array, thing: string, options: SessionOptions): Promise<Session> {
    const fallbacks: string[] = [];
    if (options.backend !== 'wasm') {
      const adapter = await findAdapter(options.hooks);
      if (typeof adapter === 'string') {
        fallbacks.push(`${adapter}: the CPU is used`);
      } else {
        const provider: Provider = adapter.jspi ? 'jspi' : 'webgpu';
        try {
          return await Session.create(model, thing, options, provider, adapter.name, fallbacks);
        } catch (e) {
          fallbacks.push(`WebGPU (${adapter.name}) could not load the model: ${(e as Error).message.slice(0, 200)}; the CPU is used`);
        }
      }
    }
    return Session.create(model, thing, options, 'wasm', null, fallbacks);
  }

  private static async create(model: Uint8Array, thing: string, options: SessionOptions, provider: Provider, adapter: string | null, fallbacks: string[]): Promise<Session> {
    const begin = performance.now();
    const ort = await runtime(provider);
    const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === true;
    const wanted = options.threads ?? (isolated ? navigator.hardwareConcurrency || 1 : 1);
    // Threads need shared memory, which only isolated pages have; ONNX Runtime would take one thread and not say so.
    const threads = provider === 'wasm' && isolated ? Math.max(1, Math.min(wanted, 16)) : 1;
    if (provider === 'wasm' && wanted > 1 && !isolated) {
      fallbacks.push(`${wanted} threads were asked for, but the page is not cross-origin isolated: one is used`);
    }
    ort.env.wasm.numThreads = threads;
    ort.env.wasm.proxy = false;
    ort.env.logLevel = 'error';
    if (options.folder) {
      ort.env.wasm.wasmPaths = options.folder;
      if (provider === 'wasm') {
        const bytes = await options.runtime(new URL('ort-wasm-simd-threaded.wasm', options.folder).href);
        ort.env.wasm.wasmBinary = bytes.slice().buffer as ArrayBuffer;
      }
    }
    let session: Ort.InferenceSession;
    try {
      session = await ort.InferenceSession.create(model, { executionProviders: [provider === 'wasm' ? 'wasm' : 'webgpu'], graphOptimizationLevel: 'all' });
    } catch (e) {
      throw new FairError('invalid', thing, 'a complete ONNX model with operators that ONNX Runtime Web has', (e as Error).message.split('\n')[0]!.slice(0, 300), 'fetch or export it again, with the standard operators of opset 18 or earlier');
    }
    if (session.inputNames.length !== 1) {
      throw new FairError('unsupported', thing, 'one input, the image', `${session.inputNames.length}: ${session.inputNames.join(', ')}`, 'export the model with the image as its only input');
    }
    const facts: SessionFacts = { provider, adapter, threads, dataType: '', fallbacks, loadMs: performance.now() - begin, warmUpMs: 0 };
    return new Session(ort, session, model, options, facts, provider !== 'wasm' && options.hooks.spoilAccelerated === true);
  }

  get input(): Port {
    return portOf(this.session.inputMetadata[0]!);
  }
  get output(): Port {
    return portOf(this.session.outputMetadata[0]!);
  }
  /** Windows a batch that are fastest. */
  get suggestedBatch(): number {
    const fixed = this.input.shape[0] ?? -1;
    return fixed > 0 ? fixed : this.facts.provider === 'wasm' ? 1 : 4;
  }

  /** Runs once on made-up pixels of a batch's shape; on a GPU its answer is compared with the CPU's. Gives the session to go on with. */
  async warmUp(dims: number[], thing: string): Promise<Session> {
    const begin = performance.now();
    const size = dims.reduce((a, b) => a * b, 1);
    const input = Float32Array.from({ length: size }, (_, i) => ((i * 2654435761) % 1021) / 1021);
    let why: string;
    try {
      const outputs = await this.run(input, dims);
      this.facts.warmUpMs = performance.now() - begin;
      if (this.facts.provider === 'wasm') return this;
      const cpu = await Session.create(this.model, thing, this.options, 'wasm', null, [...this.facts.fallbacks]);
      const truth = await cpu.run(input, dims);
      const off = difference(outputs, truth);
      if (off <= TOLERANCE) {
        await cpu.close();
        return this;
      }
      why = `WebGPU (${this.facts.adapter}) computes otherwise than the CPU (${(off * 100).toFixed(0)} % off)`;
    } catch (e) {
      if (this.facts.provider === 'wasm') throw e;
      why = `WebGPU (${this.facts.adapter}) failed: ${(e as Error).message.slice(0, 200)}`;
    }
    return this.onCpu(why, dims, thing);
  }

  /** The same model on the CPU, for when a GPU is lost or wrong. */
  async onCpu(why: string, dims: number[], thing: string): Promise<Session> {
    await this.close();
    const cpu = await Session.create(this.model, thing, this.options, 'wasm', null, [...this.facts.fallbacks, `${why}: the CPU is used`]);
    return cpu.warmUp(dims, thing);
  }

  /** Not before the one before has ended. */
  async run(data: Float32Array, dims: number[]): Promise<Values[]> {
    const half = this.inputType === 'float16';
    const tensor = half ? new this.ort.Tensor('float16', toFloat16(data), dims) : new this.ort.Tensor('float32', data, dims);
    const given = await this.session.run({ [this.session.inputNames[0]!]: tensor });
    const outputs: Values[] = [];
    for (const name of this.session.outputNames) {
      const value = given[name]!;
      const values = (value.location === 'cpu' ? value.data : await value.getData()) as Values['data'] | Uint16Array;
      const plain = value.type === 'float16' ? toFloat32(values as Uint16Array) : (values as Values['data']);
      outputs.push({ data: this.spoil && plain instanceof Float32Array ? plain.map((v) => -v) : plain, dims: value.dims });
    }
    return outputs;
  }

  async close(): Promise<void> {
    await this.session.release();
  }
}

function difference(a: Values[], b: Values[]): number {
  let largest = 0;
  let off = 0;
  a.forEach((x, k) => {
    const y = b[k]!;
    for (let i = 0; i < x.data.length; ++i) {
      const v = Number(y.data[i]);
      largest = Math.max(largest, Math.abs(v));
      off = Math.max(off, Math.abs(Number(x.data[i]) - v));
    }
  });
  return largest === 0 ? off : off / largest;
}
