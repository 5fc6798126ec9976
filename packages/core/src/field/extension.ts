import { addF, invF, mulF, negF, P, powF, subF, toF } from './base.ts';

/** K = F[X]/(X^5 − 2), coordinates in the basis 1, X, …, X^4, canonical. |K| ≈ 2^154.5. */
export type K = readonly [number, number, number, number, number];

export const ZERO: K = [0, 0, 0, 0, 0];
export const ONE: K = [1, 0, 0, 0, 0];

/** X^5 = 2. */
const W = 2;

export function baseK(a: number): K {
  return [a, 0, 0, 0, 0];
}

/** An integer |n| < 2^53 as an element of K. */
export function intK(n: number): K {
  return [toF(n), 0, 0, 0, 0];
}

export function addK(a: K, b: K): K {
  return [addF(a[0], b[0]), addF(a[1], b[1]), addF(a[2], b[2]), addF(a[3], b[3]), addF(a[4], b[4])];
}

export function subK(a: K, b: K): K {
  return [subF(a[0], b[0]), subF(a[1], b[1]), subF(a[2], b[2]), subF(a[3], b[3]), subF(a[4], b[4])];
}

export function negK(a: K): K {
  return [negF(a[0]), negF(a[1]), negF(a[2]), negF(a[3]), negF(a[4])];
}

/** a·f, f in F. */
export function scaleK(a: K, f: number): K {
  return [mulF(a[0], f), mulF(a[1], f), mulF(a[2], f), mulF(a[3], f), mulF(a[4], f)];
}

const INVERSE_P = 1 / P;

/** hi·2^16 + lo mod p for 0 <= hi < 2^51, 0 <= lo < 2^51. */
function join(hi: number, lo: number): number {
  // a floating-point quotient is off by at most one: h in [−2, p + 2], which is small enough
  const h = hi - Math.floor(hi * INVERSE_P) * P;
  const n = h * 65536 + lo;
  const r = n - Math.floor(n * INVERSE_P) * P;
  return r < 0 ? r + P : r >= P ? r - P : r;
}

/**
 * c_k = Σ_{i+j=k} a_i·b_j + 2·Σ_{i+j=k+5} a_i·b_j. b is split into 16-bit halves, so that five
 * products (weights 1 or 2) add up exactly in a double: 9·2^31·2^16 < 2^51.
 */
export function mulK(a: K, b: K): K {
  // By index: a pattern makes an iterator wherever this is not compiled yet.
  const a0 = a[0];
  const a1 = a[1];
  const a2 = a[2];
  const a3 = a[3];
  const a4 = a[4];
  const l0 = b[0] & 65535;
  const l1 = b[1] & 65535;
  const l2 = b[2] & 65535;
  const l3 = b[3] & 65535;
  const l4 = b[4] & 65535;
  const h0 = b[0] >>> 16;
  const h1 = b[1] >>> 16;
  const h2 = b[2] >>> 16;
  const h3 = b[3] >>> 16;
  const h4 = b[4] >>> 16;
  return [
    join(
      a0 * h0 + W * (a1 * h4 + a2 * h3 + a3 * h2 + a4 * h1),
      a0 * l0 + W * (a1 * l4 + a2 * l3 + a3 * l2 + a4 * l1),
    ),
    join(
      a0 * h1 + a1 * h0 + W * (a2 * h4 + a3 * h3 + a4 * h2),
      a0 * l1 + a1 * l0 + W * (a2 * l4 + a3 * l3 + a4 * l2),
    ),
    join(
      a0 * h2 + a1 * h1 + a2 * h0 + W * (a3 * h4 + a4 * h3),
      a0 * l2 + a1 * l1 + a2 * l0 + W * (a3 * l4 + a4 * l3),
    ),
    join(
      a0 * h3 + a1 * h2 + a2 * h1 + a3 * h0 + W * (a4 * h4),
      a0 * l3 + a1 * l2 + a2 * l1 + a3 * l0 + W * (a4 * l4),
    ),
    join(
      a0 * h4 + a1 * h3 + a2 * h2 + a3 * h1 + a4 * h0,
      a0 * l4 + a1 * l3 + a2 * l2 + a3 * l1 + a4 * l0,
    ),
  ];
}

export function equalK(a: K, b: K): boolean {
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2] && a[3] === b[3] && a[4] === b[4];
}

export function isZeroK(a: K): boolean {
  return equalK(a, ZERO);
}

export function powK(a: K, exponent: number): K {
  let result: K = ONE;
  let base = a;
  for (let e = exponent; e > 0; e = Math.floor(e / 2)) {
    if (e % 2 === 1) result = mulK(result, base);
    base = mulK(base, base);
  }
  return result;
}

/** z = 2^((p−1)/5), a fifth root of unity: X^p = z·X. */
const FROBENIUS = powF(W, (P - 1) / 5);

/** a^(p^power): coordinate i times z^(i·power). */
export function frobeniusK(a: K, power: number): K {
  const z = powF(FROBENIUS, power % 5);
  const z2 = mulF(z, z);
  const z3 = mulF(z2, z);
  const z4 = mulF(z2, z2);
  return [a[0], mulF(a[1], z), mulF(a[2], z2), mulF(a[3], z3), mulF(a[4], z4)];
}

/** a^{-1} = φ(a)φ²(a)φ³(a)φ⁴(a) / norm(a). @throws {RangeError} on zero: test with isZeroK before. */
export function invK(a: K): K {
  if (isZeroK(a)) throw new RangeError('invK: expected a nonzero element, got 0');
  const first = mulK(frobeniusK(a, 1), frobeniusK(a, 2));
  const rest = mulK(first, frobeniusK(first, 2));
  const norm = mulK(a, rest);
  return scaleK(rest, invF(norm[0]));
}
