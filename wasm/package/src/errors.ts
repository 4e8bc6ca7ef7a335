// What goes wrong, as types: core's errors and the browser's, with the same four parts.

export type ErrorCode = 'usage' | 'not_found' | 'invalid' | 'incompatible' | 'unsupported' | 'conflict' | 'io' | 'cancelled' | 'internal';

/** `thing: expected …, found …; hint`. */
export class FairError extends Error {
  override readonly name: string = 'FairError';
  constructor(
    readonly code: ErrorCode,
    readonly thing: string,
    readonly expected: string,
    readonly found: string,
    readonly hint: string = '',
  ) {
    super(`${thing}: expected ${expected}, found ${found}${hint ? `; ${hint}` : ''}`);
  }
}

/** WASM was left half-way: a trap, a call of abort(), a stack that ran over. Its memory is not to be trusted any more and its worker is ended. */
export class CrashError extends FairError {
  override readonly name = 'CrashError';
  constructor(thing: string, found: string) {
    super('internal', thing, 'to return', found, 'tell its author; what was under way is lost, the predictor goes on in a new worker');
  }
}

/** The caller's signal was raised. `partial` holds what was found until then. */
export class AbortError extends FairError {
  override readonly name = 'AbortError';
  constructor(readonly partial: unknown) {
    super('cancelled', 'prediction', 'to run to its end', 'a request to stop');
  }
}
