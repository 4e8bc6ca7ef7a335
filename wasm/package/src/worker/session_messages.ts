// What is said to the session's worker, and what it answers.

import type { SentError, TestHooks } from '../messages.js';
import type { Backend } from '../types.js';
import type { Values } from './core_module.js';
import type { Port, SessionFacts } from './session.js';

export interface SessionSettings {
  backend: Backend;
  threads: number | undefined;
  /** Folder of ONNX Runtime's wasm, or undefined for the bundler's own resolution. */
  folder: string | undefined;
  /** The cache its files are kept in, or null for none. */
  cache: string | null;
  hooks: TestHooks;
}

export type SessionCall =
  | { call: 'start'; settings: SessionSettings }
  /** Answer: ReadyModel. `thing` names the model in errors. */
  | { call: 'open'; bytes: Uint8Array; thing: string }
  /** Answer: WarmModel. `dims`: a batch's shape. */
  | { call: 'warmUp'; dims: number[] }
  /** Answer: Ran. */
  | { call: 'run'; data: Float32Array; dims: number[] }
  /** Batches that wait are not run; each is answered with an error. */
  | { call: 'drop' };

export interface ReadyModel {
  input: Port;
  output: Port;
  /** Windows a batch that are fastest. */
  suggestedBatch: number;
}

export interface WarmModel {
  facts: SessionFacts;
  /** Sentences about files that could not be kept. */
  warnings: string[];
}

export interface Ran {
  outputs: Values[];
  /** In the session alone. */
  ms: number;
  /** As they are now: a GPU may have been lost. */
  facts: SessionFacts;
}

export type ToSession = SessionCall & { id: number };
export type FromSession = { id: number; result: unknown } | { id: number; error: SentError };
