// GDAL in a worker of its own, started when somebody first wants it: most predictions never do, and its files are large.

import { AskedWorker } from './asked_worker.js';
import type { GdalCall } from './gdal_messages.js';

export class GdalClient extends AskedWorker<GdalCall> {
  private constructor() {
    super(new Worker(new URL('./gdal_worker.js', import.meta.url), { type: 'module', name: 'fair-edge-gdal' }), "GDAL's worker");
  }

  /** `folder`: where gdal3.js lies; null for beside the package. */
  static async start(folder: string | null): Promise<GdalClient> {
    const client = new GdalClient();
    try {
      await client.ask({ call: 'start', folder });
    } catch (e) {
      client.close();
      throw e;
    }
    return client;
  }
}
