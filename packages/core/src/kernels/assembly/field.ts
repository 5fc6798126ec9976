// Vector arithmetic of F = BabyBear (p = 15·2^27 + 1) and K = F[X]/(X^5 − 2), four elements at a time.
//
// Words in memory are canonical, in [0, p), in Montgomery form with R = 2^32. "Centered" values are
// the signed representatives in [−p/2, p/2]: a coordinate of a product in K is then a sum of five
// products with |sum| <= 1.25·p² < 2^62.3, which fits a signed 64-bit lane and is reduced once.

export const P: u32 = 2013265921;
export const HALF: i32 = 1006632960; // (p − 1)/2
const MU: u32 = 0x88000001; // p^{-1} mod 2^32
/** R² mod p: multiplies a plain value into Montgomery form. */
export const R2: u32 = 1172168163;
/** R mod p. */
export const R1: u32 = 268435454;

// ---- F, canonical ----

// @ts-ignore: decorator
@inline export function pv(): v128 {
  return i32x4.splat(<i32>P);
}

/** a + b for canonical a, b. */
// @ts-ignore: decorator
@inline export function addv(a: v128, b: v128): v128 {
  const s = i32x4.add(a, b);
  return i32x4.min_u(s, i32x4.sub(s, pv()));
}

/** a − b for canonical a, b. */
// @ts-ignore: decorator
@inline export function subv(a: v128, b: v128): v128 {
  const d = i32x4.sub(a, b);
  return i32x4.min_u(d, i32x4.add(d, pv()));
}

/** [−p, p) -> [0, p). */
// @ts-ignore: decorator
@inline export function lift(h: v128): v128 {
  return i32x4.min_u(h, i32x4.add(h, pv()));
}

/**
 * S/R mod p, canonical, for signed 64-bit sums S (lo: lanes 0, 1; hi: lanes 2, 3) with |S| < p·2^32.
 * q·p has the low word of S, so the difference of the high words is exact: [0, p) − [0, p).
 */
// @ts-ignore: decorator
@inline export function reduce(lo: v128, hi: v128): v128 {
  const q = i32x4.mul(v128.shuffle<i32>(lo, hi, 0, 2, 4, 6), i32x4.splat(<i32>MU));
  const high = lift(v128.shuffle<i32>(lo, hi, 1, 3, 5, 7));
  const qhigh = v128.shuffle<i32>(i64x2.extmul_low_i32x4_u(q, pv()), i64x2.extmul_high_i32x4_u(q, pv()), 1, 3, 5, 7);
  return lift(i32x4.sub(high, qhigh));
}

/** a·b/R mod p, canonical, for signed words with |a·b| < p·2^31. */
// @ts-ignore: decorator
@inline export function mulv(a: v128, b: v128): v128 {
  const q = i32x4.mul(i32x4.mul(a, b), i32x4.splat(<i32>MU));
  const dlo = i64x2.sub(i64x2.extmul_low_i32x4_s(a, b), i64x2.extmul_low_i32x4_s(q, pv()));
  const dhi = i64x2.sub(i64x2.extmul_high_i32x4_s(a, b), i64x2.extmul_high_i32x4_s(q, pv()));
  return lift(v128.shuffle<i32>(dlo, dhi, 1, 3, 5, 7));
}

/** a·z/R, canonical, for canonical a and a constant z with zq = z·p^{-1} mod 2^32. */
// @ts-ignore: decorator
@inline export function mulByConstant(a: v128, z: v128, zq: v128): v128 {
  const q = i32x4.mul(a, zq);
  const dlo = i64x2.sub(i64x2.extmul_low_i32x4_s(a, z), i64x2.extmul_low_i32x4_s(q, pv()));
  const dhi = i64x2.sub(i64x2.extmul_high_i32x4_s(a, z), i64x2.extmul_high_i32x4_s(q, pv()));
  return lift(v128.shuffle<i32>(dlo, dhi, 1, 3, 5, 7));
}

/** z·p^{-1} mod 2^32. */
// @ts-ignore: decorator
@inline export function quotient(z: v128): v128 {
  return i32x4.mul(z, i32x4.splat(<i32>MU));
}

// ---- centered values ----

/** [0, p) -> [−p/2, p/2]. */
// @ts-ignore: decorator
@inline export function center(c: v128): v128 {
  return i32x4.sub(c, v128.and(i32x4.gt_s(c, i32x4.splat(HALF)), pv()));
}

/** [−p, p] -> [−p/2, p/2]. */
// @ts-ignore: decorator
@inline export function recenter(h: v128): v128 {
  const over = v128.and(i32x4.gt_s(h, i32x4.splat(HALF)), pv());
  const under = v128.and(i32x4.lt_s(h, i32x4.splat(-HALF)), pv());
  return i32x4.add(i32x4.sub(h, over), under);
}

/** 2·c, centered, for centered c. */
// @ts-ignore: decorator
@inline export function twice(c: v128): v128 {
  return recenter(i32x4.add(c, c));
}

/** a − b, centered, for canonical a, b. */
// @ts-ignore: decorator
@inline export function subCentered(a: v128, b: v128): v128 {
  return center(subv(a, b));
}

// ---- sums of five products, 64-bit ----

// @ts-ignore: decorator
@inline export function lo5(a0: v128, b0: v128, a1: v128, b1: v128, a2: v128, b2: v128, a3: v128, b3: v128, a4: v128, b4: v128): v128 {
  return i64x2.add(
    i64x2.add(
      i64x2.add(i64x2.extmul_low_i32x4_s(a0, b0), i64x2.extmul_low_i32x4_s(a1, b1)),
      i64x2.add(i64x2.extmul_low_i32x4_s(a2, b2), i64x2.extmul_low_i32x4_s(a3, b3)),
    ),
    i64x2.extmul_low_i32x4_s(a4, b4),
  );
}

// @ts-ignore: decorator
@inline export function hi5(a0: v128, b0: v128, a1: v128, b1: v128, a2: v128, b2: v128, a3: v128, b3: v128, a4: v128, b4: v128): v128 {
  return i64x2.add(
    i64x2.add(
      i64x2.add(i64x2.extmul_high_i32x4_s(a0, b0), i64x2.extmul_high_i32x4_s(a1, b1)),
      i64x2.add(i64x2.extmul_high_i32x4_s(a2, b2), i64x2.extmul_high_i32x4_s(a3, b3)),
    ),
    i64x2.extmul_high_i32x4_s(a4, b4),
  );
}

/** Σ of five products of centered values, divided by R, canonical. */
// @ts-ignore: decorator
@inline export function sum5(a0: v128, b0: v128, a1: v128, b1: v128, a2: v128, b2: v128, a3: v128, b3: v128, a4: v128, b4: v128): v128 {
  return reduce(lo5(a0, b0, a1, b1, a2, b2, a3, b3, a4, b4), hi5(a0, b0, a1, b1, a2, b2, a3, b3, a4, b4));
}

// Coordinates of a·b in K: c_k = Σ_{i+j=k} a_i·b_j + Σ_{i+j=k+5} a_i·d_j with d_j = 2·b_j.

// @ts-ignore: decorator
@inline export function mul0(a0: v128, a1: v128, a2: v128, a3: v128, a4: v128, b0: v128, d1: v128, d2: v128, d3: v128, d4: v128): v128 {
  return sum5(a0, b0, a1, d4, a2, d3, a3, d2, a4, d1);
}

// @ts-ignore: decorator
@inline export function mul1(a0: v128, a1: v128, a2: v128, a3: v128, a4: v128, b0: v128, b1: v128, d2: v128, d3: v128, d4: v128): v128 {
  return sum5(a0, b1, a1, b0, a2, d4, a3, d3, a4, d2);
}

// @ts-ignore: decorator
@inline export function mul2(a0: v128, a1: v128, a2: v128, a3: v128, a4: v128, b0: v128, b1: v128, b2: v128, d3: v128, d4: v128): v128 {
  return sum5(a0, b2, a1, b1, a2, b0, a3, d4, a4, d3);
}

// @ts-ignore: decorator
@inline export function mul3(a0: v128, a1: v128, a2: v128, a3: v128, a4: v128, b0: v128, b1: v128, b2: v128, b3: v128, d4: v128): v128 {
  return sum5(a0, b3, a1, b2, a2, b1, a3, b0, a4, d4);
}

// @ts-ignore: decorator
@inline export function mul4(a0: v128, a1: v128, a2: v128, a3: v128, a4: v128, b0: v128, b1: v128, b2: v128, b3: v128, b4: v128): v128 {
  return sum5(a0, b4, a1, b3, a2, b2, a3, b1, a4, b0);
}

// ---- one word ----

/** Centered value of a canonical word. */
// @ts-ignore: decorator
@inline export function centerWord(w: u32): i32 {
  return <i32>w > HALF ? <i32>(w - P) : <i32>w;
}

// @ts-ignore: decorator
@inline export function doubleWord(c: i32): i32 {
  const t = c + c;
  return t > HALF ? t - <i32>P : t < -HALF ? t + <i32>P : t;
}

/** a·b/R for canonical words. */
export function mulWord(a: u32, b: u32): u32 {
  const t = <u64>a * <u64>b;
  const q = <u32>t * MU;
  const d = <i64>(t >> 32) - <i64>((<u64>q * <u64>P) >> 32);
  return <u32>(d < 0 ? d + <i64>P : d);
}

/** s mod p of a signed sum. */
// @ts-ignore: decorator
@inline export function modWord(s: i64): u32 {
  const r = s % <i64>P;
  return <u32>(r < 0 ? r + <i64>P : r);
}

// @ts-ignore: decorator
@inline export function addWord(a: u32, b: u32): u32 {
  const s = a + b;
  return s >= P ? s - P : s;
}

// ---- the last elements of a vector whose length is no multiple of four ----
// Loads may read up to three words too many (the arena keeps room for it); stores never write them.

/** The first `count` (1..3) lanes. */
export function storeLanes(ptr: usize, v: v128, count: i32): void {
  v128.store32_lane(ptr, v, 0);
  if (count > 1) v128.store32_lane(ptr, v, 1, 4);
  if (count > 2) v128.store32_lane(ptr, v, 2, 8);
}

/** Ones in the first `count` lanes. */
export function laneMask(count: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
}

// ---- K vectors ----

/** Bytes from one coordinate plane to the next. */
// @ts-ignore: decorator
@inline export function plane(stride: u32): usize {
  return <usize>stride << 2;
}

/** Stores `rest` (at least 1, more than 3 for all) elements. */
// @ts-ignore: decorator
@inline export function storeK(ptr: usize, st: usize, c0: v128, c1: v128, c2: v128, c3: v128, c4: v128, rest: i32): void {
  if (rest >= 4) {
    v128.store(ptr, c0);
    v128.store(ptr + st, c1);
    v128.store(ptr + 2 * st, c2);
    v128.store(ptr + 3 * st, c3);
    v128.store(ptr + 4 * st, c4);
  } else {
    storeLanes(ptr, c0, rest);
    storeLanes(ptr + st, c1, rest);
    storeLanes(ptr + 2 * st, c2, rest);
    storeLanes(ptr + 3 * st, c3, rest);
    storeLanes(ptr + 4 * st, c4, rest);
  }
}

/** Coordinate j of the scalar at k, centered, in all lanes. */
// @ts-ignore: decorator
@inline export function scalarLane(k: usize, j: usize): v128 {
  return i32x4.splat(centerWord(load<u32>(k + (j << 2))));
}

// @ts-ignore: decorator
@inline export function doubledLane(k: usize, j: usize): v128 {
  return i32x4.splat(doubleWord(centerWord(load<u32>(k + (j << 2)))));
}
