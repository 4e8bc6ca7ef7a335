// inference_pipeline in a browser: core asks for blocks and gives batches; fetching and decoding go on while the session runs.

import { AbortError } from '../errors.js';
import type { BlockSource, Traffic } from '../imagery/source.js';
import type { Progress } from '../types.js';
import type { Batch, Block, CoreModule, Pixels } from './core_module.js';
import type { Watch } from './page.js';
import type { Run, Runner } from './runner.js';

/** Told ten times a second at most. */
const TELL_EVERY = 100;
const BATCHES_IN_FLIGHT = 2;

export interface PredictionRequest {
  model: unknown;
  params: Record<string, unknown>;
  plugin: string;
  /** GeoJSON outside of which features are cut away. */
  area: unknown;
  batchSize: number;
  connections: number;
  signal: AbortSignal;
  onFeatures: (text: string, count: number) => void;
  onProgress: (progress: Progress) => void;
}

export interface PredictionCounts {
  tiles: number;
  windows: number;
  windowsRun: number;
  batches: number;
  features: number;
  runMs: number;
  warnings: Set<string>;
}

type Event = { block: Block; pixels: Pixels | null } | { batch: Batch; run: Run } | { failed: unknown };

/** Events of the outside, in the order in which they came. */
class Events {
  private readonly waiting: Event[] = [];
  private wake: (() => void) | null = null;

  push(event: Event): void {
    this.waiting.push(event);
    this.wake?.();
    this.wake = null;
  }
  /** The next one; null when woken up without one. */
  async next(): Promise<Event | null> {
    if (this.waiting.length === 0) await new Promise<void>((resolve) => (this.wake = resolve));
    return this.waiting.shift() ?? null;
  }
  wakeUp(): void {
    this.wake?.();
    this.wake = null;
  }
}

/** Predicts every source in turn. What a stop leaves undone is not begun: no block is fetched and no batch run after it. */
export async function predict(core: CoreModule, runner: Runner, sources: BlockSource[], request: PredictionRequest, traffic: Traffic, watch: Watch): Promise<PredictionCounts> {
  const begin = performance.now();
  const counts: PredictionCounts = { tiles: 0, windows: 0, windowsRun: 0, batches: 0, features: 0, runMs: 0, warnings: new Set() };
  let told = -Infinity;
  const tilesTotal = sources.reduce((sum, source) => sum + source.blocks, 0);
  let tilesBefore = 0;

  for (const source of sources) {
    const opened = watch(request.plugin, () =>
      core.openPrediction({
        model: request.model,
        params: request.params,
        grid: source.grid,
        area: request.area,
        batch_size: request.batchSize,
        batches_in_flight: BATCHES_IN_FLIGHT,
        windows_ahead: Math.max(8, 2 * request.connections),
      }),
    );
    for (const warning of opened.warnings) counts.warnings.add(warning);
    const events = new Events();
    let fetching = 0;
    let running = 0;
    const windowsBefore = counts.windows;
    counts.windows += opened.windows;

    const fetchBlock = (block: Block): void => {
      ++fetching;
      source.fetch(block, request.signal).then(
        (pixels) => events.push({ block, pixels }),
        (failed: unknown) => events.push({ failed }),
      );
    };
    const runBatch = (batch: Batch): void => {
      ++running;
      ++counts.batches;
      counts.windowsRun += batch.windows;
      runner.run(batch.data, batch.dims).then(
        (run) => events.push({ batch, run }),
        (failed: unknown) => events.push({ failed }),
      );
    };
    const take = (): void => {
      const { count, text } = core.take(opened.handle);
      if (count === 0) return;
      counts.features += count;
      request.onFeatures(text, count);
    };
    const tell = (last: boolean): void => {
      const now = performance.now();
      if (!last && now - told < TELL_EVERY) return;
      told = now;
      const progress = core.progress(opened.handle);
      const tilesDone = tilesBefore + progress.blocks;
      const seconds = (now - begin) / 1000;
      const share = (tilesBefore + (progress.windows / Math.max(1, progress.windowsTotal)) * source.blocks) / tilesTotal;
      request.onProgress({
        phase: 'predict', tilesDone, tilesTotal, windowsDone: windowsBefore + progress.windows, windowsTotal: counts.windows, features: counts.features,
        bytes: traffic.bytes, modelBytes: 0, modelTotal: 0, seconds, eta: share > 0.02 ? (seconds / share) * (1 - share) : null,
      });
    };
    const stop = (): void => {
      runner.drop();
      events.wakeUp();
    };
    request.signal.addEventListener('abort', stop);
    try {
      for (;;) {
        if (request.signal.aborted) throw new AbortError(null);
        for (const block of core.nextBlocks(opened.handle, Math.max(0, 2 * request.connections - fetching))) fetchBlock(block);
        // Batches are made while another runs, so that the runner never waits for one.
        while (running < BATCHES_IN_FLIGHT) {
          const batch = watch(request.plugin, () => core.nextBatch(opened.handle));
          if (!batch) break;
          runBatch(batch);
        }
        take();
        tell(false);
        if (core.progress(opened.handle).done) break;
        if (fetching === 0 && running === 0) {
          // Only windows without imagery passed by.
          if (core.nextBlocks(opened.handle, 0).length === 0 && core.progress(opened.handle).done) break;
          const blocks = core.nextBlocks(opened.handle, 2 * request.connections);
          if (blocks.length === 0) continue;
          for (const block of blocks) fetchBlock(block);
        }
        const event = await events.next();
        if (!event || request.signal.aborted) continue;
        if ('failed' in event) throw request.signal.aborted ? new AbortError(null) : event.failed;
        if ('block' in event) {
          --fetching;
          ++counts.tiles;
          core.giveBlock(opened.handle, event.block, event.pixels);
        } else {
          --running;
          counts.runMs += event.run.ms;
          watch(request.plugin, () => core.giveOutputs(opened.handle, event.batch.id, event.run.outputs));
        }
      }
      tell(true);
      tilesBefore += source.blocks;
    } finally {
      request.signal.removeEventListener('abort', stop);
      core.closePrediction(opened.handle);
    }
  }
  return counts;
}
