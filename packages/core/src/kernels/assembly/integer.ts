// Integers against K, and integer matrix products. Argument lists and meaning: ../reference/integer.ts.
import {
  addv, addWord, centerWord, laneMask, modWord, mulv, mulWord, P, plane, R1, R2, reduce, storeK, subv,
} from './field';

/** Coordinate j of the scalar at k times R, centered, in all lanes: multiplies plain integers. */
// @ts-ignore: decorator
@inline function liftedLane(k: usize, j: usize): v128 {
  return i32x4.splat(centerWord(mulWord(load<u32>(k + (j << 2)), R2)));
}

export function axpyInt(s: usize, x: usize, y: usize, yStride: u32, n: i32): void {
  const ys = plane(yStride);
  const k0 = liftedLane(s, 0), k1 = liftedLane(s, 1), k2 = liftedLane(s, 2), k3 = liftedLane(s, 3), k4 = liftedLane(s, 4);
  for (let i = 0; i < n; i += 4) {
    const a = v128.load(x);
    storeK(
      y, ys,
      addv(v128.load(y), mulv(a, k0)), addv(v128.load(y + ys), mulv(a, k1)), addv(v128.load(y + 2 * ys), mulv(a, k2)),
      addv(v128.load(y + 3 * ys), mulv(a, k3)), addv(v128.load(y + 4 * ys), mulv(a, k4)),
      n - i,
    );
    x += 16;
    y += 16;
  }
}

export function fromInts(x: usize, dst: usize, stride: u32, n: i32): void {
  const st = plane(stride), r = i32x4.splat(centerWord(R2)), zero = i32x4.splat(0);
  for (let i = 0; i < n; i += 4) {
    storeK(dst, st, mulv(v128.load(x), r), zero, zero, zero, zero, n - i);
    x += 16;
    dst += 16;
  }
}

export function fingerprints(columns: usize, count: i32, betas: usize, shift: usize, mask: usize, offset: u32, dst: usize, stride: u32, n: i32): void {
  const st = plane(stride), zero = i32x4.splat(0), one = i32x4.splat(<i32>R1);
  const k0 = v128.load32_splat(shift), k1 = v128.load32_splat(shift, 4), k2 = v128.load32_splat(shift, 8), k3 = v128.load32_splat(shift, 12), k4 = v128.load32_splat(shift, 16);
  let at = <usize>offset << 2;
  for (let i = 0; i < n; i += 4) {
    let c0 = k0, c1 = k1, c2 = k2, c3 = k3, c4 = k4;
    for (let j = 0; j < count; j++) {
      const a = v128.load(<usize>load<u32>(columns + (<usize>j << 2)) + at);
      const beta = betas + <usize>j * 20;
      c0 = subv(c0, mulv(a, liftedLane(beta, 0)));
      c1 = subv(c1, mulv(a, liftedLane(beta, 1)));
      c2 = subv(c2, mulv(a, liftedLane(beta, 2)));
      c3 = subv(c3, mulv(a, liftedLane(beta, 3)));
      c4 = subv(c4, mulv(a, liftedLane(beta, 4)));
    }
    const off = i32x4.eq(v128.load(mask + at), zero);
    storeK(
      dst, st,
      v128.bitselect(one, c0, off), v128.andnot(c1, off), v128.andnot(c2, off), v128.andnot(c3, off), v128.andnot(c4, off),
      n - i,
    );
    at += 16;
    dst += 16;
  }
}

// ---- dots: Σ x[i]·k[i] ----

/** Elements whose products are summed in 64 bits before they are reduced. */
const BLOCK: i32 = 2048;
/** |x| up to here: 2^21·2^31 · 2 products per lane and step · BLOCK/4 steps = 2^62. */
const SMALL: u32 = 1 << 21;

// Sums of the last block, per instance.
let s0: i64 = 0, s1: i64 = 0, s2: i64 = 0, s3: i64 = 0, s4: i64 = 0;

// @ts-ignore: decorator
@inline function across(s: v128): i64 {
  return i64x2.extract_lane(s, 0) + i64x2.extract_lane(s, 1);
}

// @ts-ignore: decorator
@inline function addProducts(s: v128, x: v128, k: v128): v128 {
  return i64x2.add(s, i64x2.add(i64x2.extmul_low_i32x4_s(x, k), i64x2.extmul_high_i32x4_s(x, k)));
}

/** Which part of x a pass takes: x itself, or its halves x = 2^16·high + low. */
const WHOLE: i32 = 0, LOW: i32 = 1, HIGH: i32 = 2;

// @ts-ignore: decorator
@inline function part(x: v128, which: i32): v128 {
  if (which === LOW) return v128.and(x, i32x4.splat(0xffff));
  if (which === HIGH) return i32x4.shr_s(x, 16);
  return x;
}

// @ts-ignore: decorator
@inline function dotPass(x: usize, k: usize, st: usize, n: i32, which: i32): void {
  let t0 = i64x2.splat(0), t1 = t0, t2 = t0, t3 = t0, t4 = t0;
  const whole = n & ~3;
  for (let i = 0; i < whole; i += 4) {
    const a = part(v128.load(x), which);
    t0 = addProducts(t0, a, v128.load(k));
    t1 = addProducts(t1, a, v128.load(k + st));
    t2 = addProducts(t2, a, v128.load(k + 2 * st));
    t3 = addProducts(t3, a, v128.load(k + 3 * st));
    t4 = addProducts(t4, a, v128.load(k + 4 * st));
    x += 16;
    k += 16;
  }
  if (whole < n) {
    const a = v128.and(part(v128.load(x), which), laneMask(n - whole));
    t0 = addProducts(t0, a, v128.load(k));
    t1 = addProducts(t1, a, v128.load(k + st));
    t2 = addProducts(t2, a, v128.load(k + 2 * st));
    t3 = addProducts(t3, a, v128.load(k + 3 * st));
    t4 = addProducts(t4, a, v128.load(k + 4 * st));
  }
  s0 = across(t0); s1 = across(t1); s2 = across(t2); s3 = across(t3); s4 = across(t4);
}

/** Largest lane, unsigned. */
function largestLane(v: v128): u32 {
  const a = i32x4.max_u(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1));
  return max<u32>(<u32>i32x4.extract_lane(a, 0), <u32>i32x4.extract_lane(a, 1));
}

/** max |x[i]|, unsigned. */
function largest(x: usize, n: i32): u32 {
  let a = i32x4.splat(0), b = a;
  let i = 0;
  for (; i + 16 <= n; i += 16) {
    a = i32x4.max_u(a, i32x4.max_u(i32x4.abs(v128.load(x)), i32x4.abs(v128.load(x, 16))));
    b = i32x4.max_u(b, i32x4.max_u(i32x4.abs(v128.load(x, 32)), i32x4.abs(v128.load(x, 48))));
    x += 64;
  }
  for (; i < n; i += 4) {
    const c = i32x4.abs(v128.load(x));
    a = i32x4.max_u(a, n - i < 4 ? v128.and(c, laneMask(n - i)) : c);
    x += 16;
  }
  return largestLane(i32x4.max_u(a, b));
}

export function maxAbs(x: usize, n: i32, out: usize): void {
  store<u32>(out, largest(x, n));
}

// @ts-ignore: decorator
@inline function addTo(ptr: usize, value: u32): void {
  store<u32>(ptr, addWord(load<u32>(ptr), value));
}

// Small integers: |x| < 2^15. A word k of [0, p) is 2^16·high + low with signed 16-bit halves, so that
// one instruction multiplies eight integers with eight halves and adds pairs: sums |x|·2^16 at most,
// which are added in 32 bits as long as they fit, then in 64.

/** Bytes of eight elements of k as halves: low and high ones of each coordinate in turn. */
const GROUP: usize = 160;
/** Bytes of the ten sums before them. */
const SUMS: usize = 160;

/** k as halves, zero from n to the next multiple of eight. */
function splitBlock(k: usize, st: usize, n: i32, halves: usize): void {
  const round = i32x4.splat(0x8000);
  for (let i = 0; i < n; i += 8) {
    const rest = n - i;
    for (let j: usize = 0; j < 5; j++) {
      const from = k + j * st;
      let a = v128.load(from), b = v128.load(from, 16);
      if (rest < 8) {
        a = v128.and(a, laneMask(rest));
        b = v128.and(b, laneMask(rest - 4));
      }
      v128.store(halves, v128.shuffle<i16>(a, b, 0, 2, 4, 6, 8, 10, 12, 14));
      v128.store(halves, i16x8.narrow_i32x4_s(i32x4.shr_s(i32x4.add(a, round), 16), i32x4.shr_s(i32x4.add(b, round), 16)), 16);
      halves += 32;
    }
    k += 32;
  }
}

// @ts-ignore: decorator
@inline function addPairs(s: v128, x: v128, k: v128): v128 {
  return i32x4.add(s, i32x4.dot_i16x8_s(x, k));
}

/**
 * sums = Σ x[i]·k[i] in 32 bits, low and high of each coordinate in turn. Stored, and widened from
 * there: widening in here would cost the loop its registers (V8 11.3).
 */
function addRun(x: usize, k: usize, n: i32, sums: usize): void {
  let l0 = i32x4.splat(0), l1 = l0, l2 = l0, l3 = l0, l4 = l0;
  let h0 = l0, h1 = l0, h2 = l0, h3 = l0, h4 = l0;
  for (let i = 0; i < n; i += 8) {
    const a = i16x8.narrow_i32x4_s(v128.load(x), v128.load(x, 16));
    l0 = addPairs(l0, a, v128.load(k)); h0 = addPairs(h0, a, v128.load(k, 16));
    l1 = addPairs(l1, a, v128.load(k, 32)); h1 = addPairs(h1, a, v128.load(k, 48));
    l2 = addPairs(l2, a, v128.load(k, 64)); h2 = addPairs(h2, a, v128.load(k, 80));
    l3 = addPairs(l3, a, v128.load(k, 96)); h3 = addPairs(h3, a, v128.load(k, 112));
    l4 = addPairs(l4, a, v128.load(k, 128)); h4 = addPairs(h4, a, v128.load(k, 144));
    x += 32;
    k += GROUP;
  }
  v128.store(sums, l0); v128.store(sums, h0, 16);
  v128.store(sums, l1, 32); v128.store(sums, h1, 48);
  v128.store(sums, l2, 64); v128.store(sums, h2, 80);
  v128.store(sums, l3, 96); v128.store(sums, h3, 112);
  v128.store(sums, l4, 128); v128.store(sums, h4, 144);
}

/** Σ of four 32-bit lanes of the low sums + 2^16·(of the high sums). */
// @ts-ignore: decorator
@inline function pairSum(sums: usize): i64 {
  const l = v128.load(sums), h = v128.load(sums, 16);
  const low = i64x2.add(i64x2.extend_low_i32x4_s(l), i64x2.extend_high_i32x4_s(l));
  const high = i64x2.add(i64x2.extend_low_i32x4_s(h), i64x2.extend_high_i32x4_s(h));
  return across(i64x2.add(low, i64x2.shl(high, 16)));
}

/** s0 … s4 = Σ x[i]·k[i] for max = max |x[i]| < 2^15, k as halves. sums: 160 bytes. */
function dotHalves(x: usize, k: usize, n: i32, max: u32, sums: usize): void {
  s0 = 0; s1 = 0; s2 = 0; s3 = 0; s4 = 0;
  // Elements whose pair sums, |x|·2^16 each, may be added in 32 bits.
  const run = max === 0 ? n : <i32>min<u32>(<u32>n, (0x7fffffff / (max << 16)) << 3);
  for (let from = 0; from < n; from += run) {
    addRun(x + (<usize>from << 2), k + <usize>(from >> 3) * GROUP, min(run, n - from), sums);
    s0 += pairSum(sums); s1 += pairSum(sums + 32); s2 += pairSum(sums + 64); s3 += pairSum(sums + 96); s4 += pairSum(sums + 128);
  }
}

/** out += Σ_{i<n} x[i]·k[i], n <= BLOCK. k in Montgomery form, x plain: sums stay in Montgomery form. */
function dotBlock(x: usize, k: usize, st: usize, n: i32, halves: usize, out: usize, os: usize): void {
  const max = largest(x, n);
  if (halves !== 0 && max <= HALF_MAX) {
    dotHalves(x, halves + SUMS, n, max, halves);
  } else if (max <= SMALL) {
    dotPass(x, k, st, n, WHOLE);
  } else {
    dotPass(x, k, st, n, HIGH);
    const h0 = modWord(s0), h1 = modWord(s1), h2 = modWord(s2), h3 = modWord(s3), h4 = modWord(s4);
    dotPass(x, k, st, n, LOW);
    s0 += <i64>h0 << 16; s1 += <i64>h1 << 16; s2 += <i64>h2 << 16; s3 += <i64>h3 << 16; s4 += <i64>h4 << 16;
  }
  addTo(out, modWord(s0));
  addTo(out + os, modWord(s1));
  addTo(out + 2 * os, modWord(s2));
  addTo(out + 3 * os, modWord(s3));
  addTo(out + 4 * os, modWord(s4));
}

/** Above, too few pair sums may be added in 32 bits for halves to be faster. */
const HALF_MAX: u32 = 8191;

/** Splitting k costs about as much as two vectors take. */
// @ts-ignore: decorator
@inline function worthSplitting(vectors: i32, n: i32): bool {
  return vectors >= 4 && n >= 32;
}

function clearResults(out: usize, os: usize, count: i32): void {
  for (let j: usize = 0; j < 5; j++) memory.fill(out + j * os, 0, <usize>count << 2);
}

export function dotIntRows(x: usize, rowStride: u32, rows: i32, k: usize, kStride: u32, n: i32, out: usize, outStride: u32, scratch: usize): void {
  const st = plane(kStride), os = plane(outStride), row = plane(rowStride);
  const halves = worthSplitting(rows, n) ? scratch : 0;
  clearResults(out, os, rows);
  // Long rows: all rows of one block of k, while that block is in the cache.
  for (let from = 0; from < n; from += BLOCK) {
    const at = <usize>from << 2, size = min(BLOCK, n - from);
    if (halves !== 0) splitBlock(k + at, st, size, halves + SUMS);
    for (let r = 0; r < rows; r++) dotBlock(x + <usize>r * row + at, k + at, st, size, halves, out + (<usize>r << 2), os);
  }
}

export function dotInts(columns: usize, count: i32, offset: u32, k: usize, kStride: u32, n: i32, out: usize, outStride: u32, scratch: usize): void {
  const st = plane(kStride), os = plane(outStride);
  const halves = worthSplitting(count, n) ? scratch : 0;
  clearResults(out, os, count);
  for (let from = 0; from < n; from += BLOCK) {
    const at = <usize>from << 2, size = min(BLOCK, n - from);
    if (halves !== 0) splitBlock(k + at, st, size, halves + SUMS);
    for (let c = 0; c < count; c++) {
      const x = <usize>load<u32>(columns + (<usize>c << 2)) + (<usize>offset << 2);
      dotBlock(x + at, k + at, st, size, halves, out + (<usize>c << 2), os);
    }
  }
}

// ---- combinations: Σ_c coefficient_c·x_c[i] ----

/** Elements of every column that are worked on together: whole cache lines of each. */
const TILE: i32 = 128;
const TILE_BYTES: usize = <usize>TILE << 2;

/** The columns that are not null, `size` elements of each from `offset` bytes on, TILE_BYTES apart. */
function gatherTile(columns: usize, used: i32, offset: usize, size: i32, to: usize): void {
  for (let u = 0; u < used; columns += 4) {
    let x = <usize>load<u32>(columns);
    if (x === 0) continue;
    x += offset;
    for (let i = 0; i < size; i += 4) {
      v128.store(to + (<usize>i << 2), v128.load(x + (<usize>i << 2)));
    }
    to += TILE_BYTES;
    u++;
  }
}

/** The same by pairs of columns: the low 16 bits of each as the halves of a word. @returns max |x| */
function gatherPairs(columns: usize, used: i32, offset: usize, size: i32, to: usize): u32 {
  let max = i32x4.splat(0);
  for (let u = 0; u < used; u += 2) {
    let x: usize = 0, y: usize = 0;
    for (; x === 0; columns += 4) x = <usize>load<u32>(columns);
    const two = u + 1 < used;
    if (two) for (; y === 0; columns += 4) y = <usize>load<u32>(columns);
    x += offset;
    y = two ? y + offset : x;
    const second = two ? i32x4.splat(-1) : i32x4.splat(0);
    for (let i = 0; i < size; i += 4) {
      const at = <usize>i << 2;
      let a = v128.load(x + at), b = v128.and(v128.load(y + at), second);
      if (size - i < 4) {
        a = v128.and(a, laneMask(size - i));
        b = v128.and(b, laneMask(size - i));
      }
      max = i32x4.max_u(max, i32x4.max_u(i32x4.abs(a), i32x4.abs(b)));
      v128.store(to + at, v128.or(v128.and(a, i32x4.splat(0xffff)), i32x4.shl(b, 16)));
    }
    to += TILE_BYTES;
  }
  return largestLane(max);
}

// @ts-ignore: decorator
@inline function addColumns(s: v128, x: v128, k: usize): v128 {
  return i32x4.add(s, i32x4.dot_i16x8_s(x, v128.load32_splat(k)));
}

/** sums = 32-bit sums of `pairs` pairs of columns at four elements: five low ones, five high ones. */
function addColumnRun(a: usize, k: usize, pairs: i32, sums: usize): void {
  let l0 = i32x4.splat(0), l1 = l0, l2 = l0, l3 = l0, l4 = l0;
  let h0 = l0, h1 = l0, h2 = l0, h3 = l0, h4 = l0;
  for (let c = 0; c < pairs; c++) {
    const x = v128.load(a);
    l0 = addColumns(l0, x, k); l1 = addColumns(l1, x, k + 4); l2 = addColumns(l2, x, k + 8); l3 = addColumns(l3, x, k + 12); l4 = addColumns(l4, x, k + 16);
    h0 = addColumns(h0, x, k + 20); h1 = addColumns(h1, x, k + 24); h2 = addColumns(h2, x, k + 28); h3 = addColumns(h3, x, k + 32); h4 = addColumns(h4, x, k + 36);
    a += TILE_BYTES;
    k += 40;
  }
  v128.store(sums, l0); v128.store(sums, l1, 16); v128.store(sums, l2, 32); v128.store(sums, l3, 48); v128.store(sums, l4, 64);
  v128.store(sums, h0, 80); v128.store(sums, h1, 96); v128.store(sums, h2, 112); v128.store(sums, h3, 128); v128.store(sums, h4, 144);
}

// @ts-ignore: decorator
@inline function joinLow(sums: usize): v128 {
  return i64x2.add(i64x2.extend_low_i32x4_s(v128.load(sums)), i64x2.shl(i64x2.extend_low_i32x4_s(v128.load(sums, 80)), 16));
}

// @ts-ignore: decorator
@inline function joinHigh(sums: usize): v128 {
  return i64x2.add(i64x2.extend_high_i32x4_s(v128.load(sums)), i64x2.shl(i64x2.extend_high_i32x4_s(v128.load(sums, 80)), 16));
}

/**
 * Four elements from the paired tile at a; coefficients as pairs of halves, ten words per pair of
 * columns: five of low halves, five of high ones. `run` pairs are added in 32 bits.
 */
function combinePairs(a: usize, k: usize, pairs: i32, run: i32, dst: usize, st: usize, rest: i32, sums: usize): void {
  let u0 = i64x2.splat(0), u1 = u0, u2 = u0, u3 = u0, u4 = u0;
  let w0 = u0, w1 = u0, w2 = u0, w3 = u0, w4 = u0;
  for (let c = 0; c < pairs; c += run) {
    addColumnRun(a + <usize>c * TILE_BYTES, k + <usize>c * 40, min(run, pairs - c), sums);
    u0 = i64x2.add(u0, joinLow(sums)); w0 = i64x2.add(w0, joinHigh(sums));
    u1 = i64x2.add(u1, joinLow(sums + 16)); w1 = i64x2.add(w1, joinHigh(sums + 16));
    u2 = i64x2.add(u2, joinLow(sums + 32)); w2 = i64x2.add(w2, joinHigh(sums + 32));
    u3 = i64x2.add(u3, joinLow(sums + 48)); w3 = i64x2.add(w3, joinHigh(sums + 48));
    u4 = i64x2.add(u4, joinLow(sums + 64)); w4 = i64x2.add(w4, joinHigh(sums + 64));
  }
  storeK(dst, st, reduce(u0, w0), reduce(u1, w1), reduce(u2, w2), reduce(u3, w3), reduce(u4, w4), rest);
}

/** Four elements of a tile of any integers: `group` products are added before a reduction. */
function combineWords(a: usize, k: usize, used: i32, group: i32, dst: usize, st: usize, rest: i32): void {
  let c0 = i32x4.splat(0), c1 = c0, c2 = c0, c3 = c0, c4 = c0;
  for (let c = 0; c < used; c += group) {
    let l0 = i64x2.splat(0), l1 = l0, l2 = l0, l3 = l0, l4 = l0;
    let h0 = l0, h1 = l0, h2 = l0, h3 = l0, h4 = l0;
    const end = min(used, c + group);
    for (let g = c; g < end; g++) {
      const x = v128.load(a);
      const k0 = v128.load32_splat(k), k1 = v128.load32_splat(k, 4), k2 = v128.load32_splat(k, 8), k3 = v128.load32_splat(k, 12), k4 = v128.load32_splat(k, 16);
      l0 = i64x2.add(l0, i64x2.extmul_low_i32x4_s(x, k0)); h0 = i64x2.add(h0, i64x2.extmul_high_i32x4_s(x, k0));
      l1 = i64x2.add(l1, i64x2.extmul_low_i32x4_s(x, k1)); h1 = i64x2.add(h1, i64x2.extmul_high_i32x4_s(x, k1));
      l2 = i64x2.add(l2, i64x2.extmul_low_i32x4_s(x, k2)); h2 = i64x2.add(h2, i64x2.extmul_high_i32x4_s(x, k2));
      l3 = i64x2.add(l3, i64x2.extmul_low_i32x4_s(x, k3)); h3 = i64x2.add(h3, i64x2.extmul_high_i32x4_s(x, k3));
      l4 = i64x2.add(l4, i64x2.extmul_low_i32x4_s(x, k4)); h4 = i64x2.add(h4, i64x2.extmul_high_i32x4_s(x, k4));
      a += TILE_BYTES;
      k += 20;
    }
    c0 = addv(c0, reduce(l0, h0));
    c1 = addv(c1, reduce(l1, h1));
    c2 = addv(c2, reduce(l2, h2));
    c3 = addv(c3, reduce(l3, h3));
    c4 = addv(c4, reduce(l4, h4));
  }
  storeK(dst, st, c0, c1, c2, c3, c4, rest);
}

/** Products of |x| < 2^15 and coefficients <= p/2 that may be added in 64 bits before a reduction. */
const PAIRED: i32 = 65536;

/**
 * scratch: the ten sums of a run, a tile of all columns, then the coefficients times R, centered (five words per column), then
 * their halves (ten words per pair of columns). A null column takes no room.
 */
export function combineInts(columns: usize, count: i32, coefficients: usize, offset: u32, dst: usize, stride: u32, n: i32, scratch: usize): void {
  const st = plane(stride);
  let used = 0;
  for (let c = 0; c < count; c++) if (load<u32>(columns + (<usize>c << 2)) !== 0) used++;
  const pairs = (used + 1) >> 1;
  const tile = scratch + SUMS, words = tile + <usize>used * TILE_BYTES, halves = words + <usize>used * 20;
  let slot = words;
  memory.fill(halves, 0, <usize>pairs * 40);
  for (let c = 0, u = 0; c < count; c++) {
    if (load<u32>(columns + (<usize>c << 2)) === 0) continue;
    // Columns 2c and 2c + 1 share ten words, as their low and their high 16 bits.
    const half = halves + <usize>(u >> 1) * 40 + (<usize>(u & 1) << 1);
    for (let j: usize = 0; j < 20; j += 4) {
      const k = centerWord(mulWord(load<u32>(coefficients + <usize>c * 20 + j), R2));
      store<i32>(slot + j, k);
      store<i16>(half + j, <i16>k);
      store<i16>(half + j, <i16>((k + 0x8000) >> 16), 20);
    }
    slot += 20;
    u++;
  }
  for (let from = 0; from < n; from += TILE) {
    const size = min(TILE, n - from);
    const at = (<usize>offset + <usize>from) << 2;
    const most = gatherPairs(columns, used, at, size, tile);
    if (most < 32768 && used <= PAIRED) {
      const run = most === 0 ? pairs : <i32>min<u32>(<u32>pairs, 0x7fffffff / (most << 16));
      for (let i = 0; i < size; i += 4) {
        combinePairs(tile + (<usize>i << 2), halves, pairs, run, dst, st, size - i, scratch);
        dst += 16;
      }
    } else {
      gatherTile(columns, used, at, size, tile);
      // most·group·p/2 <= 1.25·p²
      const group = <i32>min<u64>(<u64>used, (<u64>P * 5) / (<u64>most * 2));
      for (let i = 0; i < size; i += 4) {
        combineWords(tile + (<usize>i << 2), words, used, group, dst, st, size - i);
        dst += 16;
      }
    }
  }
}
