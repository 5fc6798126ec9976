import { AssayError, err, ok, type Result } from '@assay/core/errors';
import { padCount } from '@assay/core/linear';
import {
  type CostModel,
  type DerivedParameters,
  deriveParameters,
  type FirstOracleColumns,
  type HidingTails,
} from '@assay/core/security';
import {
  deriveSystem,
  layoutProgram,
  type Program,
  type ProgramError,
  sameVisibility,
  type System,
  tailsFit,
  type Visibility,
} from '@assay/program';
import type { VerifyingKey } from '../key/index.ts';
import { type ArgumentError, argumentSizes, type Samples } from './argument.ts';
import { padShape } from './pads.ts';

/** Samples that `deriveParameters` may choose at most; they only enter error terms. */
const MOST_SAMPLES: Samples = { registered: 2, fresh: 2 };

/** What parameters are derived for. */
export interface Derivation {
  readonly program: Program;
  /** Static tails may depend on the rows that one opening shows, at most `queries`. */
  readonly visibility: (queries: number) => Visibility;
  readonly targetBits: number;
  /** log2 M and mu_0 to be tried. */
  readonly logRows: readonly number[];
  readonly logInverseRates?: readonly number[] | undefined;
  readonly cost?: Partial<CostModel> | undefined;
}

function columnsOf(
  { program, hiding }: System,
  visibility: Visibility,
  logRows: number,
  tailRows: number,
  pads: number,
): FirstOracleColumns | null {
  const profile = { visibility, tailRows: hiding ? tailRows : 0, pads };
  if (!tailsFit(program, logRows, profile)) return null;
  const layout = layoutProgram(program, logRows, profile);
  const ports = layout.ports.reduce((sum, { columns }) => sum + columns, 0);
  return {
    model: layout.model.columns + (layout.earlier?.columns ?? 0) + ports,
    witness: layout.witness.columns,
    total: layout.witness.firstColumn + layout.witness.columns,
  };
}

/**
 * Parameters for proofs of a program that show and hide what `visibility` says.
 * @throws {AssayError} ASSAY_SECURITY_INFEASIBLE when nothing reaches the target.
 */
export function deriveForVisibility(
  d: Derivation,
): Result<{ readonly derived: DerivedParameters; readonly system: System }, ProgramError> {
  const derivedSystem = deriveSystem(d.program, d.visibility(1));
  if (!derivedSystem.ok) return derivedSystem;
  const system = derivedSystem.value;
  const pads = padCount(padShape(system));
  const { weights, inputs, outputs, renews } = system.visibility;
  const committed =
    [...inputs, ...outputs].filter(({ kind }) => kind === 'committed').length +
    (renews === undefined ? 0 : 1);
  const derived = deriveParameters({
    targetBits: d.targetBits,
    logRows: d.logRows,
    logInverseRates: d.logInverseRates,
    hiding: system.hiding,
    trees: 2 + committed,
    saltedTrees: system.hiding ? 1 + committed + (weights.kind === 'hidden' ? 1 : 0) : 0,
    columnsFor: (logRows: number, { fresh, queries }: HidingTails) =>
      columnsOf(system, d.visibility(queries), logRows, fresh, pads),
    sizes: argumentSizes(system, MOST_SAMPLES),
    cost: d.cost,
  });
  return ok({ derived, system });
}

/**
 * The key for proofs over the same model that hide something else: same root, same M and first rate,
 * everything else derived. Both sides derive it, so that nobody has to be told.
 *
 * Rejects: argument/visibility when the weights would be shown otherwise than they were committed,
 *          argument/program, argument/infeasible.
 */
export function keyFor(
  key: VerifyingKey,
  visibility: Visibility,
): Result<VerifyingKey, ArgumentError> {
  if (sameVisibility(key.visibility, visibility)) return ok(key);
  const everywhere: Visibility = { ...visibility, inputs: [], outputs: [] };
  const own: Visibility = { ...key.visibility, inputs: [], outputs: [] };
  if (!sameVisibility(everywhere, own)) return err({ kind: 'argument/visibility' });
  return rederive(key, visibility);
}

/** `key` with parameters derived for its program, model and the given visibility. */
export function rederive(
  key: VerifyingKey,
  visibility: Visibility,
): Result<VerifyingKey, ArgumentError> {
  const { whir, targetBits } = key.parameters;
  try {
    const derived = deriveForVisibility({
      program: key.program,
      visibility: () => visibility,
      targetBits,
      logRows: [whir.logRows],
      logInverseRates: [whir.logInverseRates[0] ?? 0],
    });
    return derived.ok
      ? ok({ ...key, visibility, parameters: derived.value.derived.parameters })
      : err({ kind: 'argument/program', error: derived.error });
  } catch (cause) {
    if (cause instanceof AssayError) {
      return err({ kind: 'argument/infeasible', reason: cause.shortMessage });
    }
    throw cause;
  }
}
