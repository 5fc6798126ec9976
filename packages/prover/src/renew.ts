import type { Engine } from '@assay/core/engine';
import { AssayError } from '@assay/core/errors';
import type { OpenedTree } from '@assay/core/pcs/prover';
import { platformRandomness } from '@assay/core/randomness';
import type { Weights } from '@assay/program';
import { describeVerifyError, prepareRenewal, type Renewal } from '@assay/verifier';
import { proveTrue } from './prove.ts';

/** The columns of one of the two roots: their tree, and their tails, column after column. */
export interface RenewedRoot {
  readonly tree: OpenedTree;
  readonly tails: Int32Array;
}

export interface RenewedValues {
  readonly renewed: RenewedRoot;
  readonly earlier: RenewedRoot;
  /** Values of the tensors in the order of the columns. */
  readonly values: readonly Int32Array[];
}

/** Rows of both roots that the proof of a renewal will show, before it is made. */
export function renewalRows(renewal: Renewal): number {
  return prepared(renewal).argument.key.parameters.whir.queries[0] ?? 0;
}

function prepared(
  renewal: Renewal,
): Extract<ReturnType<typeof prepareRenewal>, { ok: true }>['value'] {
  const made = prepareRenewal(renewal);
  if (made.ok) return made.value;
  throw new AssayError({
    code: 'ASSAY_RENEWAL',
    shortMessage: `the commitment cannot be renewed: ${describeVerifyError(made.error)}`,
  });
}

/**
 * Proves that a new root holds what an earlier one holds. Spends uses of both roots: `renewalRows`
 * says how many rows of each.
 *
 * @throws {AssayError} ASSAY_RENEWAL: the two roots are not of one kind; ASSAY_PROVE_STATEMENT: they do
 * not hold these values
 */
export function proveRenewal(
  engine: Engine,
  renewal: Renewal,
  { renewed, earlier, values }: RenewedValues,
): Uint8Array {
  const { argument, statement } = prepared(renewal);
  // New tensors first, then the earlier ones: the same values twice.
  const weights: Weights = new Map([...values, ...values].entries());
  const provingKey = { argument, weights, ...renewed, earlier };
  const witness = { trace: new Map() };
  return proveTrue(engine, provingKey, statement, witness, platformRandomness());
}
