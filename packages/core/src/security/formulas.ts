import { P, TWO_ADICITY } from '../field/index.ts';

/**
 * Error terms of Reed–Solomon proximity in the Johnson regime, and expected sizes of multiproofs.
 * Everything is in bits: −log2 of an error, or log2 of a count.
 *
 * Source: BCHKS25 (eprint 2025/2055) Theorem 4.2 and WHIR (eprint 2024/1586) Theorem 5.2, with the
 * constants of ethereum/soundcalc; no conjecture. `m` is an analysis parameter: neither prover nor
 * verifier of a proof uses it.
 */

/** log2 |K|. */
export const FIELD_BITS: number = 5 * Math.log2(P);

/**
 * −log2 of the highest probability of one challenge: its coordinates are 51-bit numbers mod p, so no
 * element is likelier than ((1 + p·2^−51)/p)^5.
 */
export const CHALLENGE_BITS: number = FIELD_BITS - 5 * Math.log2(1 + P / 2 ** 51);

/** Largest m searched. */
export const MAX_PROXIMITY_PARAMETER = 100;

export interface Proximity {
  /** δ = 1 − √ρ − √ρ/(2m). */
  readonly delta: number;
  /** log2 of the list size (m + ½)/√ρ. */
  readonly logList: number;
  /** log2 of the numerator of ε_line = [(2(m+½)^5 + 3(m+½)δρ)·n_c/(3ρ^{3/2}) + (m+½)/√ρ] / |K|. */
  readonly logLine: number;
}

/** ℓ = (m + ½)/√ρ. */
export function listSize(logInverseRate: number, m: number): number {
  return (m + 0.5) / Math.sqrt(2 ** -logInverseRate);
}

/** |K|·ε_line of a code of dimension 2^logDimension. */
function lineCount(logDimension: number, logInverseRate: number, m: number): number {
  const rho = 2 ** -logInverseRate;
  const root = Math.sqrt(rho);
  const delta = 1 - root - root / (2 * m);
  const half = m + 0.5;
  const length = 2 ** (logDimension + logInverseRate);
  const fifth = half * half * half * half * half;
  return ((2 * fifth + 3 * half * delta * rho) * length) / (3 * rho * root) + half / root;
}

/** Code of dimension 2^logDimension and rate ρ = 2^−logInverseRate. */
export function johnson(logDimension: number, logInverseRate: number, m: number): Proximity {
  return {
    delta: radius(logInverseRate, m),
    logList: Math.log2(listSize(logInverseRate, m)),
    logLine: Math.log2(lineCount(logDimension, logInverseRate, m)),
  };
}

/** δ of `johnson`. */
export function radius(logInverseRate: number, m: number): number {
  const root = Math.sqrt(2 ** -logInverseRate);
  return 1 - root - root / (2 * m);
}

/** Unique decoding radius (1 − ρ)/2: a δ at or below it makes no use of the Johnson regime. */
export function uniqueDecodingRadius(logInverseRate: number): number {
  return (1 - 2 ** -logInverseRate) / 2;
}

/** Degree of WHIR's constraint in a fold challenge: the quadratic round polynomial, and γ. */
const CONSTRAINT_DEGREE = 3;

/** |K| times the error of the worst of an oracle's fold rounds, its first. Grows with m. */
export function foldCount(variables: number, logInverseRate: number, m: number): number {
  const line = lineCount(variables - 1, logInverseRate, m);
  return CONSTRAINT_DEGREE * listSize(logInverseRate, m) + line;
}

/**
 * Worst of the fold rounds of an oracle over `variables` variables (its first):
 * 3·ℓ/|K| + ε_line(dimension 2^(variables − 1)).
 */
export function foldBits(
  variables: number,
  logInverseRate: number,
  m: number,
  fieldBits: number = FIELD_BITS,
): number {
  return fieldBits - Math.log2(foldCount(variables, logInverseRate, m));
}

/** f_1 and R_1 claim two values each before ρ. */
const BLINDED_CLAIMS = 2;

/**
 * The line f_1 + ρ·R_1 over columns of 2^logRows coefficients, and the claims about it:
 * 2·ℓ/|K| + ε_line(dimension 2^logRows). ℓ: R is not pinned by out-of-domain answers.
 */
export function blindingBits(
  logRows: number,
  logInverseRate: number,
  m: number,
  fieldBits: number = FIELD_BITS,
): number {
  const line = lineCount(logRows, logInverseRate, m);
  return fieldBits - Math.log2(BLINDED_CLAIMS * listSize(logInverseRate, m) + line);
}

/** ½·ℓ²·(2^variables/|K|)^samples. */
export function outOfDomainBits(
  variables: number,
  samples: number,
  logList: number,
  fieldBits: number = FIELD_BITS,
): number {
  return 1 - 2 * logList + samples * (fieldBits - variables);
}

/** One query of a word that is δ-far: −log2(1 − δ). */
export function bitsPerQuery(delta: number): number {
  return -Math.log2(1 - delta);
}

/** (1 − δ)^queries + ℓ'·(queries + samples + 1)/|K|, ℓ' and samples of the next oracle. */
export function shiftBits(
  delta: number,
  queries: number,
  nextLogList: number,
  nextSamples: number,
  fieldBits: number = FIELD_BITS,
): number {
  const missed = 2 ** (-queries * bitsPerQuery(delta));
  const batch = 2 ** (nextLogList + Math.log2(queries + nextSamples + 1) - fieldBits);
  return -Math.log2(missed + batch);
}

export interface ExpectedMultiproof {
  /** Distinct leaves. */
  readonly leaves: number;
  /** Sibling digests sent. */
  readonly siblings: number;
  /** Inner nodes that the verifier computes. */
  readonly nodes: number;
}

/** Expectation for `queries` indices drawn with replacement from a tree of 2^logLeaves leaves. */
export function expectedMultiproof(queries: number, logLeaves: number): ExpectedMultiproof {
  // Level d has 2^d nodes; missed is the chance that no index lies below a given one.
  let missed = 0 ** queries;
  let nodes = 0;
  let siblings = 0;
  for (let d = 1; d <= logLeaves; d++) {
    const above = missed;
    nodes += 2 ** (d - 1) * (1 - above);
    missed = (1 - 2 ** -d) ** queries;
    siblings += 2 ** d * (missed - above);
  }
  const leaves = 2 ** logLeaves * (1 - missed);
  return { leaves, siblings, nodes };
}

/** keccak-f calls for a leaf: prefix byte, row, padding, at a rate of 136 bytes. */
export function leafPermutations(rowBytes: number): number {
  return Math.floor(rowBytes / 136) + 1;
}

/** base^exponent by squaring: the same bits in every engine, which Math.pow does not promise. */
function power(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let e = exponent; e > 0; e = Math.floor(e / 2)) {
    if (e % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}

/** `expectedMultiproof` for all depths of a number of queries at once, up to 27; remembered. */
export class MultiproofTable {
  /** By queries: the chance to miss a node of level d, and the siblings down to level d. */
  readonly #missed: Float64Array[] = [];
  readonly #siblings: Float64Array[] = [];

  leaves(queries: number, logLeaves: number): number {
    return 2 ** logLeaves * (1 - (this.#missedBy(queries)[logLeaves] ?? 0));
  }

  siblings(queries: number, logLeaves: number): number {
    if (this.#siblings[queries] === undefined) this.#missedBy(queries);
    return this.#siblings[queries]?.[logLeaves] ?? 0;
  }

  #missedBy(queries: number): Float64Array {
    const known = this.#missed[queries];
    if (known !== undefined) return known;
    const missed = new Float64Array(TWO_ADICITY + 1);
    const siblings = new Float64Array(TWO_ADICITY + 1);
    missed[0] = queries === 0 ? 1 : 0;
    for (let d = 1; d <= TWO_ADICITY; d++) {
      const [above, sum] = [missed[d - 1] ?? 0, siblings[d - 1] ?? 0];
      const here = power(1 - 2 ** -d, queries);
      missed[d] = here;
      siblings[d] = sum + 2 ** d * (here - above);
    }
    this.#missed[queries] = missed;
    this.#siblings[queries] = siblings;
    return missed;
  }
}
