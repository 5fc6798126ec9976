/**
 * F = BabyBear, p = 15·2^27 + 1. Elements are canonical integers in [0, p).
 * Plain numbers: products are reduced with a floating-point quotient that is off by at most one.
 */
export const P: number = 2013265921;
/** 2^27 divides p − 1. */
export const TWO_ADICITY: number = 27;
/** Generates F*. */
export const GENERATOR: number = 31;

const INVERSE_P = 1 / P;

/** Reduces an exact integer |n| < 2^53 into [0, p). */
export function toF(n: number): number {
  // truncation keeps |quotient·p| below 2^53; a quotient that is off by one leaves r just outside (−p, p)
  const r = n - Math.trunc(n * INVERSE_P) * P;
  if (r >= 0) return r >= P ? r - P : r;
  return r < -P ? r + 2 * P : r + P;
}

export function addF(a: number, b: number): number {
  const s = a + b;
  return s >= P ? s - P : s;
}

export function subF(a: number, b: number): number {
  const d = a - b;
  return d < 0 ? d + P : d;
}

export function negF(a: number): number {
  return a === 0 ? 0 : P - a;
}

/** a·b mod p. a·b < 2^62 is not exact as a double, but its quotient by p is (up to one), and the low 32 bits are. */
export function mulF(a: number, b: number): number {
  const q = Math.floor(a * b * INVERSE_P);
  const r = (Math.imul(a, b) - Math.imul(q, P)) | 0;
  return r < 0 ? r + P : r >= P ? r - P : r;
}

export function powF(a: number, exponent: number): number {
  let result = 1;
  let base = a;
  for (let e = exponent; e > 0; e = Math.floor(e / 2)) {
    if (e % 2 === 1) result = mulF(result, base);
    base = mulF(base, base);
  }
  return result;
}

/** Inverse by Fermat. @throws {RangeError} on zero. */
export function invF(a: number): number {
  if (a === 0) throw new RangeError('invF: expected a nonzero element, got 0');
  return powF(a, P - 2);
}

/** ω of order 2^logOrder: GENERATOR^((p−1)/2^logOrder). @throws {RangeError} logOrder outside [0, 27]. */
export function rootOfUnity(logOrder: number): number {
  if (!(logOrder >= 0 && logOrder <= TWO_ADICITY)) {
    throw new RangeError(`rootOfUnity: expected 0..${TWO_ADICITY}, got ${logOrder}`);
  }
  return powF(GENERATOR, (P - 1) / 2 ** logOrder);
}
