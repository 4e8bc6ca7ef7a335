// A file on a server that is read piece by piece, as GDAL asks for it: a large COG need not be fetched whole.

import { FairError } from '../errors.js';

/** Pieces are whole multiples of this, so that many small reads are few requests. */
const PIECE = 256 * 1024;
/** GDAL's own reading keeps pieces too (gdal3.ts). */
const PIECES_KEPT = 4;

/** What Emscripten's WORKERFS wants of a Blob: a size, and slices that FileReaderSync reads. */
export interface Sliced {
  size: number;
  slice(begin: number, end: number): Blob;
}

class RemoteFile implements Sliced {
  private readonly pieces = new Map<number, Uint8Array<ArrayBuffer>>();

  constructor(
    private readonly url: string,
    readonly size: number,
  ) {}

  slice(begin: number, end: number): Blob {
    const stop = Math.min(end, this.size);
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for (let at = begin; at < stop; ) {
      const piece = Math.floor(at / PIECE);
      const bytes = this.piece(piece);
      const from = at - piece * PIECE;
      const part = bytes.subarray(from, Math.min(bytes.length, stop - piece * PIECE));
      if (part.length === 0) throw new Error(`${this.url}: the server sent less than it promised`);
      parts.push(part);
      at += part.length;
    }
    return new Blob(parts);
  }

  // GDAL reads as it goes and cannot wait for a promise; a worker may ask synchronously.
  private piece(index: number): Uint8Array<ArrayBuffer> {
    const known = this.pieces.get(index);
    if (known) return known;
    const request = new XMLHttpRequest();
    request.open('GET', this.url, false);
    request.responseType = 'arraybuffer';
    request.setRequestHeader('Range', `bytes=${index * PIECE}-${Math.min((index + 1) * PIECE, this.size) - 1}`);
    request.send();
    if (request.status !== 206) throw new Error(`${this.url}: HTTP status ${request.status} instead of a range`);
    const bytes = new Uint8Array(request.response as ArrayBuffer);
    if (this.pieces.size >= PIECES_KEPT) this.pieces.delete(this.pieces.keys().next().value!);
    this.pieces.set(index, bytes);
    return bytes;
  }
}

/** Errors: nothing there, a server that pages of other sites may not read. A server without ranges is asked for the whole file. */
export async function openRemote(url: string): Promise<Sliced> {
  let response: Response;
  try {
    response = await fetch(url, { headers: { Range: 'bytes=0-0' } });
  } catch {
    const host = new URL(url).origin;
    const there = await fetch(url, { mode: 'no-cors' }).then(() => true, () => false);
    throw there
      ? new FairError('unsupported', url, 'a raster that pages of other sites may read', `${host} does not allow it (CORS)`, 'ask its owner to send "Access-Control-Allow-Origin: *", or save the file and give that')
      : new FairError('io', url, 'an answer', `${host} cannot be reached`, 'check the address and the network');
  }
  if (!response.ok) throw new FairError('not_found', url, 'a raster file', `HTTP status ${response.status}`, 'check the address');
  const size = Number(/\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1] ?? 0);
  // Across origins the header is only seen where the server exposes it.
  if (response.status === 206 && size > 0) return new RemoteFile(url, size);
  if (response.status === 200) return response.blob();
  return (await fetch(url)).blob();
}
