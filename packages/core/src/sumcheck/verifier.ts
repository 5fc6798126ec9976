import type { ProofReader } from '../codec/index.ts';
import { err, ok, type Result } from '../errors.ts';
import type { K } from '../field/index.ts';
import type { Ledger, Value } from '../linear/index.ts';
import { TAG_ROUND, type Transcript } from '../transcript/index.ts';
import type { SumcheckError } from './errors.ts';
import { type Degree, nextClaim } from './proof.ts';

/**
 * Reduces the claim Σ_{x ∈ {0,1}^rounds} g(x) = claim to the claim g(point) = (returned) claim.
 *
 * Each round: read the round polynomial, observe it, sample its variable, take h(r) as the claim.
 *
 * Rejects:     sumcheck/encoding.
 * Soundness:   a false claim becomes a true one with probability at most rounds·degree/|K|.
 * Transcript:  per round one observe (tag 3) and one sample.
 * Caller must: have observed the claim, or what determines it, before; compute g(point) from
 *              evaluations that are proven elsewhere (`delayFactor`, `instancePoint`) and compare; and
 *              observe those evaluations before sampling anything that batches them.
 */
export function verifySumcheck(
  transcript: Transcript,
  reader: ProofReader,
  ledger: Ledger,
  rounds: number,
  degree: Degree,
  claim: Value,
): Result<{ point: K[]; claim: Value }, SumcheckError> {
  const point: K[] = [];
  let current = claim;
  for (let round = 0; round < rounds; round++) {
    const message = reader.ks(degree);
    if (reader.failed !== null) {
      return err({ kind: 'sumcheck/encoding', round, failure: reader.failed });
    }
    transcript.observeK(TAG_ROUND, message);
    const r = transcript.sampleK();
    point.push(r);
    const received = message.map((c) => ledger.received(c));
    current = nextClaim(current, received, r);
  }
  return ok({ point, claim: current });
}
