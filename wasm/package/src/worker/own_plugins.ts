// The package's own plugins: known by their manifests, fetched when a model is for them. A visit downloads the one it runs.

import type { PluginSource } from '../types.js';
import type { CoreModule } from './core_module.js';
import { watch } from './page.js';
import { fetched, loadPlugin, OWN_PLUGINS } from './plugin_loader.js';

interface Manifest {
  tasks: string[];
  processing: { pre: string[]; post: string[] };
}
interface Port {
  pre_processing_function?: { expression?: string } | null;
  post_processing_function?: { expression?: string } | null;
}
interface Model {
  properties: { 'mlm:tasks'?: string[]; 'mlm:input': Port[]; 'mlm:output': Port[] };
}
type Known = Required<PluginSource> & { manifest?: Promise<string>; loaded?: Promise<unknown> };

export class OwnPlugins {
  private readonly known: Known[];

  /** `folder`: where they lie; undefined for beside the package. */
  constructor(
    private readonly core: CoreModule,
    folder: string | undefined,
  ) {
    const beside = (name: string): Known => ({ url: new URL(`${name}.wasm`, folder).href, manifestUrl: new URL(`${name}.plugin.json`, folder).href, integrity: '' });
    // Written out so that bundlers see which files belong to the package.
    this.known = folder
      ? OWN_PLUGINS.map(beside)
      : [
          {
            url: new URL('../core/unet_segmentation.wasm', import.meta.url).href,
            manifestUrl: new URL('../core/unet_segmentation.plugin.json', import.meta.url).href,
            integrity: '',
          },
          {
            url: new URL('../core/resnet18_classification.wasm', import.meta.url).href,
            manifestUrl: new URL('../core/resnet18_classification.plugin.json', import.meta.url).href,
            integrity: '',
          },
          {
            url: new URL('../core/yolo11n_detection.wasm', import.meta.url).href,
            manifestUrl: new URL('../core/yolo11n_detection.plugin.json', import.meta.url).href,
            integrity: '',
          },
        ];
  }

  /** Loads those that may run the model; which does, is core's choice. */
  async loadFor(model: unknown): Promise<void> {
    await Promise.all(this.known.map(async (one) => {
      one.manifest ??= fetched(one.manifestUrl, one.manifestUrl).then((response) => response.text());
      const text = await one.manifest.catch((e: unknown) => { delete one.manifest; throw e; });
      if (fits(JSON.parse(text) as Manifest, model as Model)) await this.load(one);
    }));
  }
  /** Loads one by its name. */
  async loadNamed(name: string): Promise<void> {
    const one = this.known[OWN_PLUGINS.indexOf(name)];
    if (one) await this.load(one);
  }
  async loadAll(): Promise<void> {
    await Promise.all(this.known.map((one) => this.load(one)));
  }

  private load(one: Known): Promise<unknown> {
    one.loaded ??= loadPlugin(this.core, one, true, watch, undefined, one.manifest).catch((e: unknown) => {
      delete one.loaded;
      throw e;
    });
    return one.loaded;
  }
}

/** By its processing expressions; where the model has none, by its task. */
function fits({ tasks, processing }: Manifest, { properties }: Model): boolean {
  const pre = properties['mlm:input'][0]?.pre_processing_function?.expression ?? '';
  const post = properties['mlm:output'][0]?.post_processing_function?.expression ?? '';
  if (!pre && !post) return (properties['mlm:tasks'] ?? []).some((task) => tasks.includes(task));
  return processing.pre.includes(pre) && processing.post.includes(post);
}
