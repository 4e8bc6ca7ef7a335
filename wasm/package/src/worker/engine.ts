// What a worker holds: core with its plugins, the cache, the sessions' worker, GDAL once a raster was asked for. Predictions run one by one.

import { bboxOf, cutAt, parts } from '../area.js';
import { FileCache } from '../cache.js';
import { AbortError, FairError } from '../errors.js';
import { openRaster } from '../imagery/raster.js';
import type { BlockSource, Traffic } from '../imagery/source.js';
import { openTiles } from '../imagery/tiles.js';
import type { Predicted, SentRequest, TestHooks } from '../messages.js';
import type { PluginSource, PredictorOptions, Progress } from '../types.js';
import { CoreModule } from './core_module.js';
import { GdalClient } from './gdal_client.js';
import { findModel, type ModelFile } from './model_file.js';
import { OwnPlugins } from './own_plugins.js';
import { post, watch } from './page.js';
import { loadPlugin } from './plugin_loader.js';
import { predict } from './prediction.js';
import { brightness } from './runner.js';
import { SessionClient } from './session_client.js';

const MOST_TILES = 10_000;

export class Engine {
  private readonly cacheName: string | null;
  private readonly cache: FileCache;
  /** For the next report: a prediction that ends without one leaves its own there. */
  private readonly warnings: string[] = [];
  private readonly own: OwnPlugins;
  private sessions: SessionClient | null = null;
  /** What the session holds, without its bytes. */
  private held: ModelFile | null = null;
  private gdal: Promise<GdalClient> | null = null;
  private last: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly core: CoreModule,
    private readonly options: PredictorOptions,
    private readonly hooks: TestHooks,
  ) {
    this.cacheName = options.cache === false ? null : (options.cache ?? 'fair-edge');
    this.cache = new FileCache(this.cacheName);
    this.own = new OwnPlugins(core, options.assets?.core);
  }

  static async open(options: PredictorOptions, hooks: TestHooks): Promise<Engine> {
    const folder = options.assets?.core;
    // Written out so that bundlers see which files belong to the package.
    const coreUrl = folder ? new URL('core.wasm', folder) : new URL('../core/core.wasm', import.meta.url);
    const response = await fetch(coreUrl);
    if (!response.ok) throw new FairError('not_found', coreUrl.href, "core's WASM", `HTTP status ${response.status}`, 'serve the package’s files, or say where they are with assets.core');
    const module = await WebAssembly.compile(await response.arrayBuffer());
    const engine = new Engine(CoreModule.open(module), options, hooks);
    for (const source of options.plugins ?? []) await engine.loadPlugin(source);
    return engine;
  }

  /** A question of questions.h. */
  async ask(ask: string, members: Record<string, unknown>): Promise<unknown> {
    if (ask === 'plugins') await this.own.loadAll();
    return this.core.ask(ask, members);
  }

  loadPlugin(source: PluginSource): Promise<unknown> {
    return loadPlugin(this.core, source, false, watch, (name) => this.own.loadNamed(name));
  }

  /** One prediction after the other. */
  predict(id: number, request: SentRequest, signal: AbortSignal): Promise<Predicted> {
    const mine = this.last.then(() => this.predictNow(id, request, signal));
    this.last = mine.catch(() => undefined);
    return mine;
  }

  private async predictNow(id: number, request: SentRequest, signal: AbortSignal): Promise<Predicted> {
    const begin = performance.now();
    if (signal.aborted) throw new AbortError(null);
    const collect = request.collect !== false;
    if (!request.imageUri === !request.raster) {
      throw new FairError('usage', 'imagery', 'imageUri or raster, one of them', request.raster ? 'both' : 'neither');
    }
    const area = request.clip ? cutAt(request.geometry, request.bbox) : undefined;
    let bytesTold = 0;
    const phase = (change: Partial<Progress>): void =>
      post({
        id,
        progress: {
          phase: 'model', tilesDone: 0, tilesTotal: 0, windowsDone: 0, windowsTotal: 0, features: 0, bytes: 0, modelBytes: 0, modelTotal: 0,
          seconds: (performance.now() - begin) / 1000, eta: null, ...change,
        },
      });
    const file = await findModel(this.core, this.cache, request, this.held, signal, (done, total) => {
      if (performance.now() - bytesTold < 100 && done < total) return;
      bytesTold = performance.now();
      phase({ modelBytes: done, modelTotal: total });
    });
    const traffic: Traffic = { bytes: 0, missing: 0, attribution: new Set() };
    const modelBytes = file.size;
    phase({ phase: 'imagery', modelBytes, modelTotal: modelBytes });
    // The imagery is looked at before the model is made ready: a wrong area is told at once.
    const { sources, close } = await this.imagery(request, file.described.gsd ?? 0, signal, traffic, collect);
    try {
      const { runner, model, params, batchSize } = await this.ready(file, request);
      await this.own.loadFor(model);
      const plugin = this.core.ask<{ name: string }>('plugin', { model }).name;
      if (signal.aborted) throw new AbortError(null);
      const counts = await predict(
        this.core, runner, sources,
        {
          model, params, plugin, area, batchSize, connections: request.connections ?? 8, signal,
          onFeatures: (text, count) => post({ id, features: text, count }),
          onProgress: (progress) => post({ id, progress }),
        },
        traffic, watch,
      );
      this.warnings.push(...(await this.cache.settled()));
      const seconds = (performance.now() - begin) / 1000;
      phase({ phase: 'done', tilesDone: counts.tiles, tilesTotal: counts.tiles, windowsDone: counts.windows, windowsTotal: counts.windows, features: counts.features, bytes: traffic.bytes, seconds, eta: 0 });
      return {
        report: {
          model: { id: file.described.id, title: file.described.title, url: file.url, sha256: file.sha256, bytes: modelBytes, fromCache: file.fromCache },
          plugin,
          ...runner.facts,
          crossOriginIsolated: (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === true,
          runMs: counts.runMs,
          seconds,
          tiles: counts.tiles,
          tilesMissing: traffic.missing,
          bytes: traffic.bytes,
          windows: counts.windows,
          windowsRun: counts.windowsRun,
          batches: counts.batches,
          batchSize,
          features: counts.features,
          coreMemory: this.core.bytes,
          attribution: [...traffic.attribution],
          warnings: [...counts.warnings, ...this.warnings.splice(0)],
          params,
        },
      };
    } finally {
      close();
    }
  }

  /** The model as its graph completes it, checked parameters, and what runs it, warm. */
  private async ready(file: ModelFile, request: SentRequest) {
    const checked = (model: unknown) => this.core.ask<{ params: Record<string, unknown> }>('params', { model, values: request.params ?? {} }).params;
    const wanted = (params: Record<string, unknown>) => request.batchSize ?? (params['batch_size'] as number | undefined);
    if (this.hooks.stubSession) {
      const { model } = file.described;
      const params = checked(model);
      return { runner: brightness, model, params, batchSize: wanted(params) ?? 1 };
    }
    this.sessions ??= this.sessionClient();
    this.held = null;
    const session = await this.sessions.open(file.bytes, file.sha256, file.url);
    this.held = { ...file, bytes: null };
    const { model } = this.core.ask<{ model: unknown }>('fit', { model: file.described.model, input: session.input, output: session.output });
    const params = checked(model);
    const batchSize = wanted(params) ?? session.suggestedBatch;
    this.warnings.push(...(await this.sessions.warmUp(shapeOf(session.input.shape, model, batchSize))));
    return { runner: this.sessions, model, params, batchSize };
  }

  private sessionClient(): SessionClient {
    const { backend = 'auto', threads, assets } = this.options;
    return new SessionClient({ backend, threads, folder: assets?.onnxruntime, cache: this.cacheName, hooks: this.hooks });
  }

  /** GDAL's worker, started by the first raster. */
  private raster(): Promise<GdalClient> {
    this.gdal ??= GdalClient.start(this.options.assets?.gdal ?? null).catch((e: unknown) => {
      this.gdal = null;
      throw e;
    });
    return this.gdal;
  }

  private async imagery(request: SentRequest, gsd: number, signal: AbortSignal, traffic: Traffic, collect: boolean): Promise<{ sources: BlockSource[]; close: () => void }> {
    if (request.raster !== undefined) {
      const area = request.bbox ?? (request.geometry ? bboxOf(request.geometry) : null);
      const source = request.raster instanceof URL ? request.raster.href : request.raster;
      return openRaster(this.core, await this.raster(), { source, parts: area && parts(area), geometry: request.geometry, gsd }, traffic);
    }
    const bbox = request.bbox ?? (request.geometry ? bboxOf(request.geometry) : null);
    if (!bbox) throw new FairError('usage', 'area', 'bbox or geometry with tiles', 'neither', 'say which area');
    if (request.zoom === undefined) throw new FairError('usage', 'zoom', 'a zoom with tiles', 'none', '18 to 20 suits buildings');
    return openTiles(
      this.core,
      {
        imageUri: request.imageUri!, parts: parts(bbox), geometry: request.geometry, zoom: request.zoom, tileSize: request.tileSize ?? 256,
        maxTiles: request.maxTiles ?? (collect ? MOST_TILES : 2 ** 31),
      },
      signal, traffic,
    );
  }
}

/** A batch's shape: the graph's where it is fixed, else the item's. */
function shapeOf(graph: number[], model: unknown, batch: number): number[] {
  const input = (model as { properties: { 'mlm:input': { input: { shape: number[] } }[] } }).properties['mlm:input'][0]!.input;
  const declared = input.shape;
  return (graph.length === 4 ? graph : declared).map((size, i) => (i === 0 ? (size > 0 ? size : batch) : size > 0 ? size : declared[i]! > 0 ? declared[i]! : i === 1 ? 3 : 256));
}
