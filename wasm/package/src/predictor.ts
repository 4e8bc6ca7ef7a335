// The page's side: a worker, and promises of what it does.

import { openCatalog } from './catalog.js';
import { AbortError, FairError } from './errors.js';
import type { Feature, FeatureCollection } from './geojson.js';
import type { Call, FromWorker, Predicted, SentError, SentRequest, TestHooks } from './messages.js';
import type {
  AssetOptions, Catalog, Compatibility, FairPredictRequest, Finding, MaskGround, ModelClass, Parameter, PluginSource, PolygonArrays, PredictRequest, PredictResult, Predictor, PredictorOptions,
} from './types.js';

const PLUGIN_TIMEOUT = 10_000;
const LAST_CALL = 200;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  message?: (message: FromWorker) => void;
}

function errorOf(e: SentError): FairError {
  return e.name === 'AbortError' ? new AbortError(null) : new FairError(e.code, e.thing, e.expected, e.found, e.hint);
}

/** The file `fair predict` writes. */
export function collectionText(texts: string[]): string {
  return texts.length === 0 ? '{"type":"FeatureCollection","features":[]}\n' : `{"type":"FeatureCollection","features":[\n${texts.join(',\n')}\n]}\n`;
}

export class WorkerPredictor implements Predictor {
  private worker: Worker | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private next = 1;
  private watchdog: ReturnType<typeof setTimeout> | undefined;
  private closed = false;
  private opened: Promise<unknown> | null = null;
  private readonly loaded: PluginSource[] = [];

  private constructor(
    private readonly options: PredictorOptions,
    private readonly hooks: TestHooks,
  ) {}

  static async open(options: PredictorOptions, hooks: TestHooks): Promise<WorkerPredictor> {
    const predictor = new WorkerPredictor(options, hooks);
    await predictor.start();
    return predictor;
  }

  async predict(request: PredictRequest): Promise<PredictResult> {
    const { signal, onProgress, onFeatures, ...sent } = request;
    const collect = request.collect !== false;
    const features: Feature[] = [];
    const texts: string[] = [];
    if (signal?.aborted) throw new AbortError(result(features, texts, null));
    if (typeof sent.itemUrl === 'string') sent.itemUrl = absolute(sent.itemUrl);
    if (typeof sent.modelUrl === 'string') sent.modelUrl = absolute(sent.modelUrl);
    if (typeof sent.imageUri === 'string' && !/^https?:/i.test(sent.imageUri)) sent.imageUri = templateAgainstPage(sent.imageUri);
    if (sent.raster instanceof URL) sent.raster = sent.raster.href;
    if (typeof sent.raster === 'string') sent.raster = absolute(sent.raster);
    let stop: (() => void) | undefined;
    try {
      const done = (await this.send({ call: 'predict', request: sent as SentRequest }, (message) => {
        if ('progress' in message) onProgress?.(message.progress);
        if ('features' in message) {
          if (!collect && !onFeatures) return;
          const some = JSON.parse(`[${message.features}]`) as Feature[];
          if (collect) {
            features.push(...some);
            texts.push(message.features);
          }
          onFeatures?.(some);
        }
      }, (id) => {
        stop = () => this.worker?.postMessage({ id, call: 'abort' });
        signal?.addEventListener('abort', stop, { once: true });
      })) as Predicted;
      return result(features, texts, done);
    } catch (e) {
      throw e instanceof AbortError ? new AbortError(result(features, texts, null)) : e;
    } finally {
      if (stop) signal?.removeEventListener('abort', stop);
    }
  }

  async fairPredict(request: FairPredictRequest): Promise<FeatureCollection> {
    const { model_uri, image_uri, bbox, zoom, params, item, signal } = request;
    for (const [name, value] of Object.entries({ model_uri, image_uri, bbox, zoom, params })) {
      if (value === undefined || value === null) throw new FairError('usage', name, 'a value', 'none', 'the request needs model_uri, image_uri, bbox, zoom and params');
    }
    if (!Number.isInteger(zoom) || zoom < 14 || zoom > 22) throw new FairError('usage', 'zoom', 'a whole number from 14 to 22', String(zoom));
    if (typeof params['confidence_threshold'] !== 'number') {
      throw new FairError('usage', 'params.confidence_threshold', 'a number from 0 to 1', JSON.stringify(params['confidence_threshold']) ?? 'none');
    }
    const { features } = await this.predict({
      modelUrl: model_uri, imageUri: image_uri, bbox, zoom, params, ...(item === undefined ? {} : { item }), ...(signal ? { signal } : {}),
    });
    return { type: 'FeatureCollection', features };
  }

  async loadPlugin(source: PluginSource): Promise<{ name: string; version: string }> {
    const absoluteSource = { ...source, url: absolute(source.url), ...(source.manifestUrl ? { manifestUrl: absolute(source.manifestUrl) } : {}) };
    const info = (await this.send({ call: 'loadPlugin', source: absoluteSource })) as { name: string; version: string };
    this.loaded.push(absoluteSource);
    return info;
  }
  async plugins(): Promise<{ name: string; version: string; licence: string; tasks: string[] }[]> {
    return (await this.ask<{ plugins: { name: string; version: string; licence: string; tasks: string[] }[] }>({ ask: 'plugins' })).plugins;
  }
  validateItem(item: unknown): Promise<{ kind: string; findings: Finding[] }> {
    return this.ask({ ask: 'validate', document: item });
  }
  checkCompatibility(model: unknown, dataset: unknown): Promise<Compatibility> {
    return this.ask({ ask: 'compatibility', model, dataset });
  }
  async listParams(item: unknown): Promise<Parameter[]> {
    return (await this.ask<{ parameters: Parameter[] }>({ ask: 'parameters', item })).parameters;
  }
  async describeModel(item: unknown) {
    const d = await this.ask<{ id: string; title: string; classes: ModelClass[]; output_name: string; geometry: 'polygon' | 'line' | 'point'; href: string; gsd: number | null }>({ ask: 'model', item });
    return { id: d.id, title: d.title, classes: d.classes, outputName: d.output_name, geometry: d.geometry, href: d.href, gsd: d.gsd };
  }
  openCatalog(url: string): Promise<Catalog> {
    return openCatalog(absolute(url));
  }

  polygons(mask: Uint8Array, ground: MaskGround): Promise<PolygonArrays> {
    return this.send({ call: 'polygons', mask, ground }) as Promise<PolygonArrays>;
  }
  /** A mask of class values (row by row) as features; `request` as fair_vectorize takes it. */
  async vectorize(request: unknown, mask: Uint8Array, width: number, height: number): Promise<{ count: number; text: string }> {
    return (await this.send({ call: 'vectorize', request, mask, width, height })) as { count: number; text: string };
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.end(new AbortError(null));
  }

  private ask<T>(question: { ask: string } & Record<string, unknown>): Promise<T> {
    return this.send({ call: 'ask', question }) as Promise<T>;
  }

  /** A worker with everything in it; a later one has the plugins that were loaded into the former. */
  private start(): Promise<unknown> {
    const worker = (this.worker = new Worker(new URL('./worker/main.js', import.meta.url), { type: 'module', name: 'fair-edge' }));
    worker.addEventListener('message', (event: MessageEvent<FromWorker>) => {
      if (this.worker === worker) this.hear(event.data);
    });
    worker.addEventListener('error', (event) => {
      if (this.worker !== worker) return;
      const found = event.message || 'a worker script that does not load';
      this.end(new FairError('internal', 'worker', 'to run', found, 'check that the package’s files are served with their MIME types'));
    });
    const options = { ...this.options, assets: assetsOf(this.options.assets ?? {}), plugins: [...(this.options.plugins ?? []), ...this.loaded].map((p) => ({ ...p, url: absolute(p.url) })) };
    this.opened = this.post({ call: 'open', options, hooks: this.hooks }).catch((e: unknown) => {
      if (this.worker === worker) this.end(e);
      throw e;
    });
    return this.opened;
  }

  private async send(call: Call, message?: (m: FromWorker) => void, begun?: (id: number) => void): Promise<unknown> {
    if (this.closed) throw new FairError('usage', 'predictor', 'to be open', 'a closed one', 'make another with createPredictor()');
    await (this.opened ?? this.start());
    return this.post(call, message, begun);
  }

  private post(call: Call, message?: (m: FromWorker) => void, begun?: (id: number) => void): Promise<unknown> {
    const { worker } = this;
    if (!worker) return Promise.reject(new AbortError(null));
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject, ...(message ? { message } : {}) });
      worker.postMessage({ id, ...call });
      begun?.(id);
    });
  }

  private hear(message: FromWorker): void {
    if ('plugin' in message) {
      clearTimeout(this.watchdog);
      if (message.busy) {
        const limit = this.options.pluginTimeout ?? PLUGIN_TIMEOUT;
        const end = (): void => this.end(new FairError('invalid', `plugin ${message.plugin}`, `to return within ${limit} ms`, 'it did not; its worker was ended', 'tell its author, or raise pluginTimeout'));
        // A page that was asleep may have its answer waiting already: it is heard before anything is ended.
        this.watchdog = setTimeout(() => (this.watchdog = setTimeout(end, LAST_CALL)), limit);
      }
      return;
    }
    if ('error' in message && message.error.name === 'CrashError') {
      this.end(errorOf(message.error));
      return;
    }
    const waiting = this.waiting.get(message.id);
    if (!waiting) return;
    if ('result' in message || 'error' in message) {
      this.waiting.delete(message.id);
      if ('error' in message) waiting.reject(errorOf(message.error));
      else waiting.resolve(message.result);
    } else {
      waiting.message?.(message);
    }
  }

  /** Everything under way fails; the next call starts a new worker. */
  private end(error: unknown): void {
    clearTimeout(this.watchdog);
    this.worker?.terminate();
    this.worker = this.opened = null;
    const all = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of all) reject(error);
  }
}

function result(features: Feature[], texts: string[], done: Predicted | null): PredictResult {
  return { type: 'FeatureCollection', features, report: done?.report as PredictResult['report'], text: () => collectionText(texts) };
}

const absolute = (url: string): string => new URL(url, document.baseURI).href;

/** Placeholders stay as they are. */
function templateAgainstPage(template: string): string {
  const at = template.search(/[{]/);
  if (at < 0) return absolute(template);
  const slash = template.lastIndexOf('/', at) + 1;
  return absolute(template.slice(0, slash) || '.') + template.slice(slash);
}

function assetsOf(assets: AssetOptions): AssetOptions {
  return Object.fromEntries(Object.entries(assets).map(([key, url]) => [key, absolute(url as string)]));
}
