// GDAL in a worker of its own, started when somebody first wants it: most predictions never do, and its files are large.

import { FairError } from '../errors.js';
import type { FromGdal, GdalCall } from './gdal_messages.js';

export class GdalClient {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  private next = 1;

  private constructor() {
    this.worker = new Worker(new URL('./gdal_worker.js', import.meta.url), { type: 'module', name: 'fair-edge-gdal' });
    this.worker.addEventListener('message', (event: MessageEvent<FromGdal>) => {
      const message = event.data;
      const waiting = this.waiting.get(message.id);
      this.waiting.delete(message.id);
      if (!waiting) return;
      if ('result' in message) waiting.resolve(message.result);
      else waiting.reject(new FairError(message.error.code, message.error.thing, message.error.expected, message.error.found, message.error.hint));
    });
    this.worker.addEventListener('error', (event) => {
      this.fail(new FairError('internal', "GDAL's worker", 'to run', event.message || 'a script that does not load', 'check that the package’s files are served with their MIME types'));
    });
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

  ask<T>(call: GdalCall): Promise<T> {
    const id = this.next++;
    return new Promise<T>((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.worker.postMessage({ id, ...call });
    });
  }

  close(): void {
    this.worker.terminate();
    this.fail(new FairError('cancelled', "GDAL's worker", 'to go on', 'a request to stop'));
  }

  private fail(error: FairError): void {
    const all = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of all) reject(error);
  }
}
