// What the package's callers see. Field names follow STAC, GeoJSON and fAIr's server contract.

import type { Feature, FeatureCollection, MultiPolygon, Polygon } from './geojson.js';

/** Where the package's own files lie: wasm of core, plugins, ONNX Runtime Web, GDAL. Default: beside the package's module. */
export interface AssetOptions {
  /** Folder of core.wasm and the plugins, ends in "/". */
  core?: string;
  /** Folder of ONNX Runtime Web's wasm files. */
  onnxruntime?: string;
  /** Folder of gdal3.js's three files. */
  gdal?: string;
}

/** Someone's plugin: a WASM side module with its manifest beside it (`<name>.plugin.json`); of one without code `url` is the manifest's. */
export interface PluginSource {
  url: string;
  /** Subresource integrity of the binary, "sha256-…" (base64). Compulsory for plugins that are not the package's own. */
  integrity: string;
  /** Default: `url` with ".wasm" replaced by ".plugin.json". */
  manifestUrl?: string;
}

export type Backend = 'auto' | 'webgpu' | 'wasm';

export interface PredictorOptions {
  assets?: AssetOptions;
  backend?: Backend;
  /** Threads of the wasm provider. Default: the cores where the page is cross-origin isolated, else 1. */
  threads?: number;
  plugins?: PluginSource[];
  /** Name of the cache for models and runtimes, or false for none. Default "fair-edge". */
  cache?: string | false;
  /** Longest time one call into a plugin may take, ms. Default 10000. */
  pluginTimeout?: number;
}

/** How imagery that is no tile template is given: a file, or where one lies. A server that answers ranges is asked only for what is read. */
export type RasterSource = File | Blob | URL | string;

export type BBox = [west: number, south: number, east: number, north: number];

export interface Progress {
  phase: 'model' | 'imagery' | 'predict' | 'done';
  tilesDone: number;
  tilesTotal: number;
  windowsDone: number;
  windowsTotal: number;
  features: number;
  /** Bytes of imagery fetched. */
  bytes: number;
  /** Bytes of the model fetched, while phase is 'model'. */
  modelBytes: number;
  modelTotal: number;
  seconds: number;
  /** Seconds left, once it can be told. */
  eta: number | null;
}

export interface PredictRequest {
  /** One of three: a STAC item, its address, or a bare ONNX file that carries its own description. */
  item?: unknown;
  itemUrl?: string;
  modelUrl?: string;
  /** Tiles: an XYZ, TMS, quadkey, WMS or WMTS template, or TileJSON's address. */
  imageUri?: string;
  /** A GeoTIFF, COG or another raster of GDAL, 8 bits a band. EPSG:3857 and EPSG:4326 are read as they are, others warped to EPSG:3857. */
  raster?: RasterSource;
  /** Degrees. Compulsory for tiles unless `geometry` is given; a raster is read whole without it. One that crosses the antimeridian (west > east) is split. */
  bbox?: BBox;
  geometry?: Polygon | MultiPolygon;
  /** Cut features at `geometry`, or at `bbox`, instead of at whole tiles: to the pixel, before corners are squared. Default false. */
  clip?: boolean;
  zoom?: number;
  tileSize?: 256 | 512;
  /** Values of the item's inference hyper-parameters, without prefix. */
  params?: Record<string, unknown>;
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  /** Features as they are finished, in batches. */
  onFeatures?: (features: Feature[]) => void;
  /** Keep the features for the result. false: memory does not grow with the area. Default true. */
  collect?: boolean;
  /** Refuse areas of more tiles. Default 10000 with `collect`, else no bound. */
  maxTiles?: number;
  /** Windows a batch. Default: the best for the provider. */
  batchSize?: number;
  /** Tiles fetched at once. Default 8. */
  connections?: number;
}

/** What ran, where, and how long it took. */
export interface Report {
  model: { id: string; title: string; url: string; sha256: string; bytes: number; fromCache: boolean };
  plugin: string;
  provider: 'wasm' | 'webgpu' | 'jspi' | string;
  /** Why the provider asked for is not the one that ran, sentence by sentence. */
  fallbacks: string[];
  adapter: string | null;
  threads: number;
  dataType: string;
  crossOriginIsolated: boolean;
  loadMs: number;
  warmUpMs: number;
  runMs: number;
  seconds: number;
  tiles: number;
  tilesMissing: number;
  bytes: number;
  windows: number;
  windowsRun: number;
  batches: number;
  batchSize: number;
  features: number;
  /** Bytes of memory that core and plugins have taken since the predictor was made. */
  coreMemory: number;
  attribution: string[];
  warnings: string[];
  params: Record<string, unknown>;
}

export interface PredictResult extends FeatureCollection {
  report: Report;
  /** The collection's text, byte for byte as `fair predict` writes it; empty without `collect`. */
  text(): string;
}

/** The server's contract (POST /predict). */
export interface FairPredictRequest {
  model_uri: string;
  image_uri: string;
  bbox: BBox;
  zoom: number;
  params: Record<string, unknown>;
  item?: unknown;
  signal?: AbortSignal;
}

export interface Finding {
  severity: 'error' | 'warning';
  pointer: string;
  rule: string;
  found: string;
  hint: string;
}

export interface Compatibility {
  compatible: boolean;
  reasons: { verdict: 'holds' | 'warns' | 'fails'; rule: string; text: string; hint: string }[];
}

/** One entry of fair:hyperparameters_spec with the item's value. */
export interface Parameter {
  key: string;
  type: 'int' | 'float' | 'str' | 'bool' | 'any';
  group: 'training' | 'inference';
  value: unknown;
  min: number | null;
  max: number | null;
  values: unknown[];
  description: string;
}

export interface ModelClass {
  value: number;
  name: string;
  color_hint: string;
}

/** A catalogue walked by its links; items come whole, with absolute hrefs. */
export interface Catalog {
  url: string;
  title: string;
  collections(): Promise<{ id: string; title: string; url: string }[]>;
  /** Items of a collection ("base-models", "local-models", "datasets"); deprecated ones only when asked. */
  items(collection: string, options?: { deprecated?: boolean; signal?: AbortSignal }): Promise<{ id: string; title: string; url: string; item: unknown }[]>;
}

/** Where a mask lies. */
export interface MaskGround {
  width: number;
  height: number;
  /** GDAL's six numbers: pixel corners to the map. */
  transform: readonly number[];
  /** Default EPSG:3857. */
  crs?: 'EPSG:3857' | 'EPSG:4326';
  /** Do pixels that share a corner only belong together? Default 4: no. */
  connectivity?: 4 | 8;
}

/** Polygons as GeoArrow lays them out: offsets of rings in points and of polygons in rings, each with its end; rings are closed, the outer one is first. */
export interface PolygonArrays {
  /** x, y, x, y, … in map units. */
  coordinates: Float64Array;
  ringOffsets: Uint32Array;
  polygonOffsets: Uint32Array;
  /** Each polygon's class value. */
  values: Uint8Array;
}

export interface Predictor {
  predict(request: PredictRequest): Promise<PredictResult>;
  /** fairPredict with this predictor. */
  fairPredict(request: FairPredictRequest): Promise<FeatureCollection>;
  loadPlugin(source: PluginSource): Promise<{ name: string; version: string }>;
  plugins(): Promise<{ name: string; version: string; licence: string; tasks: string[] }[]>;
  validateItem(item: unknown): Promise<{ kind: string; findings: Finding[] }>;
  checkCompatibility(model: unknown, dataset: unknown): Promise<Compatibility>;
  listParams(item: unknown): Promise<Parameter[]>;
  /** What an item says of its model: classes, output name, geometry keyword, title, href. */
  describeModel(item: unknown): Promise<{ id: string; title: string; classes: ModelClass[]; outputName: string; geometry: 'polygon' | 'line' | 'point'; href: string; gsd: number | null }>;
  openCatalog(url: string): Promise<Catalog>;
  /** A mask of class values, row by row, as polygons: valid, holes with their outer rings, nothing simplified. 0 is background. */
  polygons(mask: Uint8Array, ground: MaskGround): Promise<PolygonArrays>;
  /** Ends the worker. Predictions under way reject with AbortError. */
  close(): void;
}
