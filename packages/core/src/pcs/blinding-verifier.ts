import { err, ok } from '../errors.ts';
import { addK, isZeroK, type K, mulK, subK, ZERO } from '../field/index.ts';
import { eqIndex } from '../poly/index.ts';
import { TAG_HIDING } from '../transcript/index.ts';
import { blindingCoefficients, maskRows, maskWeights } from './blinding.ts';
import type { BlindingParameters, OracleShape } from './parameters.ts';
import { checkPow, readable, type Run, type Stage, verifyRounds, type WeightTerm } from './run.ts';

/** What the blinding leaves to the rest of the verification. */
export interface Blinded {
  /** ρ·X^j: the words of R in an opened row belong to the folded symbol with these factors. */
  readonly coefficients: readonly K[];
  /** γ'·v. */
  readonly term: WeightTerm;
}

/** v̂: the weights of p(α) on the last rows, zero on all others. */
function evaluateMaskWeights(challenges: readonly K[], rest: readonly K[]): K {
  const first = 2 ** rest.length - maskRows(challenges.length);
  return maskWeights(challenges).reduce(
    (sum, weight, i) => addK(sum, mulK(weight, eqIndex(rest, first + i))),
    ZERO,
  );
}

/**
 * Steps a to d of the blinded opening (`blinding.ts`): the k_0 rounds under their mask; the running
 * claim ends as one about g = f_1 + ρ·R_1.
 *
 * Rejects:     whir/encoding, whir/proof-of-work, whir/zero-challenge.
 * Transcript:  tag 12 (σ_p); ρ'; tags 3, 5 (rounds); tag 12 (E, D, b'); 5; ρ, γ'.
 */
export function verifyBlindedRounds(
  run: Run,
  shape: OracleShape,
  blinding: BlindingParameters,
): Stage<Blinded> {
  const { reader, transcript } = run;
  const maskSum = reader.k();
  const maskRead = readable(run, 0, 'mask sum');
  if (!maskRead.ok) return maskRead;
  transcript.observeK(TAG_HIDING, [maskSum]);
  const maskFactor = transcript.sampleK();
  if (isZeroK(maskFactor)) return err({ kind: 'whir/zero-challenge', of: 'mask' });
  run.claim = addK(run.claim, mulK(maskFactor, maskSum));

  const folded = verifyRounds(run, 0, shape.folding, shape.foldPowBits);
  if (!folded.ok) return folded;
  const challenges = run.point.slice();

  const maskValue = reader.k();
  const weighed = reader.k();
  const atMask = reader.k();
  const read = readable(run, 0, 'blinding');
  if (!read.ok) return read;
  transcript.observeK(TAG_HIDING, [maskValue, weighed, atMask]);
  const worked = checkPow(run, 0, blinding.powBits, 'blinding');
  if (!worked.ok) return worked;
  const rho = transcript.sampleK();
  if (isZeroK(rho)) return err({ kind: 'whir/zero-challenge', of: 'blinding' });
  const gamma = transcript.sampleK();

  const unmasked = subK(run.claim, mulK(maskFactor, maskValue));
  const functional = addK(unmasked, mulK(rho, weighed));
  const mask = addK(atMask, mulK(rho, maskValue));
  run.claim = addK(functional, mulK(gamma, mask));
  return ok({
    coefficients: blindingCoefficients(rho),
    term: {
      bound: challenges.length,
      coefficient: gamma,
      evaluate: (rest) => evaluateMaskWeights(challenges, rest),
    },
  });
}
