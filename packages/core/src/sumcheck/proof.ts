import { addK, type K, mulK, ONE, subK } from '../field/index.ts';
import { addValues, scaleValue, type Value } from '../linear/index.ts';

/** Degree of the round polynomials: 2 (products of two tables) or 3 (times an eq factor). */
export type Degree = 2 | 3;

/**
 * A round polynomial h on the wire: (c0, c2) or (c0, c2, c3). c1 is not sent: it is what makes
 * h(0) + h(1) equal the claim, so that there is nothing to forget to check. The proof is these
 * messages, round after round.
 */
export type RoundMessage = readonly K[];

/** Elements of K in a proof of that many rounds. */
export function sumcheckElements(rounds: number, degree: Degree): number {
  return rounds * degree;
}

/**
 * The next claim h(r), with c1 = claim − 2·c0 − c2 − c3, linear in claim and message:
 *
 *   h(r) = r·claim + (1 − 2r)·c0 + (r² − r)·c2 + (r³ − r)·c3
 */
export function nextClaim(claim: Value, message: readonly Value[], r: K): Value {
  const r2 = mulK(r, r);
  const factors = [subK(ONE, addK(r, r)), subK(r2, r), subK(mulK(r2, r), r)];
  return message.reduce(
    (sum, c, i) => {
      const factor = factors[i];
      return factor === undefined ? sum : addValues(sum, scaleValue(c, factor));
    },
    scaleValue(claim, r),
  );
}
