// Sums over many products in K, without reducing each product.
//
// A coordinate of a product is a signed 64-bit sum s, |s| < 2^62.3 (field.ts). With s' = s + 2^63 as
// unsigned number, t collects s' mod 2^64 and u collects floor(s'/2^32). The sum of the low halves is
// below 2^64 for up to 2^31 terms, so t − 2^32·u mod 2^64 is that sum, and nothing is lost:
// Σ s' = 2^32·u + (t − 2^32·u mod 2^64).
//
// Three independent sets, since a round of a sumcheck sums up to three products. They are globals of
// the instance (so of the thread): 30 vectors would not stay in registers anyway.
import { addWord, hi5, lo5, mulWord, P, twice } from './field';

const BIAS: i64 = i64.MIN_VALUE;

// @ts-ignore: decorator
@inline function biased(s: v128): v128 {
  return i64x2.add(s, i64x2.splat(BIAS));
}

// @ts-ignore: decorator
@inline function highs(lo: v128, hi: v128): v128 {
  return i64x2.add(i64x2.shr_u(lo, 32), i64x2.shr_u(hi, 32));
}

/** (Σ s)/R mod p after `iterations` additions of four lanes each: 4·2^63 = 2^65 of bias per iteration. */
function finish(t: v128, u: v128, iterations: i32): u32 {
  const high = i64x2.extract_lane(u, 0) + i64x2.extract_lane(u, 1);
  const low = <u64>(i64x2.extract_lane(t, 0) + i64x2.extract_lane(t, 1)) - (<u64>high << 32);
  const p = <u64>P;
  const sum = ((<u64>high % p) * ((<u64>1 << 32) % p) + (low % p)) % p;
  const bias = (<u64>iterations * (((((<u64>1 << 32) % p) * ((<u64>1 << 32) % p)) % p) * 2 % p)) % p;
  return mulWord(addWord(<u32>sum, <u32>((p - bias) % p)), 1);
}

// ---- set 0 ----

let t00: v128 = i32x4.splat(0), t01: v128 = i32x4.splat(0), t02: v128 = i32x4.splat(0), t03: v128 = i32x4.splat(0), t04: v128 = i32x4.splat(0);
let u00: v128 = i32x4.splat(0), u01: v128 = i32x4.splat(0), u02: v128 = i32x4.splat(0), u03: v128 = i32x4.splat(0), u04: v128 = i32x4.splat(0);

export function clear0(): void {
  const zero = i32x4.splat(0);
  t00 = zero; t01 = zero; t02 = zero; t03 = zero; t04 = zero;
  u00 = zero; u01 = zero; u02 = zero; u03 = zero; u04 = zero;
}

/** Adds a·b, both centered. */
// @ts-ignore: decorator
@inline export function accumulate0(a0: v128, a1: v128, a2: v128, a3: v128, a4: v128, b0: v128, b1: v128, b2: v128, b3: v128, b4: v128): void {
  const d1 = twice(b1), d2 = twice(b2), d3 = twice(b3), d4 = twice(b4);
  let lo: v128, hi: v128;
  lo = biased(lo5(a0, b0, a1, d4, a2, d3, a3, d2, a4, d1));
  hi = biased(hi5(a0, b0, a1, d4, a2, d3, a3, d2, a4, d1));
  t00 = i64x2.add(t00, i64x2.add(lo, hi));
  u00 = i64x2.add(u00, highs(lo, hi));
  lo = biased(lo5(a0, b1, a1, b0, a2, d4, a3, d3, a4, d2));
  hi = biased(hi5(a0, b1, a1, b0, a2, d4, a3, d3, a4, d2));
  t01 = i64x2.add(t01, i64x2.add(lo, hi));
  u01 = i64x2.add(u01, highs(lo, hi));
  lo = biased(lo5(a0, b2, a1, b1, a2, b0, a3, d4, a4, d3));
  hi = biased(hi5(a0, b2, a1, b1, a2, b0, a3, d4, a4, d3));
  t02 = i64x2.add(t02, i64x2.add(lo, hi));
  u02 = i64x2.add(u02, highs(lo, hi));
  lo = biased(lo5(a0, b3, a1, b2, a2, b1, a3, b0, a4, d4));
  hi = biased(hi5(a0, b3, a1, b2, a2, b1, a3, b0, a4, d4));
  t03 = i64x2.add(t03, i64x2.add(lo, hi));
  u03 = i64x2.add(u03, highs(lo, hi));
  lo = biased(lo5(a0, b4, a1, b3, a2, b2, a3, b1, a4, b0));
  hi = biased(hi5(a0, b4, a1, b3, a2, b2, a3, b1, a4, b0));
  t04 = i64x2.add(t04, i64x2.add(lo, hi));
  u04 = i64x2.add(u04, highs(lo, hi));
}

export function finish0(out: usize, st: usize, iterations: i32): void {
  store<u32>(out, finish(t00, u00, iterations));
  store<u32>(out + st, finish(t01, u01, iterations));
  store<u32>(out + 2 * st, finish(t02, u02, iterations));
  store<u32>(out + 3 * st, finish(t03, u03, iterations));
  store<u32>(out + 4 * st, finish(t04, u04, iterations));
}

// ---- set 1 ----

let t10: v128 = i32x4.splat(0), t11: v128 = i32x4.splat(0), t12: v128 = i32x4.splat(0), t13: v128 = i32x4.splat(0), t14: v128 = i32x4.splat(0);
let u10: v128 = i32x4.splat(0), u11: v128 = i32x4.splat(0), u12: v128 = i32x4.splat(0), u13: v128 = i32x4.splat(0), u14: v128 = i32x4.splat(0);

export function clear1(): void {
  const zero = i32x4.splat(0);
  t10 = zero; t11 = zero; t12 = zero; t13 = zero; t14 = zero;
  u10 = zero; u11 = zero; u12 = zero; u13 = zero; u14 = zero;
}

/** Adds a·b, both centered. */
// @ts-ignore: decorator
@inline export function accumulate1(a0: v128, a1: v128, a2: v128, a3: v128, a4: v128, b0: v128, b1: v128, b2: v128, b3: v128, b4: v128): void {
  const d1 = twice(b1), d2 = twice(b2), d3 = twice(b3), d4 = twice(b4);
  let lo: v128, hi: v128;
  lo = biased(lo5(a0, b0, a1, d4, a2, d3, a3, d2, a4, d1));
  hi = biased(hi5(a0, b0, a1, d4, a2, d3, a3, d2, a4, d1));
  t10 = i64x2.add(t10, i64x2.add(lo, hi));
  u10 = i64x2.add(u10, highs(lo, hi));
  lo = biased(lo5(a0, b1, a1, b0, a2, d4, a3, d3, a4, d2));
  hi = biased(hi5(a0, b1, a1, b0, a2, d4, a3, d3, a4, d2));
  t11 = i64x2.add(t11, i64x2.add(lo, hi));
  u11 = i64x2.add(u11, highs(lo, hi));
  lo = biased(lo5(a0, b2, a1, b1, a2, b0, a3, d4, a4, d3));
  hi = biased(hi5(a0, b2, a1, b1, a2, b0, a3, d4, a4, d3));
  t12 = i64x2.add(t12, i64x2.add(lo, hi));
  u12 = i64x2.add(u12, highs(lo, hi));
  lo = biased(lo5(a0, b3, a1, b2, a2, b1, a3, b0, a4, d4));
  hi = biased(hi5(a0, b3, a1, b2, a2, b1, a3, b0, a4, d4));
  t13 = i64x2.add(t13, i64x2.add(lo, hi));
  u13 = i64x2.add(u13, highs(lo, hi));
  lo = biased(lo5(a0, b4, a1, b3, a2, b2, a3, b1, a4, b0));
  hi = biased(hi5(a0, b4, a1, b3, a2, b2, a3, b1, a4, b0));
  t14 = i64x2.add(t14, i64x2.add(lo, hi));
  u14 = i64x2.add(u14, highs(lo, hi));
}

export function finish1(out: usize, st: usize, iterations: i32): void {
  store<u32>(out, finish(t10, u10, iterations));
  store<u32>(out + st, finish(t11, u11, iterations));
  store<u32>(out + 2 * st, finish(t12, u12, iterations));
  store<u32>(out + 3 * st, finish(t13, u13, iterations));
  store<u32>(out + 4 * st, finish(t14, u14, iterations));
}

// ---- set 2 ----

let t20: v128 = i32x4.splat(0), t21: v128 = i32x4.splat(0), t22: v128 = i32x4.splat(0), t23: v128 = i32x4.splat(0), t24: v128 = i32x4.splat(0);
let u20: v128 = i32x4.splat(0), u21: v128 = i32x4.splat(0), u22: v128 = i32x4.splat(0), u23: v128 = i32x4.splat(0), u24: v128 = i32x4.splat(0);

export function clear2(): void {
  const zero = i32x4.splat(0);
  t20 = zero; t21 = zero; t22 = zero; t23 = zero; t24 = zero;
  u20 = zero; u21 = zero; u22 = zero; u23 = zero; u24 = zero;
}

/** Adds a·b, both centered. */
// @ts-ignore: decorator
@inline export function accumulate2(a0: v128, a1: v128, a2: v128, a3: v128, a4: v128, b0: v128, b1: v128, b2: v128, b3: v128, b4: v128): void {
  const d1 = twice(b1), d2 = twice(b2), d3 = twice(b3), d4 = twice(b4);
  let lo: v128, hi: v128;
  lo = biased(lo5(a0, b0, a1, d4, a2, d3, a3, d2, a4, d1));
  hi = biased(hi5(a0, b0, a1, d4, a2, d3, a3, d2, a4, d1));
  t20 = i64x2.add(t20, i64x2.add(lo, hi));
  u20 = i64x2.add(u20, highs(lo, hi));
  lo = biased(lo5(a0, b1, a1, b0, a2, d4, a3, d3, a4, d2));
  hi = biased(hi5(a0, b1, a1, b0, a2, d4, a3, d3, a4, d2));
  t21 = i64x2.add(t21, i64x2.add(lo, hi));
  u21 = i64x2.add(u21, highs(lo, hi));
  lo = biased(lo5(a0, b2, a1, b1, a2, b0, a3, d4, a4, d3));
  hi = biased(hi5(a0, b2, a1, b1, a2, b0, a3, d4, a4, d3));
  t22 = i64x2.add(t22, i64x2.add(lo, hi));
  u22 = i64x2.add(u22, highs(lo, hi));
  lo = biased(lo5(a0, b3, a1, b2, a2, b1, a3, b0, a4, d4));
  hi = biased(hi5(a0, b3, a1, b2, a2, b1, a3, b0, a4, d4));
  t23 = i64x2.add(t23, i64x2.add(lo, hi));
  u23 = i64x2.add(u23, highs(lo, hi));
  lo = biased(lo5(a0, b4, a1, b3, a2, b2, a3, b1, a4, b0));
  hi = biased(hi5(a0, b4, a1, b3, a2, b2, a3, b1, a4, b0));
  t24 = i64x2.add(t24, i64x2.add(lo, hi));
  u24 = i64x2.add(u24, highs(lo, hi));
}

export function finish2(out: usize, st: usize, iterations: i32): void {
  store<u32>(out, finish(t20, u20, iterations));
  store<u32>(out + st, finish(t21, u21, iterations));
  store<u32>(out + 2 * st, finish(t22, u22, iterations));
  store<u32>(out + 3 * st, finish(t23, u23, iterations));
  store<u32>(out + 4 * st, finish(t24, u24, iterations));
}
