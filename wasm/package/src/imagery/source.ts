// Where a prediction's pixels come from, whatever it is.

import type { BBox } from '../types.js';
import type { Block, Pixels } from '../worker/core_module.js';

/** One grid of blocks. Core's JSON of a grid is passed through as it is. */
export interface BlockSource {
  grid: unknown;
  blocks: number;
  /** Null: nothing is there. */
  fetch(block: Block, signal: AbortSignal): Promise<Pixels | null>;
  /** Degrees, for people. */
  bounds: BBox | null;
}

/** Counts for the report, shared by all grids of one prediction. */
export interface Traffic {
  bytes: number;
  missing: number;
  attribution: Set<string>;
}
