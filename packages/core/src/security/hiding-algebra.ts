import {
  addF,
  addK,
  invF,
  type K,
  mulF,
  mulK,
  ONE,
  powK,
  scaleK,
  subF,
  ZERO,
} from '../field/index.ts';
import { maskRows } from '../pcs/blinding.ts';

/** Coefficients of the mask in one variable. */
const MASK_WORDS = maskRows(1);

/** Coefficients of Π (x − x_i), lowest first. */
export function vanishing(points: readonly number[]): number[] {
  let product = [1];
  for (const x of points) {
    const next = [0, ...product];
    for (const [i, a] of product.entries()) next[i] = subF(next[i] ?? 0, mulF(x, a));
    product = next;
  }
  return product;
}

/** The polynomial of degree < points.length with the given values, V = vanishing(points). */
export function interpolate(
  points: readonly number[],
  values: readonly number[],
  v: readonly number[],
): number[] {
  const n = points.length;
  const result = new Array<number>(n).fill(0);
  for (const [l, x] of points.entries()) {
    // V/(x − x_l) by synthetic division; its value at x_l is V'(x_l).
    const quotient = new Array<number>(n).fill(0);
    let carry = 0;
    for (let i = n; i >= 1; i--) {
      carry = addF(v[i] ?? 0, mulF(carry, x));
      quotient[i - 1] = carry;
    }
    const own = quotient.reduceRight((sum, a) => addF(mulF(sum, x), a), 0);
    const scale = mulF(values[l] ?? 0, invF(own));
    for (let i = 0; i < n; i++) {
      result[i] = addF(result[i] ?? 0, mulF(scale, quotient[i] ?? 0));
    }
  }
  return result;
}

/** Σ_i a_i·z^i. */
export function valueAt(coefficients: readonly number[], z: K): K {
  return coefficients.reduceRight<K>((sum, a) => {
    const next = mulK(sum, z);
    return [addF(next[0], a), next[1], next[2], next[3], next[4]];
  }, ZERO);
}

/** The rows of u in σ_p, h_1(0), h_1(∞), …, E: coefficients of the mask p = Σ_j s_j(X_j). */
export function maskMessages(challenges: readonly K[], factor: K): K[][] {
  const rounds = challenges.length;
  const zero = (): K[] => new Array<K>(MASK_WORDS * rounds).fill(ZERO);
  /** row += factor·(s_j(0) + s_j(1)). */
  const addSums = (row: K[], j: number, scale: K): void => {
    for (const [e, count] of [2, 1, 1].entries()) {
      const at = MASK_WORDS * j + e;
      row[at] = addK(row[at] ?? ZERO, scaleK(scale, count));
    }
  };
  /** row += factor·s_j(x). */
  const addValue = (row: K[], j: number, x: K, scale: K): void => {
    for (let e = 0; e < MASK_WORDS; e++) {
      const at = MASK_WORDS * j + e;
      row[at] = addK(row[at] ?? ZERO, mulK(scale, powK(x, e)));
    }
  };
  const sum = zero();
  for (let j = 0; j < rounds; j++) addSums(sum, j, scaleK(ONE, 2 ** (rounds - 1)));
  const rows = [sum];
  for (let j = 0; j < rounds; j++) {
    const after = rounds - 1 - j;
    const whole = scaleK(factor, 2 ** after);
    const atZero = zero();
    for (let l = 0; l < j; l++) addValue(atZero, l, challenges[l] ?? ZERO, whole);
    addValue(atZero, j, ZERO, whole);
    for (let l = j + 1; l < rounds; l++) addSums(atZero, l, scaleK(factor, 2 ** (after - 1)));
    const atInfinity = zero();
    atInfinity[MASK_WORDS * j + 2] = whole;
    rows.push(atZero, atInfinity);
  }
  const value = zero();
  for (const [j, r] of challenges.entries()) addValue(value, j, r, ONE);
  return [...rows, value];
}

/** A subspace of F^n, grown vector by vector: rows in echelon form. */
export class SpanF {
  readonly #length: number;
  /** The row with pivot i: 1 at i, 0 before. */
  readonly #pivots: (Float64Array | undefined)[];
  #rank = 0;

  constructor(length: number) {
    this.#length = length;
    this.#pivots = new Array<undefined>(length).fill(undefined);
  }

  get rank(): number {
    return this.#rank;
  }

  /** Adds canonical elements; whether they were outside the span. Cost: n·rank products. */
  add(vector: readonly number[]): boolean {
    const rest = Float64Array.from(vector);
    for (let i = 0; i < this.#length; i++) {
      const head = rest[i] ?? 0;
      if (head === 0) continue;
      const row = this.#pivots[i];
      if (row === undefined) {
        const scale = invF(head);
        this.#pivots[i] = rest.map((a) => mulF(a, scale));
        this.#rank += 1;
        return true;
      }
      for (let j = i; j < this.#length; j++) {
        rest[j] = subF(rest[j] ?? 0, mulF(head, row[j] ?? 0));
      }
    }
    return false;
  }
}
