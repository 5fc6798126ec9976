import type { ProofReader } from '../codec/index.ts';
import { err, ok, type Result } from '../errors.ts';
import { addK, type K, mulK, ONE, subK } from '../field/index.ts';
import { TAG_ROUND, type Transcript } from '../transcript/index.ts';
import type { WhirError } from './errors.ts';

/** What the stages of one verification share. `claim` and `point` change from round to round. */
export interface Run {
  readonly transcript: Transcript;
  readonly reader: ProofReader;
  claim: K;
  readonly point: K[];
}

export type Stage<T> = Result<T, WhirError>;
type Part = Extract<WhirError, { kind: 'whir/encoding' }>['part'];

/** Turns a sticky read failure into a rejection. */
export function readable(run: Run, oracle: number, part: Part): Stage<null> {
  const failure = run.reader.failed;
  return failure === null ? ok(null) : err({ kind: 'whir/encoding', oracle, part, failure });
}

/** A slot of 0 bits has no nonce. */
export function checkPow(
  run: Run,
  oracle: number,
  bits: number,
  before: 'fold' | 'query' | 'blinding',
): Stage<null> {
  const nonce = bits === 0 ? 0n : run.reader.u64();
  const read = readable(run, oracle, 'nonce');
  if (!read.ok) return read;
  return run.transcript.checkPow(bits, nonce)
    ? ok(null)
    : err({ kind: 'whir/proof-of-work', oracle, before });
}

/** h(r) = r·claim + (1 − 2r)·h(0) + (r² − r)·h(∞): the claim fixes h(1). */
function nextClaim(claim: K, atZero: K, atInfinity: K, r: K): K {
  const linear = addK(mulK(r, claim), mulK(subK(ONE, addK(r, r)), atZero));
  return addK(linear, mulK(mulK(r, subK(r, ONE)), atInfinity));
}

/** The rounds of a sumcheck: the claim becomes one about the tables bound at the new challenges. */
export function verifyRounds(
  run: Run,
  oracle: number,
  rounds: number,
  powBits: number,
): Stage<null> {
  for (let round = 0; round < rounds; round++) {
    const atZero = run.reader.k();
    const atInfinity = run.reader.k();
    const read = readable(run, oracle, 'round');
    if (!read.ok) return read;
    run.transcript.observeK(TAG_ROUND, [atZero, atInfinity]);
    const worked = checkPow(run, oracle, powBits, 'fold');
    if (!worked.ok) return worked;
    const r = run.transcript.sampleK();
    run.claim = nextClaim(run.claim, atZero, atInfinity, r);
    run.point.push(r);
  }
  return ok(null);
}

/** coefficient · a weight on the variables after the first `bound`, which were bound when it was added. */
export interface WeightTerm {
  readonly bound: number;
  readonly coefficient: K;
  /** Its multilinear extension at the other coordinates. */
  readonly evaluate: (rest: readonly K[]) => K;
}
