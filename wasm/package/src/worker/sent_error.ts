// Errors as one of our workers sends them.

import { FairError } from '../errors.js';
import type { SentError } from '../messages.js';

/** `worker` names it where the error is none of ours. */
export function sent(e: unknown, worker: string): SentError {
  if (e instanceof FairError) return { name: e.name, message: e.message, code: e.code, thing: e.thing, expected: e.expected, found: e.found, hint: e.hint };
  const error = e as Error | undefined;
  const found = (error?.message === undefined ? String(e) : `${error.name}: ${error.message}`).slice(0, 300);
  return { name: 'FairError', message: found, code: 'internal', thing: worker, expected: 'no exception', found, hint: '' };
}
