import { AssayError } from '@assay/core/errors';
import type { ProofParameters } from '@assay/core/security';
import type { PortVisibility, Visibility } from '@assay/program';
import { describeVerifyError, keyFor, type VerifyingKey } from '@assay/verifier';
import { budgetForRows, tailRowsFor, type UseBudget } from './budget.ts';
import { tooManyUses } from './errors.ts';

/** Proofs that a static root is good for, when nobody says how many. */
export const DEFAULT_PROOFS = 32;

/** A place among a program's inputs or outputs. */
export interface PortPlace {
  readonly side: 'inputs' | 'outputs';
  readonly index: number;
}

/** Rows that one opening shows at most: what hiding parameters reserve of the fresh tails for it. */
export function openedRows({ tailRows, whir }: ProofParameters): number {
  return tailRows - 5 * (whir.oodSamples[0] ?? 0) - 3 * (whir.foldings[0] ?? 0);
}

/** The visibility with one port shown in another way. */
export function withPort(
  visibility: Visibility,
  { side, index }: PortPlace,
  shown: PortVisibility,
): Visibility {
  return { ...visibility, [side]: visibility[side].with(index, shown) };
}

/**
 * `keyFor`, for a prover.
 * @throws {AssayError} ASSAY_PROVE_VISIBILITY: proofs of this key's model cannot show and hide that
 */
export function keyShowing(key: VerifyingKey, visibility: Visibility): VerifyingKey {
  const shown = keyFor(key, visibility);
  if (shown.ok) return shown.value;
  throw new AssayError({
    code: 'ASSAY_PROVE_VISIBILITY',
    shortMessage: `proofs of this model cannot show and hide that: ${describeVerifyError(shown.error)}`,
    details:
      shown.error.kind === 'argument/infeasible'
        ? `Its columns have 2^${key.parameters.whir.logRows} rows, which \`setup\` chose for what it was told to hide. Set the model up again with what is to be hidden, or with longer columns.`
        : undefined,
  });
}

/** The budget that a key's own tail of a committed port pays for, null if it is not as `setup` makes them. */
function ownBudget({ parameters }: VerifyingKey, tailRows: number): UseBudget | null {
  const { rowsPerUse } = budgetForRows(1, openedRows(parameters));
  const units = (tailRows - 5 * parameters.registeredSamples) / rowsPerUse;
  return Number.isInteger(units) && units >= 3 ? { units, rowsPerUse } : null;
}

/**
 * What the commitment of a port's values reserves: for `uses` proofs, or, when not given, for as many
 * as the key reserves where it commits this port itself, else for `DEFAULT_PROOFS` or as many as the
 * columns have room for.
 *
 * The rows that a proof opens follow from the parameters, these from the tail, and the tail from the
 * rows: they are tried until they agree.
 * @throws {AssayError} ASSAY_USES_TOO_MANY, ASSAY_PROVE_VISIBILITY
 */
export function portBudget(key: VerifyingKey, place: PortPlace, uses?: number): UseBudget {
  const { whir, registeredSamples } = key.parameters;
  const own = key.visibility[place.side][place.index];
  const kept =
    uses === undefined && own?.kind === 'committed' ? ownBudget(key, own.tailRows) : null;
  if (kept !== null) return kept;
  const room = 2 ** whir.logRows - 1 - 5 * registeredSamples;
  let rows = whir.queries[0] ?? 1;
  for (;;) {
    const most = Math.floor(room / budgetForRows(1, rows).rowsPerUse) - 2;
    const proofs = uses ?? Math.min(DEFAULT_PROOFS, most);
    if (proofs < 1 || proofs > most) throw tooManyUses(whir.logRows, uses ?? 1, most);
    const budget = budgetForRows(proofs, rows);
    const tailRows = tailRowsFor(budget, registeredSamples);
    const visibility = withPort(key.visibility, place, { kind: 'committed', tailRows });
    const opened = keyShowing(key, visibility).parameters.whir.queries[0] ?? 1;
    // Grows at each step, and no parameters have more rows than a column.
    if (opened <= budget.rowsPerUse) return budget;
    rows = opened;
  }
}
