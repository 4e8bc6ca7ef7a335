// The worker: core, plugins and ONNX Runtime Web in one place, away from the page.

import { bboxOf, cutAt, parts } from '../area.js';
import { FileCache } from '../cache.js';
import { AbortError, FairError } from '../errors.js';
import { openRaster } from '../imagery/raster.js';
import type { BlockSource, Traffic } from '../imagery/source.js';
import { openTiles } from '../imagery/tiles.js';
import type { FromWorker, Predicted, SentError, SentRequest, TestHooks, ToWorker } from '../messages.js';
import { onnxMetadata } from '../onnx_metadata.js';
import type { PluginSource, PredictorOptions, Progress } from '../types.js';
import { CoreModule, type Values } from './core_module.js';
import { GdalClient } from './gdal_client.js';
import { loadPlugin, type Watch } from './plugin_loader.js';
import { predict, type Runner } from './prediction.js';
import { Session } from './session.js';

const METADATA_KEY = 'fair.item';
const MOST_TILES = 10_000;

interface Described {
  model: unknown;
  id: string;
  title: string;
  href: string;
  checksum?: string;
  gsd?: number | null;
}

const post = (message: FromWorker): void => (globalThis as unknown as { postMessage(m: unknown): void }).postMessage(message);

const watch: Watch = (plugin, body) => {
  post({ plugin, busy: true });
  try {
    return body();
  } finally {
    post({ plugin, busy: false });
  }
};

/** Bright pixels are buildings: what tests run instead of a model. */
const stub: Runner = {
  run(data, dims): Promise<Values[]> {
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

class Engine {
  private readonly cache: FileCache;
  private session: { key: string; session: Session } | null = null;
  private gdal: Promise<GdalClient> | null = null;
  private last: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly core: CoreModule,
    private readonly options: PredictorOptions,
    private readonly hooks: TestHooks,
  ) {
    this.cache = new FileCache(options.cache === false ? null : (options.cache ?? 'fair-edge'));
  }

  static async open(options: PredictorOptions, hooks: TestHooks): Promise<Engine> {
    const folder = options.assets?.core;
    // Written out so that bundlers see which files belong to the package.
    const coreUrl = folder ? new URL('core.wasm', folder) : new URL('../core/core.wasm', import.meta.url);
    const own: PluginSource[] = [
      folder
        ? { url: new URL('unet_segmentation.wasm', folder).href, integrity: '' }
        : {
            url: new URL('../core/unet_segmentation.wasm', import.meta.url).href,
            manifestUrl: new URL('../core/unet_segmentation.plugin.json', import.meta.url).href,
            integrity: '',
          },
    ];
    const response = await fetch(coreUrl);
    if (!response.ok) throw new FairError('not_found', coreUrl.href, "core's WASM", `HTTP status ${response.status}`, 'serve the package’s files, or say where they are with assets.core');
    const module = await WebAssembly.compile(await response.arrayBuffer());
    const engine = new Engine(await CoreModule.open(module), options, hooks);
    for (const source of own) await loadPlugin(engine.core, source, true, watch);
    for (const source of options.plugins ?? []) await loadPlugin(engine.core, source, false, watch);
    return engine;
  }

  loadPlugin(source: PluginSource): Promise<unknown> {
    return loadPlugin(this.core, source, false, watch);
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
    const { described, bytes, sha256, fromCache, url } = await this.model(request, signal, (done, total) => {
      if (performance.now() - bytesTold < 100 && done < total) return;
      bytesTold = performance.now();
      phase({ modelBytes: done, modelTotal: total });
    });
    const traffic: Traffic = { bytes: 0, missing: 0, attribution: new Set() };
    phase({ phase: 'imagery', modelBytes: bytes.length, modelTotal: bytes.length });
    // The imagery is looked at before the model is made ready: a wrong area is told at once.
    const { sources, close } = await this.imagery(request, described.gsd ?? 0, signal, traffic, collect);
    try {
      let session: Session | null = null;
      let model = described.model;
      if (!this.hooks.stubSession) {
        session = await this.open(bytes, sha256, url);
        model = this.core.ask<{ model: unknown }>('fit', { model, input: session.input, output: session.output }).model;
      }
      const params = this.core.ask<{ params: Record<string, unknown> }>('params', { model, values: request.params ?? {} }).params;
      const plugin = this.core.ask<{ name: string }>('plugin', { model }).name;
      const batchSize = request.batchSize ?? (params['batch_size'] as number | undefined) ?? session?.suggestedBatch ?? 1;
      if (session && session.facts.warmUpMs === 0) {
        session = await session.warmUp(shapeOf(session.input.shape, model, batchSize), url);
        if (this.session) this.session.session = session;
      }
      if (signal.aborted) throw new AbortError(null);
      const runner: Runner = session ? { run: (data, dims) => this.run(data, dims, url) } : stub;
      const counts = await predict(
        this.core, runner, sources,
        {
          model, params, plugin, area, batchSize, connections: request.connections ?? 8, signal,
          onFeatures: (text, count) => post({ id, features: text, count }),
          onProgress: (progress) => post({ id, progress }),
        },
        traffic, watch,
      );
      const facts = (this.session?.session ?? session)?.facts ?? { provider: 'stub', adapter: null, threads: 1, dataType: 'float32', fallbacks: [], loadMs: 0, warmUpMs: 0 };
      const seconds = (performance.now() - begin) / 1000;
      phase({ phase: 'done', tilesDone: counts.tiles, tilesTotal: counts.tiles, windowsDone: counts.windows, windowsTotal: counts.windows, features: counts.features, bytes: traffic.bytes, seconds, eta: 0 });
      return {
        report: {
          model: { id: described.id, title: described.title, url, sha256, bytes: bytes.length, fromCache },
          plugin,
          ...facts,
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
          warnings: [...counts.warnings, ...this.cache.warnings.splice(0)],
          params,
        },
      };
    } finally {
      close();
    }
  }

  /** A run; when the GPU is lost on the way, the same batch runs on the CPU, and so do those after it. */
  private async run(data: Float32Array, dims: number[], thing: string): Promise<Values[]> {
    const held = this.session!;
    try {
      return await held.session.run(data, dims);
    } catch (e) {
      if (held.session.facts.provider === 'wasm') {
        throw new FairError('invalid', thing, 'a run without errors', (e as Error).message.slice(0, 300), "check that the item's shapes are the model's");
      }
      held.session = await held.session.onCpu(`WebGPU (${held.session.facts.adapter}) was lost: ${(e as Error).message.slice(0, 200)}`, dims, thing);
      return held.session.run(data, dims);
    }
  }

  private async open(bytes: Uint8Array, sha256: string, thing: string): Promise<Session> {
    if (this.session?.key === sha256) return this.session.session;
    await this.session?.session.close();
    this.session = null;
    const session = await Session.open(bytes, thing, {
      backend: this.options.backend ?? 'auto',
      threads: this.options.threads,
      folder: this.options.assets?.onnxruntime,
      runtime: async (url) => (await this.cache.get(url)).bytes,
      hooks: this.hooks,
    });
    this.session = { key: sha256, session };
    return session;
  }

  private async model(request: SentRequest, signal: AbortSignal, onBytes: (done: number, total: number) => void) {
    const given = [request.item !== undefined, request.itemUrl !== undefined, request.modelUrl !== undefined].filter(Boolean).length;
    if (given === 0 || (request.item !== undefined && request.itemUrl !== undefined)) {
      throw new FairError('usage', 'model', 'item, itemUrl or modelUrl', given === 0 ? 'none of them' : 'item and itemUrl');
    }
    let item = request.item;
    let base = (globalThis as { location?: { href: string } }).location?.href ?? '';
    if (request.itemUrl !== undefined) {
      base = request.itemUrl;
      const { bytes } = await this.cache.get(request.itemUrl, { signal });
      try {
        item = JSON.parse(new TextDecoder().decode(bytes));
      } catch {
        throw new FairError('invalid', request.itemUrl, 'a STAC item, JSON', 'something else', 'check the address');
      }
    }
    let described: Described | null = null;
    if (item !== undefined) described = this.core.ask<Described>('model', { item });
    const href = request.modelUrl ?? described?.href ?? '';
    if (!href) throw new FairError('invalid', `item ${described?.id ?? ''}`, 'an asset with an ONNX model', 'none', 'add the asset "model" with mlm:artifact_type onnx');
    const url = new URL(href, base).href;
    const kept = await this.cache.get(url, { signal, onBytes, checksum: request.modelUrl ? '' : (described?.checksum ?? '') });
    if (!described) {
      const metadata = onnxMetadata(kept.bytes, METADATA_KEY);
      if (metadata === null) {
        throw new FairError('not_found', url, `a model that carries its own description (metadata "${METADATA_KEY}")`, 'one that does not', 'give its STAC item, or export it with fair export');
      }
      described = this.core.ask<Described>('metadata', { metadata, thing: url });
    }
    return { described, url, ...kept };
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

function sent(e: unknown): SentError {
  if (e instanceof FairError) return { name: e.name, message: e.message, code: e.code, thing: e.thing, expected: e.expected, found: e.found, hint: e.hint };
  const error = e as Error;
  return { name: 'FairError', message: error.message, code: 'internal', thing: 'worker', expected: 'no exception', found: `${error.name}: ${error.message}`, hint: '' };
}

let engine: Engine | null = null;
const aborts = new Map<number, AbortController>();

async function handle(message: ToWorker): Promise<unknown> {
  if (message.call === 'open') {
    engine = await Engine.open(message.options, message.hooks);
    return null;
  }
  if (!engine) throw new FairError('internal', 'worker', 'to be opened first', message.call);
  switch (message.call) {
    case 'predict': {
      const abort = new AbortController();
      aborts.set(message.id, abort);
      try {
        return await engine.predict(message.id, message.request, abort.signal);
      } catch (e) {
        throw abort.signal.aborted ? new AbortError(null) : e;
      } finally {
        aborts.delete(message.id);
      }
    }
    case 'ask': {
      const { ask, ...members } = message.question;
      return engine.core.ask(ask, members);
    }
    case 'loadPlugin': return engine.loadPlugin(message.source);
    case 'vectorize': return engine.core.vectorize(message.request, message.mask, message.width, message.height);
    case 'abort': return null;
  }
}

// ONNX Runtime starts its threads from the script it is bundled in; in those this file has nothing to say.
const thread = (globalThis as { name?: string }).name?.startsWith('em-pthread') === true;
if (!thread) globalThis.addEventListener('message', (event) => {
  const message = (event as MessageEvent<ToWorker>).data;
  if (message.call === 'abort') {
    aborts.get(message.id)?.abort();
    return;
  }
  handle(message).then(
    (result) => post({ id: message.id, result }),
    (e: unknown) => post({ id: message.id, error: sent(e) }),
  );
});
