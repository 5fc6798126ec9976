import type { TraceError } from '../errors.ts';

/** Ends a derivation; caught by `deriveTrace`, which answers with the error. */
export class Refusal extends Error {
  readonly error: TraceError;

  constructor(error: TraceError) {
    super(error.kind);
    this.error = error;
  }
}
