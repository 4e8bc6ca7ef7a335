// What the worker tells the page: answers, errors, and when a plugin is at work.

import { CrashError, FairError } from '../errors.js';
import type { FromWorker, SentError } from '../messages.js';

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

/** An error as it is sent. */
export function sent(e: unknown): SentError {
  if (e instanceof FairError) return { name: e.name, message: e.message, code: e.code, thing: e.thing, expected: e.expected, found: e.found, hint: e.hint };
  const error = e as Error;
  return { name: 'FairError', message: error.message, code: 'internal', thing: 'worker', expected: 'no exception', found: `${error.name}: ${error.message}`, hint: '' };
}
