import type { ProofWriter } from '@assay/core/codec';
import type { Engine, IntVec } from '@assay/core/engine';
import { type OpenedTree, type OutOfDomainAnswer, proveOpening } from '@assay/core/pcs/prover';
import type { Transcript } from '@assay/core/transcript';
import type { Span, ViewWeights } from '@assay/program';
import type { Argument, JoinedClaim } from '@assay/verifier';
import { openingPieces } from './opening-pieces.ts';

/** One commitment: its columns in kernel memory, and where its codeword is opened. */
export interface Opened {
  readonly span: Span;
  readonly columns: readonly IntVec[];
  readonly tree: OpenedTree;
}

/** All commitments in column order; the blinding columns of the last one in the hiding profile. */
export interface Committed {
  readonly committed: readonly Opened[];
  readonly blinding: readonly IntVec[] | null;
}

/** S8: the opening of the joined claim over the columns of all roots. @returns whether it will verify */
export function proveJoinedClaim(
  argument: Argument,
  engine: Engine,
  transcript: Transcript,
  writer: ProofWriter,
  { committed, blinding }: Committed,
  weights: ViewWeights,
  joined: JoinedClaim,
  answers: readonly OutOfDomainAnswer[],
): boolean {
  const { key, layout } = argument;
  const pieces = openingPieces(engine, layout, weights, joined, answers);
  const columns = new Array<IntVec | null>(2 ** layout.logColumns).fill(null);
  for (const { span, columns: own } of committed) {
    for (const [c, column] of own.entries()) columns[span.firstColumn + c] = column;
  }
  const slots = committed.map(({ span, tree }) => ({ ...span, tree }));
  const { whir } = key.parameters;
  const oracle = { columns, slots, blinding };
  return proveOpening(engine, transcript, writer, whir, oracle, pieces, joined.value);
}
