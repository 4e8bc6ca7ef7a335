// A STAC catalogue walked by its links: what `fair` writes, and any other that is made of files.

import { FairError } from './errors.js';
import type { Catalog } from './types.js';

interface Link {
  rel?: string;
  href?: string;
  title?: string;
}
interface Document {
  id?: string;
  title?: string;
  links?: Link[];
  assets?: Record<string, { href?: string }>;
  properties?: { title?: string; deprecated?: boolean };
}

const AT_ONCE = 8;

async function read(url: string, signal?: AbortSignal): Promise<Document> {
  let response: Response;
  try {
    response = await fetch(url, signal ? { signal } : {});
  } catch (e) {
    if (signal?.aborted) throw e;
    throw new FairError('io', url, 'an answer', (e as Error).message, 'check the address, and that its server allows other origins (CORS)');
  }
  if (!response.ok) throw new FairError('not_found', url, 'a STAC document', `HTTP status ${response.status}`, 'check the address');
  try {
    return (await response.json()) as Document;
  } catch {
    throw new FairError('invalid', url, 'a STAC document, JSON', 'something else', 'check the address');
  }
}

const links = (document: Document, rel: string, base: string): { url: string; title: string }[] =>
  (document.links ?? []).filter((l) => l.rel === rel && l.href).map((l) => ({ url: new URL(l.href!, base).href, title: l.title ?? '' }));

/** Asset hrefs may be relative to the item; afterwards they are not. */
function withAbsoluteAssets(item: Document, url: string): Document {
  for (const asset of Object.values(item.assets ?? {})) if (asset.href) asset.href = new URL(asset.href, url).href;
  return item;
}

export async function openCatalog(url: string): Promise<Catalog> {
  const root = await read(url);
  if (!Array.isArray(root.links)) throw new FairError('invalid', url, 'a STAC catalogue with links', 'a document without', 'give the address of catalog.json');
  const children = links(root, 'child', url);
  const catalog: Catalog = {
    url,
    title: root.title ?? root.id ?? url,
    async collections() {
      return Promise.all(
        children.map(async (child) => {
          const document = await read(child.url);
          return { id: document.id ?? '', title: document.title ?? child.title, url: child.url };
        }),
      );
    },
    async items(collection, options = {}) {
      const found = (await catalog.collections()).find((c) => c.id === collection);
      if (!found) throw new FairError('not_found', url, `a collection ${collection}`, 'none of that name');
      const document = await read(found.url, options.signal);
      const all = links(document, 'item', found.url);
      const out: { id: string; title: string; url: string; item: unknown }[] = [];
      for (let i = 0; i < all.length; i += AT_ONCE) {
        const some = await Promise.all(all.slice(i, i + AT_ONCE).map(async (link) => ({ url: link.url, item: withAbsoluteAssets(await read(link.url, options.signal), link.url) })));
        for (const { url: itemUrl, item } of some) {
          if (item.properties?.deprecated === true && !options.deprecated) continue;
          out.push({ id: item.id ?? '', title: item.properties?.title ?? item.id ?? '', url: itemUrl, item });
        }
      }
      return out;
    },
  };
  return catalog;
}
