// The session in a worker of its own: while it runs one batch, core makes the next and works on what the last gave.

import { FairError } from '../errors.js';
import { AskedWorker } from './asked_worker.js';
import type { Ran, ReadyModel, SessionCall, SessionSettings, WarmModel } from './session_messages.js';
import type { Run, Runner } from './runner.js';
import type { SessionFacts } from './session.js';

export class SessionClient implements Runner {
  private readonly worker: AskedWorker<SessionCall>;
  private held: { key: string; model: ReadyModel } | null = null;
  private said: SessionFacts | null = null;

  constructor(settings: SessionSettings) {
    const worker = new Worker(new URL('./session_worker.js', import.meta.url), { type: 'module', name: 'fair-edge-session' });
    this.worker = new AskedWorker(worker, "the session's worker");
    // Where it cannot start, what is asked next fails alike.
    this.worker.ask({ call: 'start', settings }).catch(() => undefined);
  }

  /** Makes the model ready unless it is the last one again: its `bytes` may be null then, else they are the worker's. `key` tells models apart, `thing`
   * names this one in errors. */
  async open(bytes: Uint8Array | null, key: string, thing: string): Promise<ReadyModel> {
    if (this.held?.key === key) return this.held.model;
    if (!bytes) throw new FairError('internal', thing, "the model's bytes, or the model that is open", 'neither');
    this.held = null;
    this.held = { key, model: await this.worker.ask<ReadyModel>({ call: 'open', bytes, thing }, [bytes.buffer]) };
    return this.held.model;
  }

  /** The first run, on made-up pixels of a batch's shape. Gives sentences about files that could not be kept. */
  async warmUp(dims: number[]): Promise<string[]> {
    const { facts, warnings } = await this.worker.ask<WarmModel>({ call: 'warmUp', dims });
    this.said = facts;
    return warnings;
  }

  get facts(): SessionFacts {
    return this.said!;
  }

  async run(data: Float32Array, dims: number[]): Promise<Run> {
    const { outputs, ms, facts } = await this.worker.ask<Ran>({ call: 'run', data, dims }, [data.buffer]);
    this.said = facts;
    return { outputs, ms };
  }

  drop(): void {
    this.worker.ask({ call: 'drop' }).catch(() => undefined);
  }
}
