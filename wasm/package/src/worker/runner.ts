// What runs batches: a session in its worker, or what tests run instead of one.

import type { Values } from './core_module.js';
import type { SessionFacts } from './session.js';

export interface Run {
  outputs: Values[];
  ms: number;
}

/** Runs batches in the order in which they are given. */
export interface Runner {
  readonly facts: SessionFacts;
  /** `data` is the runner's then. */
  run(data: Float32Array, dims: number[]): Promise<Run>;
  /** What was given and has not begun is not run; its promise fails. */
  drop(): void;
}

/** Bright pixels are buildings: what tests run instead of a model. */
export const brightness: Runner = {
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
    return Promise.resolve({ outputs: [{ data: out, dims: [n, 2, h, w] }], ms: 0 });
  },
  drop: () => undefined,
};
