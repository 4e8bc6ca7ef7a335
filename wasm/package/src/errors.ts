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

/** The caller's signal was raised. `partial` holds what was found until then. */
export class AbortError extends FairError {
  override readonly name = 'AbortError';
  constructor(readonly partial: unknown) {
    super('cancelled', 'prediction', 'to run to its end', 'a request to stop');
  }
}
