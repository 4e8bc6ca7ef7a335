// A raster file as blocks: GDAL reads them in its worker, those outside the area asked for are not read.

import { meets } from '../area.js';
import { FairError } from '../errors.js';
import type { MultiPolygon, Polygon } from '../geojson.js';
import type { BBox } from '../types.js';
import type { Block, CoreModule, Pixels } from '../worker/core_module.js';
import type { GdalClient } from '../worker/gdal_client.js';
import type { RasterInfo } from '../worker/gdal_messages.js';
import type { BlockSource, Traffic } from './source.js';

/** As `fair predict` cuts them: whole tiles of the usual tiled files. */
const BLOCK = 512;
const RADIUS = 6378137;

export interface RasterRequest {
  source: Blob | string;
  parts: BBox[] | null;
  geometry?: Polygon | MultiPolygon | undefined;
  gsd: number;
}

/** Degrees of a window. */
function boundsOf({ transform, crs }: RasterInfo, left: number, top: number, right: number, bottom: number): BBox {
  const [x0, dx, , y0, , dy] = transform as [number, number, number, number, number, number];
  const degrees = (x: number, y: number): [number, number] =>
    crs === 'EPSG:4326' ? [x, y] : [(x / RADIUS) * (180 / Math.PI), Math.atan(Math.sinh(y / RADIUS)) * (180 / Math.PI)];
  const [ax, ay] = degrees(x0 + dx * left, y0 + dy * top);
  const [bx, by] = degrees(x0 + dx * right, y0 + dy * bottom);
  return [Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)];
}

const overlap = (a: BBox, b: BBox): boolean => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

export async function openRaster(core: CoreModule, gdal: GdalClient, request: RasterRequest, traffic: Traffic): Promise<{ sources: BlockSource[]; close: () => void }> {
  const { source, parts, geometry } = request;
  const name = typeof source === 'string' ? source : ((source as File).name ?? 'raster');
  const info = await gdal.ask<RasterInfo>({ call: 'open', source, name, gsd: request.gsd });
  const close = (): void => void gdal.ask({ call: 'close', handle: info.handle }).catch(() => undefined);
  try {
    const bounds = boundsOf(info, 0, 0, info.width, info.height);
    if (parts && !parts.some((part) => overlap(part, bounds))) {
      throw new FairError('usage', 'area', `a place the raster covers: ${JSON.stringify(bounds)}`, JSON.stringify(parts), 'take another area, or none for the whole raster');
    }
    const { grid } = core.ask<{ grid: { columns: number; rows: number } }>('raster_grid', {
      transform: info.transform, width: info.width, height: info.height, block: BLOCK, crs: info.crs,
    });
    const read = async ({ column, row }: Block, signal: AbortSignal): Promise<Pixels | null> => {
      signal.throwIfAborted();
      const [left, top] = [column * BLOCK, row * BLOCK];
      const [width, height] = [Math.min(BLOCK, info.width - left), Math.min(BLOCK, info.height - top)];
      const box = boundsOf(info, left, top, left + width, top + height);
      if ((parts && !parts.some((part) => overlap(part, box))) || (geometry && !meets(geometry, box))) return null;
      const data = await gdal.ask<Uint8Array | null>({ call: 'read', handle: info.handle, window: { left, top, width, height } });
      if (!data) {
        traffic.missing += 1;
        return null;
      }
      traffic.bytes += data.length;
      return { data, width, height, channels: 4 };
    };
    return { sources: [{ grid, blocks: grid.columns * grid.rows, bounds, fetch: read }], close };
  } catch (e) {
    close();
    throw e;
  }
}
