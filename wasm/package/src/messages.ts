// What page and worker say to each other.

import type { ErrorCode } from './errors.js';
import type { MaskGround, PluginSource, PredictRequest, PredictorOptions, Progress, Report } from './types.js';

/** Only for the package's own tests; not part of its API. */
export interface TestHooks {
  /** Instead of a session: every bright pixel is a building. */
  stubSession?: boolean;
  /** The accelerated provider's outputs are spoilt. */
  spoilAccelerated?: boolean;
  /** Pretend there is an adapter. */
  pretendAdapter?: boolean;
}

/** A request without what cannot be sent. */
export type SentRequest = Omit<PredictRequest, 'signal' | 'onProgress' | 'onFeatures'>;

export type Call =
  | { call: 'open'; options: PredictorOptions; hooks: TestHooks }
  | { call: 'predict'; request: SentRequest }
  | { call: 'ask'; question: { ask: string } & Record<string, unknown> }
  | { call: 'loadPlugin'; source: PluginSource }
  | { call: 'polygons'; mask: Uint8Array; ground: MaskGround }
  | { call: 'vectorize'; request: unknown; mask: Uint8Array; width: number; height: number };

export type ToWorker = (Call & { id: number }) | { id: number; call: 'abort' };

export interface SentError {
  name: string;
  message: string;
  code: ErrorCode;
  thing: string;
  expected: string;
  found: string;
  hint: string;
}

export type FromWorker =
  | { id: number; result: unknown }
  | { id: number; error: SentError }
  | { id: number; progress: Progress }
  /** Features as text, ",\n" between. */
  | { id: number; features: string; count: number }
  /** A call into a plugin begins, or has ended. */
  | { plugin: string; busy: boolean };

export interface Predicted {
  report: Report;
}
