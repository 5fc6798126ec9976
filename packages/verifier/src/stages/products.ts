import type { ProofReader } from '@assay/core/codec';
import { type K, mulK, ONE, ZERO } from '@assay/core/field';
import {
  addValues,
  constantValue,
  type HidingLedger,
  scaleValue,
  type Value,
} from '@assay/core/linear';
import { TAG_HIDING, type Transcript } from '@assay/core/transcript';

/** Messages of S6: products under their pads; then x and y of each triple's operands, opened. */
export interface ProductMessages {
  readonly products: readonly K[];
  readonly rho: K;
  readonly e: readonly K[];
  readonly f: readonly K[];
}

/** Σ_q θ^q·E_q over all checks that wait for the opening. */
export function batchChecks(ledger: HidingLedger, messages: ProductMessages, theta: K): Value {
  let power: K = ONE;
  let sum = constantValue(ZERO);
  for (const check of ledger.settle(messages)) {
    sum = addValues(sum, scaleValue(check, power));
    power = mulK(power, theta);
  }
  return sum;
}

/**
 * S6, hiding profile: c_z, a product of secrets under its pad, for each; ρ_s; e = ρ_s·x − x' and
 * f = y − y'; θ. Checked with committed triples (x', y', z' = x'·y'): no value is seen.
 *
 * Soundness: a product that is none passes for at most one ρ_s; a check that fails, with
 * probability (their number)/|K| over θ.
 * Transcript: tag 12 twice, a sample after each.
 * Caller must: test `reader.failed` afterwards; claim that the returned value is zero.
 */
export function verifyProducts(
  transcript: Transcript,
  reader: ProofReader,
  ledger: HidingLedger,
): Value {
  const count = ledger.products.length;
  const products = reader.ks(count);
  transcript.observeK(TAG_HIDING, products);
  const rho = transcript.sampleK();
  const e = reader.ks(count);
  const f = reader.ks(count);
  transcript.observeK(TAG_HIDING, [...e, ...f]);
  const theta = transcript.sampleK();
  return batchChecks(ledger, { products, rho, e, f }, theta);
}
