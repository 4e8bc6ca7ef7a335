// The model last asked for, on whatever provider works.

import { FairError } from '../errors.js';
import type { Values } from './core_module.js';
import { Session, type SessionFacts, type SessionOptions } from './session.js';

export class ModelRunner {
  private held: { thing: string; session: Session } | null = null;

  constructor(private readonly options: SessionOptions) {}

  /** Makes the model ready instead of the one before. `thing` names it in errors. */
  async open(bytes: Uint8Array, thing: string): Promise<Session> {
    await this.held?.session.close();
    this.held = null;
    this.held = { thing, session: await Session.open(bytes, thing, this.options) };
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
