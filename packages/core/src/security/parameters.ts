import { err, ok, type Result } from '../errors.ts';
import { maskRows } from '../pcs/blinding.ts';
import {
  validateWhirParameters,
  WHIR_LIMITS,
  type WhirParameters,
  type WhirParametersError,
} from '../pcs/parameters.ts';

/** Everything `deriveParameters` chooses. Travels in the verifying key and is absorbed with the statement. */
export interface ProofParameters {
  /** Provable bits promised: 128 (profile strict) or 100 (fast). */
  readonly targetBits: number;
  readonly whir: WhirParameters;
  /** s_reg: out-of-domain pairs in the name of a registered root. */
  readonly registeredSamples: number;
  /** Proof of work before (α, β). */
  readonly lookupPowBits: number;
  /** Proof of work before γ. */
  readonly batchPowBits: number;
  /** T, random rows at the end of each fresh column of a hiding proof; 0 in the plain profile. */
  readonly tailRows: number;
}

/** Coordinates over F of an element of K. */
const K_WORDS = 5;

/**
 * T >= t_0 + 5·s_0 + 3·k_0: random rows of a fresh column that stay random, whatever one proof shows of
 * it (opened rows, out-of-domain answers over K, the rows of the mask). Checked by `hiding-view.ts`.
 */
export function freshTailRows(queries: number, oodSamples: number, firstFolding: number): number {
  return queries + K_WORDS * oodSamples + maskRows(firstFolding);
}

/**
 * (N + 2)·t_0 + 5·s_reg: random rows of a column that is committed once and opened by N proofs, by one
 * at its birth and by one that renews it; its registered pairs are answered once.
 */
export function staticTailRows(proofs: number, queries: number, registeredSamples: number): number {
  return (proofs + 2) * queries + K_WORDS * registeredSamples;
}

export type ParametersError =
  | WhirParametersError
  | {
      readonly kind: 'security/parameters';
      readonly field: Exclude<keyof ProofParameters, 'whir'>;
      readonly value: number;
    };

export const MAX_TARGET_BITS = 128;

/**
 * Structural validity of untrusted parameters: bounds and shapes that keep a verifier's work bounded,
 * and tails long enough to hide. Total. What the parameters are worth is left to `securityBudget`.
 * Rejects: 'whir/parameters', 'security/parameters'.
 */
export function validateParameters(p: ProofParameters): Result<null, ParametersError> {
  const whir = validateWhirParameters(p.whir);
  if (!whir.ok) return whir;
  const { blinding, queries, oodSamples, foldings } = p.whir;
  const leastTail =
    blinding === null ? 0 : freshTailRows(queries[0] ?? 0, oodSamples[0] ?? 0, foldings[0] ?? 0);
  const bounds = [
    ['targetBits', p.targetBits, 1, MAX_TARGET_BITS],
    ['registeredSamples', p.registeredSamples, 1, WHIR_LIMITS.oodSamples],
    ['lookupPowBits', p.lookupPowBits, 0, WHIR_LIMITS.powBits],
    ['batchPowBits', p.batchPowBits, 0, WHIR_LIMITS.powBits],
    ['tailRows', p.tailRows, leastTail, 2 ** p.whir.logRows - 1],
  ] as const;
  for (const [field, value, low, high] of bounds) {
    if (!(Number.isInteger(value) && value >= low && value <= high)) {
      return err({ kind: 'security/parameters', field, value });
    }
  }
  return ok(null);
}
