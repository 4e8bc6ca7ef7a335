// A worker of ours that is asked and answers: one promise a question.

import { FairError } from '../errors.js';
import type { SentError } from '../messages.js';

type Answer = { id: number; result: unknown } | { id: number; error: SentError };

export class AskedWorker<Question extends object> {
  private readonly waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  private next = 1;
  private failure: FairError | null = null;

  /** `thing` names it in errors. */
  constructor(
    private readonly worker: Worker,
    private readonly thing: string,
  ) {
    worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
      const waiting = this.waiting.get(data.id);
      this.waiting.delete(data.id);
      if (!waiting) return;
      if ('result' in data) waiting.resolve(data.result);
      else waiting.reject(new FairError(data.error.code, data.error.thing, data.error.expected, data.error.found, data.error.hint));
    });
    worker.addEventListener('error', (event) => {
      this.fail(new FairError('internal', thing, 'to run', event.message || 'a script that does not load', 'check that the package’s files are served with their MIME types'));
    });
  }

  /** Errors: the worker's own, or that it does not run. What is transferred is the worker's from then on. */
  ask<T>(question: Question, transfer: Transferable[] = []): Promise<T> {
    if (this.failure) return Promise.reject(this.failure);
    const id = this.next++;
    return new Promise<T>((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.worker.postMessage({ id, ...question }, transfer);
    });
  }

  close(): void {
    this.fail(new FairError('cancelled', this.thing, 'to go on', 'a request to stop'));
  }

  private fail(error: FairError): void {
    this.worker.terminate();
    this.failure = error;
    const all = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of all) reject(error);
  }
}
