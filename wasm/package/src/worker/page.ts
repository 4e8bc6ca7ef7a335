// What the worker tells the page: answers, and when a plugin is at work.

import { CrashError } from '../errors.js';
import type { FromWorker } from '../messages.js';

export const post = (message: FromWorker): void => (globalThis as unknown as { postMessage(m: unknown): void }).postMessage(message);

/** Around each call into a plugin's code, so that the page can tell one that never returns from one that is slow, and a crash has its name. */
export type Watch = <T>(plugin: string, body: () => T) => T;

export const watch: Watch = (plugin, body) => {
  post({ plugin, busy: true });
  try {
    return body();
  } catch (e) {
    throw e instanceof CrashError ? new CrashError(`plugin ${plugin}`, e.found) : e;
  } finally {
    post({ plugin, busy: false });
  }
};
