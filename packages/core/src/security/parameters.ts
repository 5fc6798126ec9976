import { err, ok, type Result } from '../errors.ts';
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
  /** Rows at the end of each committed column that the layout leaves free. */
  readonly tailRows: number;
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
 * Structural validity of untrusted parameters: bounds and shapes that keep a verifier's work bounded.
 * Total. What the parameters are worth is left to `securityBudget`.
 * Rejects: 'whir/parameters', 'security/parameters'.
 */
export function validateParameters(p: ProofParameters): Result<null, ParametersError> {
  const whir = validateWhirParameters(p.whir);
  if (!whir.ok) return whir;
  const bounds = [
    ['targetBits', p.targetBits, 1, MAX_TARGET_BITS],
    ['registeredSamples', p.registeredSamples, 1, WHIR_LIMITS.oodSamples],
    ['lookupPowBits', p.lookupPowBits, 0, WHIR_LIMITS.powBits],
    ['batchPowBits', p.batchPowBits, 0, WHIR_LIMITS.powBits],
    ['tailRows', p.tailRows, 0, 2 ** p.whir.logRows - 1],
  ] as const;
  for (const [field, value, low, high] of bounds) {
    if (!(Number.isInteger(value) && value >= low && value <= high)) {
      return err({ kind: 'security/parameters', field, value });
    }
  }
  return ok(null);
}
