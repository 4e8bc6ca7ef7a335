// Plugins that the page's address names: ?plugin=plugins/roads.wasm@sha256-…, as often as there are plugins.

import type { PluginSource } from '@fair-edge/web';

/** They must lie on the page's own host: a link from elsewhere must not bring foreign code along. Throws a sentence where one is not so named. */
export function pluginsOf(query: URLSearchParams, page: string): PluginSource[] {
  return query.getAll('plugin').map((text) => {
    const at = text.lastIndexOf('@sha256-');
    // In an address "+" means a space.
    const integrity = text.slice(at + 1).replace(/ /g, '+');
    if (at < 1) throw new Error(`plugin=${text}: expected ADDRESS@sha256-…, the hash of the .wasm or, without code, of the manifest`);
    const url = new URL(text.slice(0, at), page);
    if (url.origin !== new URL(page).origin) throw new Error(`plugin=${text}: expected a plugin of this page's host ${new URL(page).origin}, found one of ${url.origin}`);
    return { url: url.href, integrity };
  });
}
