import type { ReadFailure } from '../codec/index.ts';

/**
 * Why a sumcheck was rejected. A false claim is not among them: it leads to a false final claim,
 * which the caller compares with the operands.
 */
export interface SumcheckError {
  readonly kind: 'sumcheck/encoding';
  readonly round: number;
  readonly failure: ReadFailure;
}
