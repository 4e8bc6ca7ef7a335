// The worker: core and its plugins, away from the page. What runs models has a worker of its own.

import { AbortError, CrashError, FairError } from '../errors.js';
import type { ToWorker } from '../messages.js';
import { Engine } from './engine.js';
import { post } from './page.js';
import { sent } from './sent_error.js';

let engine: Engine | null = null;
const aborts = new Map<number, AbortController>();

async function handle(message: ToWorker): Promise<unknown> {
  if (message.call === 'open') {
    engine = await Engine.open(message.options, message.hooks);
    return null;
  }
  if (!engine) throw new FairError('internal', 'worker', 'to be opened first', message.call);
  switch (message.call) {
    case 'predict': {
      const abort = new AbortController();
      aborts.set(message.id, abort);
      try {
        return await engine.predict(message.id, message.request, abort.signal);
      } catch (e) {
        throw abort.signal.aborted && !(e instanceof CrashError) ? new AbortError(null) : e;
      } finally {
        aborts.delete(message.id);
      }
    }
    case 'ask': {
      const { ask, ...members } = message.question;
      return engine.ask(ask, members);
    }
    case 'loadPlugin': return engine.loadPlugin(message.source);
    case 'polygons': return engine.core.polygons(message.mask, message.ground);
    case 'vectorize': return engine.core.vectorize(message.request, message.mask, message.width, message.height);
    case 'abort': return null;
  }
}

globalThis.addEventListener('message', (event) => {
  const message = (event as MessageEvent<ToWorker>).data;
  if (message.call === 'abort') {
    aborts.get(message.id)?.abort();
    return;
  }
  handle(message).then(
    (result) => post({ id: message.id, result }),
    (e: unknown) => post({ id: message.id, error: sent(e, 'worker') }),
  );
});
