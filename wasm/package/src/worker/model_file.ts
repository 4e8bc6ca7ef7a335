// A request's model: its item read, its ONNX file fetched and verified, or the description that the file itself carries.

import type { FileCache, Held } from '../cache.js';
import { FairError } from '../errors.js';
import type { SentRequest } from '../messages.js';
import { onnxMetadata } from '../onnx_metadata.js';
import type { CoreModule } from './core_module.js';

const METADATA_KEY = 'fair.item';

/** What core says of a model. */
export interface Described {
  model: unknown;
  id: string;
  title: string;
  href: string;
  checksum?: string;
  gsd?: number | null;
}

/** An ONNX file, what it is, and where it came from. */
export interface ModelFile extends Held {
  described: Described;
  /** As the file describes itself; null where nobody asked it. */
  own: Described | null;
  /** Null where the session holds the file already. */
  bytes: Uint8Array | null;
  /** In bytes. */
  size: number;
  fromCache: boolean;
}

/** `held`: what the session holds, from its last prediction. Errors: none or two models named, an item that cannot be read, a file that is not there or
 * another one than the item says. */
export async function findModel(
  core: CoreModule, cache: FileCache, request: SentRequest, held: ModelFile | null, signal: AbortSignal, onBytes: (done: number, total: number) => void,
): Promise<ModelFile> {
  const given = [request.item !== undefined, request.itemUrl !== undefined, request.modelUrl !== undefined].filter(Boolean).length;
  if (given === 0 || (request.item !== undefined && request.itemUrl !== undefined)) {
    throw new FairError('usage', 'model', 'item, itemUrl or modelUrl', given === 0 ? 'none of them' : 'item and itemUrl');
  }
  let item = request.item;
  let base = (globalThis as { location?: { href: string } }).location?.href ?? '';
  if (request.itemUrl !== undefined) {
    base = request.itemUrl;
    const { bytes } = await cache.get(request.itemUrl, { signal });
    try {
      item = JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      throw new FairError('invalid', request.itemUrl, 'a STAC item, JSON', 'something else', 'check the address');
    }
  }
  let described: Described | null = null;
  if (item !== undefined) described = core.ask<Described>('model', { item });
  const href = request.modelUrl ?? described?.href ?? '';
  if (!href) throw new FairError('invalid', `item ${described?.id ?? ''}`, 'an asset with an ONNX model', 'none', 'add the asset "model" with mlm:artifact_type onnx');
  const url = new URL(href, base).href;
  // A file that has to describe itself is read, unless it did before.
  const known = described || held?.own ? held : null;
  const kept = await cache.getUnlessHeld(url, { signal, onBytes, held: known, checksum: request.modelUrl ? '' : (described?.checksum ?? '') });
  if (!kept) return { ...held!, described: described ?? held!.own!, fromCache: true };
  const { bytes } = kept;
  let own: Described | null = null;
  if (!described) {
    const metadata = onnxMetadata(bytes, METADATA_KEY);
    if (metadata === null) {
      throw new FairError('not_found', url, `a model that carries its own description (metadata "${METADATA_KEY}")`, 'one that does not', 'give its STAC item, or export it with fair export');
    }
    own = core.ask<Described>('metadata', { metadata, thing: url });
  }
  return { described: (described ?? own)!, own, url, size: bytes.length, ...kept };
}
