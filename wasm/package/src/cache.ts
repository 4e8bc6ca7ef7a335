// Models and runtimes, kept by what they contain: a file that is known by its checksum is never fetched twice.

import { FairError } from './errors.js';
import { sha256, sha256OfMultihash, toHex } from './hash.js';

export interface Kept {
  bytes: Uint8Array;
  sha256: string;
  fromCache: boolean;
  /** What its server calls this state of the file (RFC 9110, 8.8.3), where it says so and this page may see it. */
  etag: string | null;
}

/** A file that was read before. */
export interface Held {
  url: string;
  sha256: string;
  etag: string | null;
}

export interface FetchOptions {
  /** The item's `file:checksum`, or ''. */
  checksum?: string;
  signal?: AbortSignal;
  onBytes?: (done: number, total: number) => void;
}

/** With a file that whoever asks still has: it is not read again where its checksum, or its server, says that it is the same. */
export interface FetchOrHeldOptions extends FetchOptions {
  held: Held | null;
}

const byHash = (hash: string): string => `https://cache.invalid/sha256/${hash}`;

async function readAll(response: Response, onBytes?: (done: number, total: number) => void): Promise<Uint8Array> {
  const total = Number(response.headers.get('content-length') ?? 0);
  if (!response.body || !onBytes) return new Uint8Array(await response.arrayBuffer());
  const parts: Uint8Array[] = [];
  let done = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { value, done: end } = await reader.read();
    if (end) break;
    parts.push(value);
    done += value.length;
    onBytes(done, Math.max(total, done));
  }
  const bytes = new Uint8Array(done);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Files in the browser's Cache API. Without one (an insecure origin, private windows) everything is fetched. */
export class FileCache {
  private readonly warnings: string[] = [];
  /** What is being written; nobody waits for a disk before the work begins. */
  private readonly writing = new Set<Promise<void>>();
  /** The checksum of what was last kept under an address: it is not written again. */
  private readonly written = new Map<string, string>();

  constructor(private readonly name: string | null) {}

  /** The file at `url`. With a checksum: from the cache if it is there, and verified. Without: fetched anew, or from the cache where that fails. */
  async get(url: string, options: FetchOptions = {}): Promise<Kept> {
    return (await this.getUnlessHeld(url, { ...options, held: null }))!;
  }

  /** The same; null where the file is the one held. */
  async getUnlessHeld(url: string, options: FetchOrHeldOptions): Promise<Kept | null> {
    const held = options.held?.url === url ? options.held : null;
    const wanted = options.checksum ? sha256OfMultihash(options.checksum) : null;
    if (options.checksum && !wanted) this.warnings.push(`${url}: its checksum ${options.checksum} is no sha256 multihash and was not verified`);
    if (wanted && wanted === held?.sha256) return null;
    const cache = await this.open();
    if (wanted) {
      const kept = await cache?.match(byHash(wanted));
      if (kept) return { bytes: new Uint8Array(await kept.arrayBuffer()), sha256: wanted, fromCache: true, etag: null };
    }
    let response: Response;
    try {
      response = await fetch(url, options.signal ? { signal: options.signal } : {});
    } catch (e) {
      if (options.signal?.aborted) throw e;
      const kept = await cache?.match(url);
      if (kept) {
        const bytes = new Uint8Array(await kept.arrayBuffer());
        return { bytes, sha256: toHex(await sha256(bytes)), fromCache: true, etag: null };
      }
      throw new FairError('io', url, 'an answer', (e as Error).message, 'check the address and the network; its server must allow this page (Access-Control-Allow-Origin)');
    }
    if (!response.ok) throw new FairError('not_found', url, 'a file', `HTTP status ${response.status}`, 'check the address');
    const etag = response.headers.get('etag');
    if (!wanted && etag !== null && etag === held?.etag) {
      void response.body?.cancel().catch(() => undefined);
      return null;
    }
    const bytes = await readAll(response, options.onBytes);
    const sum = toHex(await sha256(bytes));
    if (wanted && sum !== wanted) {
      throw new FairError('invalid', url, `the file its item describes (sha256 ${wanted.slice(0, 12)}…)`, `another one (${sum.slice(0, 12)}…)`, 'fetch it again, or correct file:checksum in the item');
    }
    this.keep(cache, wanted ? byHash(sum) : url, bytes, sum);
    return { bytes, sha256: sum, fromCache: false, etag };
  }

  /** Once everything is written: sentences about what could not be kept or verified since this was last asked. */
  async settled(): Promise<string[]> {
    await Promise.all(this.writing);
    return this.warnings.splice(0);
  }

  private async open(): Promise<Cache | null> {
    if (this.name === null || typeof caches === 'undefined') return null;
    try {
      return await caches.open(this.name);
    } catch {
      return null;
    }
  }

  private keep(cache: Cache | null, key: string, bytes: Uint8Array, sum: string): void {
    if (!cache || this.written.get(key) === sum) return;
    this.written.set(key, sum);
    // The response has a copy of its own: whoever asked may give the bytes away.
    const done = cache.put(key, new Response(bytes as BodyInit, { headers: { 'content-type': 'application/octet-stream' } })).catch((e: Error) => {
      this.written.delete(key);
      this.warnings.push(`${key} could not be kept for the next visit: ${e.name === 'QuotaExceededError' ? 'the browser gives no more storage' : e.message}`);
    });
    this.writing.add(done);
    void done.then(() => this.writing.delete(done));
  }
}
