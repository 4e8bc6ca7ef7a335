// Plugins by address: fetched, verified against their hash, linked, and only then asked who they are.

import { CrashError, FairError } from '../errors.js';
import type { PluginSource } from '../types.js';
import { sha256, toHex } from '../hash.js';
import type { CoreModule } from './core_module.js';
import type { Watch } from './page.js';

/** The package's own plugins; their names are taken also while they are not loaded. */
export const OWN_PLUGINS = ['unet_segmentation', 'resnet18_classification', 'yolo11n_detection'];

export interface PluginInfo {
  name: string;
  version: string;
}

/** The answer of an address. Errors name `thing`. */
export async function fetched(url: string, thing: string): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (e) {
    throw new FairError('io', thing, 'an answer', String((e as Error).message), 'check the address, and that its server allows other origins (CORS)');
  }
  if (!response.ok) throw new FairError('not_found', thing, 'a file', `HTTP status ${response.status}`, 'check the address');
  return response;
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function checkIntegrity(thing: string, wanted: string, sum: Uint8Array): void {
  if (!wanted) throw new FairError('usage', thing, 'an integrity, "sha256-…"', 'none', `this file's is sha256-${base64(sum)}`);
  if (wanted !== `sha256-${base64(sum)}`) {
    throw new FairError('invalid', thing, wanted, `a file whose hash is sha256-${base64(sum)}`, 'the file is not the one that was meant: do not use it');
  }
}

/** `needed` loads one of the package's own plugins, whose code a plugin without code runs with; `manifestThere` is the manifest where it was fetched before. Refuses, naming what is wrong: an unreachable file, another hash, something that is no side module, imports outside the published set, an older or
 * newer contract, another platform, a plugin that throws when it is asked what it is, or one whose name is taken. */
export async function loadPlugin(
  core: CoreModule, source: PluginSource, own: boolean, watch: Watch, needed?: (name: string) => Promise<unknown>, manifestThere?: Promise<string>,
): Promise<PluginInfo> {
  const manifestUrl = source.manifestUrl ?? source.url.replace(/\.wasm($|\?)/, '.plugin.json$1');
  const manifestText = await (manifestThere ?? fetched(manifestUrl, manifestUrl).then((response) => response.text()));
  let manifest: { name?: unknown; sha256?: unknown; code?: unknown };
  try {
    manifest = JSON.parse(manifestText);
  } catch {
    throw new FairError('invalid', manifestUrl, "a plugin's manifest, JSON", manifestText.slice(0, 40), 'serve <name>.plugin.json beside the plugin');
  }
  if (typeof manifest.name !== 'string' || !/^[a-z][a-z0-9_]*$/.test(manifest.name)) {
    throw new FairError('invalid', manifestUrl, 'a name of lower-case letters, digits and _', JSON.stringify(manifest.name) ?? 'none');
  }
  const thing = `plugin ${manifest.name}`;
  if (!own && OWN_PLUGINS.includes(manifest.name)) throw new FairError('conflict', thing, 'a plugin name that is not taken', "one of the package's own", 'rename it');
  if (manifest.code === 'none') {
    checkIntegrity(thing, source.integrity, await sha256(new TextEncoder().encode(manifestText)));
    const { name, version, uses } = core.takeManifest(manifestText);
    await needed?.(uses);
    return { name, version };
  }
  // Before the binary is fetched, let alone run.
  core.checkManifest(manifestText);
  const bytes = new Uint8Array(await (await fetched(source.url, source.url)).arrayBuffer());
  const sum = await sha256(bytes);
  if (!own || source.integrity) checkIntegrity(thing, source.integrity, sum);
  if (manifest.sha256 !== toHex(sum)) {
    throw new FairError('invalid', thing, `the binary its manifest names (sha256 ${String(manifest.sha256).slice(0, 12)}…)`, `${toHex(sum).slice(0, 12)}…`, 'take binary and manifest from one build');
  }
  let module: WebAssembly.Module;
  try {
    module = await WebAssembly.compile(bytes as BufferSource);
  } catch (e) {
    throw new FairError('invalid', thing, 'a WASM module', (e as Error).message, 'build it with add_model_plugin()');
  }
  const symbol = `fair_plugin_${manifest.name}`;
  if (!WebAssembly.Module.exports(module).some((e) => e.name === symbol && e.kind === 'function')) {
    throw new FairError('invalid', thing, `an export ${symbol}`, 'none of that name', 'build it with the SDK’s export line');
  }
  // Linking runs its constructors.
  return watch(manifest.name, () => {
    try {
      return core.takePlugin(core.linker.side(module, thing).exports[symbol] as Function, manifestText);
    } catch (e) {
      if (e instanceof FairError) throw e;
      const found = `${(e as Error).name}: ${(e as Error).message}`;
      if (e instanceof WebAssembly.LinkError) throw new FairError('invalid', thing, 'imports of the kinds that core exports', found, "build it with this version's SDK");
      throw new CrashError(thing, found);
    }
  });
}
