// Tiles of a server: fetched with patience, decoded, holes where there is none.

import { meets, tileBounds } from '../area.js';
import { FairError } from '../errors.js';
import type { MultiPolygon, Polygon } from '../geojson.js';
import type { BBox } from '../types.js';
import type { Block, CoreModule, Pixels } from '../worker/core_module.js';
import { decodeImage } from './decode.js';
import type { BlockSource, Traffic } from './source.js';

const ATTEMPTS = 4;
const FIRST_WAIT = 250;
const LONGEST_WAIT = 20_000;

export interface TileRequest {
  imageUri: string;
  parts: BBox[];
  geometry?: Polygon | MultiPolygon | undefined;
  zoom: number;
  tileSize: number;
  maxTiles: number;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** Milliseconds a server asks to wait, or null. */
export function retryAfter(header: string | null, now = Date.now()): number | null {
  if (!header) return null;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), LONGEST_WAIT) : null;
}

/** Why a request without an answer failed. A server that answers other pages but not this one refuses by CORS. */
async function whyUnanswered(url: string, signal: AbortSignal): Promise<FairError> {
  const host = new URL(url).origin;
  try {
    await fetch(url, { mode: 'no-cors', signal });
    return new FairError('unsupported', url, 'imagery that pages of other sites may read', `${host} does not allow it (CORS)`,
      `ask the imagery's owner to send "Access-Control-Allow-Origin: *" with its tiles, or use a copy on a server that does`);
  } catch {
    return new FairError('io', url, 'an answer', `${host} cannot be reached`, 'check the address and the network');
  }
}

/** The body of one address; null where there is nothing (204, 404, 410, or an empty body). Tried again on 429, 5xx and broken connections. */
export async function fetchTile(url: string, signal: AbortSignal): Promise<Blob | null> {
  for (let attempt = 1; ; ++attempt) {
    let wait = FIRST_WAIT * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
    let failure: FairError;
    try {
      const response = await fetch(url, { signal });
      if (response.status === 204 || response.status === 404 || response.status === 410) return null;
      if (response.ok) {
        const blob = await response.blob();
        return blob.size === 0 ? null : blob;
      }
      failure = new FairError('io', url, 'a tile', `HTTP status ${response.status}`,
        response.status === 401 || response.status === 403 ? 'the server wants a key or forbids this: check the template' : 'try again later');
      if (response.status !== 429 && response.status < 500) throw failure;
      wait = retryAfter(response.headers.get('retry-after')) ?? wait;
    } catch (e) {
      if (e instanceof FairError || signal.aborted) throw e;
      if (attempt === 1) {
        const why = await whyUnanswered(url, signal);
        if (why.code === 'unsupported') throw why;
        failure = why;
      } else {
        failure = new FairError('io', url, 'an answer', (e as Error).message, 'check the address and the network');
      }
    }
    if (attempt === ATTEMPTS) throw failure;
    await pause(wait, signal);
  }
}

interface Opened {
  handle: number;
  tile_size: number;
  min_zoom: number;
  max_zoom: number;
  bounds: BBox | null;
}

/** An address without placeholders is where TileJSON lies. */
const isTileJson = (address: string): boolean => /^https?:/i.test(address) && !/[{]/.test(address);

async function open(core: CoreModule, request: TileRequest, signal: AbortSignal, traffic: Traffic): Promise<Opened> {
  if (!isTileJson(request.imageUri)) return core.openSource({ template: request.imageUri, tile_size: request.tileSize });
  const body = await fetchTile(request.imageUri, signal);
  let document: { attribution?: unknown };
  try {
    document = JSON.parse((await body?.text()) ?? '');
  } catch {
    throw new FairError('invalid', request.imageUri, 'a TileJSON document, or a template with {z}, {x} and {y}', 'something else', 'check the address');
  }
  if (typeof document.attribution === 'string') traffic.attribution.add(document.attribution);
  return core.openSource({ tilejson: document, thing: request.imageUri, tile_size: request.tileSize });
}

/** One source a part of the area. Errors: a template that cannot be read, a zoom or place the source has not, too many tiles. Tiles that are no image,
 * or of another size, fail when they are fetched. `close` gives the source back. */
export async function openTiles(core: CoreModule, request: TileRequest, signal: AbortSignal, traffic: Traffic): Promise<{ sources: BlockSource[]; close: () => void }> {
  const source = await open(core, request, signal, traffic);
  const { zoom, tileSize } = request;
  if (!Number.isInteger(zoom) || zoom < source.min_zoom || zoom > source.max_zoom) {
    core.closeSource(source.handle);
    throw new FairError('usage', 'zoom', `${source.min_zoom} to ${source.max_zoom}`, String(zoom), 'give a zoom the imagery has');
  }
  let left = request.maxTiles;
  const sources: BlockSource[] = [];
  for (let part of request.parts) {
    if (source.bounds) {
      const [w, s, e, n] = source.bounds;
      part = [Math.max(part[0], w), Math.max(part[1], s), Math.min(part[2], e), Math.min(part[3], n)];
      if (!(part[0] < part[2] && part[1] < part[3])) continue;
    }
    const made = core.ask<{ grid: unknown; tiles: number; first: [number, number, number]; bounds: BBox }>('grid', {
      bbox: part, zoom, tile_size: tileSize, most_tiles: left,
    });
    left -= made.tiles;
    const [z, firstX, firstY] = made.first;
    sources.push({
      grid: made.grid,
      blocks: made.tiles,
      bounds: made.bounds,
      async fetch(block: Block, stop: AbortSignal): Promise<Pixels | null> {
        const x = firstX + block.column;
        const y = firstY + block.row;
        if (request.geometry && !meets(request.geometry, tileBounds(z, x, y))) return null;
        const url = core.url(source.handle, z, x, y);
        const blob = await fetchTile(url, stop);
        if (!blob) {
          traffic.missing += 1;
          return null;
        }
        traffic.bytes += blob.size;
        const pixels = await decodeImage(blob, url);
        if (pixels.width !== tileSize || pixels.height !== tileSize) {
          throw new FairError('invalid', url, `a tile of ${tileSize} pixels a side`, `${pixels.width} x ${pixels.height}`, 'say tileSize 256 or 512 as the server has it');
        }
        return pixels;
      },
    });
  }
  if (sources.length === 0) {
    core.closeSource(source.handle);
    throw new FairError('usage', 'area', `a place the imagery covers: ${JSON.stringify(source.bounds)}`, JSON.stringify(request.parts), 'take another area');
  }
  return { sources, close: () => core.closeSource(source.handle) };
}
