// The session's worker: ONNX Runtime Web and nothing else, so that its runs, which cannot be interrupted, hold nobody up.

import { FileCache } from '../cache.js';
import { AbortError, FairError } from '../errors.js';
import { ModelRunner } from './model_runner.js';
import { sent } from './sent_error.js';
import type { FromSession, Ran, ReadyModel, SessionCall, ToSession, WarmModel } from './session_messages.js';

const NAME = "the session's worker";
const post = (message: FromSession, transfer: Transferable[] = []): void =>
  (globalThis as unknown as { postMessage(m: unknown, t: Transferable[]): void }).postMessage(message, transfer);

let models: ModelRunner | null = null;
let cache: FileCache | null = null;

async function handle(message: SessionCall): Promise<unknown> {
  if (message.call === 'start') {
    const { cache: kept, ...settings } = message.settings;
    const files = (cache = new FileCache(kept));
    models = new ModelRunner({ ...settings, runtime: async (url) => (await files.get(url)).bytes });
    return null;
  }
  if (!models || !cache) throw new FairError('internal', NAME, 'to be started first', message.call);
  switch (message.call) {
    case 'open': {
      const { input, output, suggestedBatch } = await models.open(message.bytes, message.thing);
      return { input, output, suggestedBatch } satisfies ReadyModel;
    }
    case 'warmUp':
      await models.warmUp(message.dims);
      return { facts: models.facts, warnings: await cache.settled() } satisfies WarmModel;
    case 'run': {
      const start = performance.now();
      const outputs = await models.run(message.data, message.dims);
      return { outputs, ms: performance.now() - start, facts: models.facts } satisfies Ran;
    }
    case 'drop': return null;
  }
}

const buffersOf = (result: unknown): Transferable[] => [...new Set(((result as Ran | null)?.outputs ?? []).map((output) => output.data.buffer as ArrayBuffer))];

// Calls are worked on one by one. Before each, those that came meanwhile are heard: a batch that was dropped while another ran does not begin.
const queue: ToSession[] = [];
let working = false;
const { port1, port2 } = new MessageChannel();
const heard = (): Promise<void> => new Promise((resolve) => { port1.onmessage = () => resolve(); port2.postMessage(null); });

async function work(): Promise<void> {
  if (working) return;
  working = true;
  for (;;) {
    await heard();
    const message = queue.shift();
    if (!message) break;
    await handle(message).then(
      (result) => post({ id: message.id, result }, buffersOf(result)),
      (e: unknown) => post({ id: message.id, error: sent(e, NAME) }),
    );
  }
  working = false;
}

function hear(message: ToSession): void {
  if (message.call === 'drop') {
    for (const dropped of queue.splice(0)) {
      if (dropped.call === 'run') post({ id: dropped.id, error: sent(new AbortError(null), NAME) });
      else queue.push(dropped);
    }
  }
  queue.push(message);
  void work();
}

// ONNX Runtime starts its threads from the script it is bundled in; in those this file has nothing to say.
const thread = (globalThis as { name?: string }).name?.startsWith('em-pthread') === true;
if (!thread) globalThis.addEventListener('message', (event) => hear((event as MessageEvent<ToSession>).data));
