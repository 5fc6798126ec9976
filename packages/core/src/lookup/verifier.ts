import type { ProofReader } from '../codec/index.ts';
import { err, ok, type Result } from '../errors.ts';
import { addK, invK, isZeroK, type K, mulK, ONE, subK, ZERO } from '../field/index.ts';
import {
  addValues,
  constantValue,
  type Ledger,
  scaleValue,
  subValues,
  type Value,
} from '../linear/index.ts';
import { evaluateMle } from '../poly/index.ts';
import { TAG_LOGUP_LAYER, TAG_LOGUP_TOP, TAG_ROUND, type Transcript } from '../transcript/index.ts';
import type { LogupError } from './errors.ts';
import { LAYER_ELEMENTS, type LogupStart, ROUND_ELEMENTS, startVariables } from './proof.ts';

/** N̂(point) = numerator, D̂(point) = denominator, N and D on {0,1}^point.length. */
export interface FractionClaim {
  readonly point: K[];
  readonly numerator: Value;
  readonly denominator: Value;
}

/** a + x·(b − a): the multilinear polynomial with values a at 0 and b at 1. */
const interpolate = (a: Value, b: Value, x: K): Value =>
  addValues(a, scaleValue(subValues(b, a), x));

/** Σ N_i/D_i = 0 for nonzero D_i, added up pairwise as fractions. */
function isBalanced(numerators: readonly K[], denominators: readonly K[]): boolean {
  let n: K = ZERO;
  let d: K = ONE;
  for (const [i, denominator] of denominators.entries()) {
    n = addK(mulK(n, denominator), mulK(numerators[i] ?? ZERO, d));
    d = mulK(d, denominator);
  }
  return isZeroK(n);
}

/** The layer that is sent in clear. Of the root only D: that N is zero is what is proven. */
function verifyTop(
  transcript: Transcript,
  reader: ProofReader,
  start: LogupStart,
  layer: number,
): Result<FractionClaim, LogupError> {
  const sent = start === 'root' ? [] : reader.ks(2 ** layer);
  const denominators = reader.ks(2 ** layer);
  if (reader.failed !== null) {
    return err({ kind: 'logup/encoding', layer, part: 'top', failure: reader.failed });
  }
  transcript.observeK(TAG_LOGUP_TOP, [...sent, ...denominators]);
  const zero = denominators.findIndex(isZeroK);
  if (zero >= 0) return err({ kind: 'logup/zero-denominator', index: zero });
  const numerators = start === 'root' ? [ZERO] : sent;
  if (!isBalanced(numerators, denominators)) return err({ kind: 'logup/sum' });
  const point = Array.from({ length: layer }, () => transcript.sampleK());
  return ok({
    point,
    numerator: constantValue(evaluateMle(numerators, point)),
    denominator: constantValue(evaluateMle(denominators, point)),
  });
}

/**
 * One round with the eq factor of its variable left out of the message: from
 * claim = (1 − ρ)·s(0) + ρ·s(1), s(0) = c0 and c1 = s(1) − c0 − c2 follows
 *
 *   s(r) = c0 + r·c1 + r²·c2 = c0 + (r/ρ)·(claim − c0) + (r² − r)·c2.   ρ is not zero.
 */
function roundClaim(claim: Value, c0: Value, c2: Value, rho: K, r: K): Value {
  const line = addValues(c0, scaleValue(subValues(claim, c0), mulK(r, invK(rho))));
  return addValues(line, scaleValue(c2, subK(mulK(r, r), r)));
}

/**
 * Reduces the claim about a layer to one about its children:
 *
 *   n + λ·d = Σ_b eq(point, b)·(N0·D1 + N1·D0 + λ·D0·D1)(b)
 */
function verifyLayer(
  transcript: Transcript,
  reader: ProofReader,
  ledger: Ledger,
  { point, numerator, denominator }: FractionClaim,
): Result<FractionClaim, LogupError> {
  const layer = point.length;
  const lambda = transcript.sampleK();
  let claim = addValues(numerator, scaleValue(denominator, lambda));
  const next: K[] = [];
  for (const [round, rho] of point.entries()) {
    const message = reader.ks(ROUND_ELEMENTS);
    if (reader.failed !== null) {
      return err({ kind: 'logup/encoding', layer, part: 'round', failure: reader.failed });
    }
    if (isZeroK(rho)) return err({ kind: 'logup/zero-coordinate', layer, round });
    transcript.observeK(TAG_ROUND, message);
    const r = transcript.sampleK();
    next.push(r);
    const [c0 = ZERO, c2 = ZERO] = message;
    claim = roundClaim(claim, ledger.received(c0), ledger.received(c2), rho, r);
  }

  const evaluations = reader.ks(LAYER_ELEMENTS);
  if (reader.failed !== null) {
    return err({ kind: 'logup/encoding', layer, part: 'children', failure: reader.failed });
  }
  transcript.observeK(TAG_LOGUP_LAYER, evaluations);
  const [k0 = ZERO, k1 = ZERO, k2 = ZERO, k3 = ZERO] = evaluations;
  const n0 = ledger.received(k0);
  const n1 = ledger.received(k1);
  const d0 = ledger.received(k2);
  const d1 = ledger.received(k3);
  const parent = addValues(
    ledger.product(addValues(n0, scaleValue(d0, lambda)), d1),
    ledger.product(n1, d0),
  );
  if (!ledger.requireZero(subValues(claim, parent))) return err({ kind: 'logup/layer', layer });

  const delta = transcript.sampleK();
  return ok({
    point: [...next, delta],
    numerator: interpolate(n0, n1, delta),
    denominator: interpolate(d0, d1, delta),
  });
}

/**
 * Reduces Σ_{i < 2^variables} N_i/D_i = 0, all D_i ≠ 0, to N̂(point) = numerator and
 * D̂(point) = denominator. Children are neighbours: node b of a layer has children (b, 0) and (b, 1).
 *
 * The claims start at the top layer, whose fractions are sent in clear, or at the root: Σ = 0/D_root,
 * D_root ≠ 0, which is the product of all D_i.
 *
 * Source:      Papini and Haböck, "Improving logarithmic derivative lookups using GKR" (2023/1284);
 *              eq factored out of the rounds as in Gruen (2024/108).
 * Rejects:     logup/encoding, logup/zero-denominator, logup/sum (from the top layer alone),
 *              logup/zero-coordinate, logup/layer.
 * Soundness:   at most 3/|K| a round, 1/|K| for each λ and δ, T/|K| for the top point, for fixed N, D.
 * Transcript:  top layer or root (tag 7), samples; per layer λ, rounds (tag 3), evaluations (tag 8), δ.
 * Cost:        four products and an inverse a round; variables²/2 rounds.
 * Caller must: have observed all that determines N and D; hold both final claims against it; where
 *              messages are hidden, start at the root and have a fraction 0/r with uniform r ≠ 0
 *              among the fractions, so that D_root is uniform.
 */
export function verifyLogup(
  transcript: Transcript,
  reader: ProofReader,
  ledger: Ledger,
  variables: number,
  start: LogupStart,
): Result<FractionClaim, LogupError> {
  let claim = verifyTop(transcript, reader, start, startVariables(start, variables));
  while (claim.ok && claim.value.point.length < variables) {
    claim = verifyLayer(transcript, reader, ledger, claim.value);
  }
  return claim;
}
