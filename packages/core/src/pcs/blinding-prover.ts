import type { ProofWriter } from '../codec/index.ts';
import type { Engine, IntVec, KVec } from '../engine/index.ts';
import { AssayError } from '../errors.ts';
import { addK, isZeroK, type K, mulK, scaleK, toF, ZERO } from '../field/index.ts';
import { eqTable, evaluateUnivariate } from '../poly/index.ts';
import { TAG_HIDING, type Transcript } from '../transcript/index.ts';
import { blindingCoefficients, maskRows, maskWeights, X } from './blinding.ts';
import { grind } from './grind.ts';
import type { BlindingParameters } from './parameters.ts';
import { rankOverBase } from './rank.ts';
import type { ColumnRange } from './weights.ts';

/** [K : F]. */
const K_DEGREE = 5;

/** The columns of R, and what the verifier asks for. */
export interface Blinding extends BlindingParameters {
  readonly columns: readonly IntVec[];
  /** Columns of f with fresh random rows: those under the last root. */
  readonly fresh: ColumnRange;
}

/** u_j0, u_j1, u_j2 of each round j: the words of R at its last rows. */
function maskCoefficients(engine: Engine, blinding: readonly IntVec[], rounds: number): K[] {
  const views = blinding.map((column) => engine.ints(column));
  return Array.from({ length: maskRows(rounds) }, (_, i): K => {
    const at = (j: number): number => toF(views[j]?.at(i - maskRows(rounds)) ?? 0);
    return [at(0), at(1), at(2), at(3), at(4)];
  });
}

/** Says that this transcript would not hide: the proof must be made anew, with all of its randomness. */
export function unluckyChallenge(reason: string): AssayError {
  return new AssayError({
    code: 'ASSAY_UNLUCKY_CHALLENGE',
    shortMessage: `${reason}: prove anew, with new randomness`,
  });
}

function nonZero(challenge: K): K {
  if (!isZeroK(challenge)) return challenge;
  throw unluckyChallenge('a challenge that hides by its value is zero');
}

/**
 * The random rows of the fresh columns reach the folded polynomial as Σ_c eq(α, c)·(row of c): all of
 * K only if the eq(α, c) span K over F. Five of them fail to with probability 1/p, n with p^−(n−4).
 * What decides it is public, so that proving anew tells nothing.
 */
function checkSpan(challenges: readonly K[], { first, count }: ColumnRange): void {
  const own = eqTable(challenges).slice(first, first + count);
  if (rankOverBase(own) < Math.min(K_DEGREE, count)) {
    throw unluckyChallenge('the fresh columns do not cover the folded ones');
  }
}

/** p(X) = Σ_j (u_j0 + u_j1·X_j + u_j2·X_j²) in the course of the rounds. */
export class RoundMask {
  /** ρ'. */
  readonly #factor: K;
  readonly #coefficients: readonly K[];
  /** Σ_{l<j} s_l(α_l) after j rounds, s_l the summand of variable l: in the end p(α). */
  #fixed: K = ZERO;
  #round = 0;

  private constructor(factor: K, coefficients: readonly K[]) {
    this.#factor = factor;
    this.#coefficients = coefficients;
  }

  /** Step a: sends σ_p and samples ρ'. */
  static start(
    engine: Engine,
    transcript: Transcript,
    writer: ProofWriter,
    blinding: Blinding,
    rounds: number,
  ): RoundMask {
    const coefficients = maskCoefficients(engine, blinding.columns, rounds);
    const sum = scaleK(sumsFrom(coefficients, 0), 2 ** (rounds - 1));
    writer.k(sum);
    transcript.observeK(TAG_HIDING, [sum]);
    return new RoundMask(nonZero(transcript.sampleK()), coefficients);
  }

  /** p at the challenges so far: E after the last round. */
  get value(): K {
    return this.#fixed;
  }

  /**
   * The round polynomial of Ŵ·f̂ and of ρ'·p together. With i = k − 1 − j variables after this one,
   * Σ over them of p is 2^i·(fixed + s_j(X)) + 2^(i−1)·Σ_{l>j} (s_l(0) + s_l(1)).
   */
  add([atZero, atInfinity]: readonly [K, K]): readonly [K, K] {
    const j = this.#round;
    const after = this.#coefficients.length / 3 - 1 - j;
    const [constant, square] = [this.#at(j, 0), this.#at(j, 2)];
    const own = scaleK(addK(this.#fixed, constant), 2 ** after);
    const others =
      after === 0 ? ZERO : scaleK(sumsFrom(this.#coefficients, j + 1), 2 ** (after - 1));
    return [
      addK(atZero, mulK(this.#factor, addK(own, others))),
      addK(atInfinity, mulK(this.#factor, scaleK(square, 2 ** after))),
    ];
  }

  bind(r: K): void {
    const j = this.#round;
    const linear = addK(this.#at(j, 1), mulK(r, this.#at(j, 2)));
    this.#fixed = addK(this.#fixed, addK(this.#at(j, 0), mulK(r, linear)));
    this.#round += 1;
  }

  #at(round: number, exponent: number): K {
    return this.#coefficients[3 * round + exponent] ?? ZERO;
  }
}

/** Σ_{l>=j} (s_l(0) + s_l(1)) = Σ_{l>=j} (2·u_l0 + u_l1 + u_l2). */
function sumsFrom(coefficients: readonly K[], j: number): K {
  return coefficients
    .slice(3 * j)
    .reduce((sum, u, i) => addK(sum, i % 3 === 0 ? addK(u, u) : u), ZERO);
}

/** What the k_0 rounds leave: f_1 and w', which become g = f_1 + ρ·R_1 and w' + γ'·v. */
export interface Folded {
  readonly f: KVec;
  readonly w: KVec;
  readonly challenges: readonly K[];
}

/**
 * Steps c and d: sends E, D, b', finds the nonce, samples ρ and γ', and replaces what was folded.
 * Cost: two passes over the five columns of R, which are of full width.
 */
export function blindFolded(
  engine: Engine,
  transcript: Transcript,
  writer: ProofWriter,
  blinding: Blinding,
  mask: RoundMask,
  { f, w, challenges }: Folded,
): void {
  checkSpan(challenges, blinding.fresh);
  const count = maskRows(challenges.length);
  const mark = engine.mark();
  const v = engine.allocK(count);
  engine.writeK(v, maskWeights(challenges));
  const lastRows = (x: KVec): KVec => engine.slice(x, x.length - count, count);
  const atMask = engine.dot(v, lastRows(f));
  const weighed = evaluateUnivariate(engine.dotInts(blinding.columns, w), X);

  const message = [mask.value, weighed, atMask];
  writer.ks(message);
  transcript.observeK(TAG_HIDING, message);
  grind(engine, transcript, writer, blinding.powBits);
  const factors = blindingCoefficients(nonZero(transcript.sampleK()));
  const gamma = transcript.sampleK();
  for (const [j, column] of blinding.columns.entries()) {
    engine.axpyInt(factors[j] ?? ZERO, column, f);
  }
  engine.axpy(gamma, v, lastRows(w));
  engine.release(mark);
}
