import type { UseBudget } from '@assay/prover/commitments';
import { unitsLeft, usesFolder } from '@assay/prover/commitments/node';
import type { Opening } from '@assay/prover/run';

/** Uses of a static root: a unit is what one proof spends, as a rule. */
export interface Uses {
  /** Proofs that were reserved at its birth. */
  readonly reserved: number;
  readonly left: number;
}

/** @throws {AssayError} ASSAY_USES_MISSING, ASSAY_USES_IO */
export function usesOf(folder: string, budget: UseBudget): Uses {
  // One unit is spent at birth, one is for the renewal.
  return { reserved: budget.units - 2, left: unitsLeft(folder, budget) };
}

export function openingUses({ folder, opening }: Opening): Uses {
  return usesOf(usesFolder(folder, opening.commitment.root), opening);
}

export function usesText({ reserved, left }: Uses): string {
  return `${left} of ${reserved} proofs left`;
}
