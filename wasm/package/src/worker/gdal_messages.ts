// What is said to GDAL's worker, and what it answers.

import type { SentError } from '../messages.js';

export type VectorFormat = 'FlatGeobuf' | 'GPKG';

/** A raster as GDAL describes it, fit to be read: RGB or grey, 8 bits, north up. */
export interface RasterInfo {
  handle: number;
  width: number;
  height: number;
  crs: 'EPSG:3857' | 'EPSG:4326';
  transform: number[];
}

export interface RasterWindow {
  left: number;
  top: number;
  width: number;
  height: number;
}

export type GdalCall =
  | { call: 'start'; folder: string | null }
  /** `gsd`: metres a pixel that suffice; the file's overviews are used for it. 0: all pixels. */
  | { call: 'open'; source: Blob | string; name: string; gsd: number }
  | { call: 'read'; handle: number; window: RasterWindow }
  | { call: 'close'; handle: number }
  | { call: 'convert'; text: string; format: VectorFormat };

export type ToGdal = GdalCall & { id: number };
export type FromGdal = { id: number; result: unknown } | { id: number; error: SentError };
