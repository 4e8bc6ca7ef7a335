// What runs batches: the session of the model last asked for, or what tests run instead of one.

import { FairError } from '../errors.js';
import type { Values } from './core_module.js';
import { Session, type SessionFacts, type SessionOptions } from './session.js';

/** Runs batches in the order in which they are given. */
export interface Runner {
  run(data: Float32Array, dims: number[]): Promise<Values[]>;
}

/** One model at a time, kept for the next prediction with it. */
export class ModelRunner implements Runner {
  private held: { key: string; thing: string; session: Session } | null = null;

  constructor(private readonly options: SessionOptions) {}

  /** Makes the model ready unless it is the last one again. `key` tells models apart, `thing` names this one in errors. */
  async open(bytes: Uint8Array, key: string, thing: string): Promise<Session> {
    if (this.held?.key === key) return this.held.session;
    await this.held?.session.close();
    this.held = null;
    this.held = { key, thing, session: await Session.open(bytes, thing, this.options) };
    return this.held.session;
  }

  /** The first run, on made-up pixels of a batch's shape; a provider that computes otherwise than the CPU is left. */
  async warmUp(dims: number[]): Promise<void> {
    const held = this.held!;
    if (held.session.facts.warmUpMs === 0) held.session = await held.session.warmUp(dims, held.thing);
  }

  get facts(): SessionFacts {
    return this.held!.session.facts;
  }

  /** When the GPU is lost on the way, the same batch runs on the CPU, and so do those after it. */
  async run(data: Float32Array, dims: number[]): Promise<Values[]> {
    const held = this.held!;
    const { facts } = held.session;
    try {
      return await held.session.run(data, dims);
    } catch (e) {
      const why = (e as Error).message;
      if (facts.provider === 'wasm') throw new FairError('invalid', held.thing, 'a run without errors', why.slice(0, 300), "check that the item's shapes are the model's");
      held.session = await held.session.onCpu(`WebGPU (${facts.adapter}) was lost: ${why.slice(0, 200)}`, dims, held.thing);
      return held.session.run(data, dims);
    }
  }
}

/** Bright pixels are buildings: what tests run instead of a model. */
export const brightness: Runner & { facts: SessionFacts } = {
  facts: { provider: 'stub', adapter: null, threads: 1, dataType: 'float32', fallbacks: [], loadMs: 0, warmUpMs: 0 },
  run(data, dims) {
    const [n, c, h, w] = dims as [number, number, number, number];
    const plane = h * w;
    const out = new Float32Array(n * 2 * plane);
    for (let k = 0; k < n; ++k) {
      for (let i = 0; i < plane; ++i) {
        const v = 8 * (data[k * c * plane + i]! - 0.5);
        out[(2 * k + 1) * plane + i] = v;
        out[2 * k * plane + i] = -v;
      }
    }
    return Promise.resolve([{ data: out, dims: [n, 2, h, w] }]);
  },
};
