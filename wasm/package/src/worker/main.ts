// The worker: core, plugins and ONNX Runtime Web in one place, away from the page.

import { AbortError, CrashError, FairError } from '../errors.js';
import type { ToWorker } from '../messages.js';
import { Engine } from './engine.js';
import { post, sent } from './page.js';

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

// ONNX Runtime starts its threads from the script it is bundled in; in those this file has nothing to say.
const thread = (globalThis as { name?: string }).name?.startsWith('em-pthread') === true;
if (!thread) globalThis.addEventListener('message', (event) => {
  const message = (event as MessageEvent<ToWorker>).data;
  if (message.call === 'abort') {
    aborts.get(message.id)?.abort();
    return;
  }
  handle(message).then(
    (result) => post({ id: message.id, result }),
    (e: unknown) => post({ id: message.id, error: sent(e) }),
  );
});
