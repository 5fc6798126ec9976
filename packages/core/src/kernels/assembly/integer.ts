// Integers against K, and integer matrix products. Argument lists and meaning: ../reference/integer.ts.
import {
  addv, addWord, centerWord, laneMask, modWord, mulv, mulWord, P, plane, pv, R1, R2, reduce, storeK, storeLanes, subv,
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

/** max |x[i]|, unsigned. */
function largest(x: usize, n: i32): u32 {
  let max = i32x4.splat(0);
  const whole = n & ~3;
  for (let i = 0; i < whole; i += 4) {
    max = i32x4.max_u(max, i32x4.abs(v128.load(x)));
    x += 16;
  }
  if (whole < n) max = i32x4.max_u(max, v128.and(i32x4.abs(v128.load(x)), laneMask(n - whole)));
  let m = <u32>i32x4.extract_lane(max, 0);
  let other = <u32>i32x4.extract_lane(max, 1);
  if (other > m) m = other;
  other = <u32>i32x4.extract_lane(max, 2);
  if (other > m) m = other;
  other = <u32>i32x4.extract_lane(max, 3);
  return other > m ? other : m;
}

export function maxAbs(x: usize, n: i32, out: usize): void {
  store<u32>(out, largest(x, n));
}

// @ts-ignore: decorator
@inline function addTo(ptr: usize, value: u32): void {
  store<u32>(ptr, addWord(load<u32>(ptr), value));
}

/** out += Σ_{i<n} x[i]·k[i], n <= BLOCK. k in Montgomery form, x plain: sums stay in Montgomery form. */
function dotBlock(x: usize, k: usize, st: usize, n: i32, out: usize, os: usize): void {
  if (largest(x, n) <= SMALL) {
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

function clearResults(out: usize, os: usize, count: i32): void {
  for (let j: usize = 0; j < 5; j++) memory.fill(out + j * os, 0, <usize>count << 2);
}

export function dotIntRows(x: usize, rowStride: u32, rows: i32, k: usize, kStride: u32, n: i32, out: usize, outStride: u32): void {
  const st = plane(kStride), os = plane(outStride), row = plane(rowStride);
  clearResults(out, os, rows);
  // Long rows: all rows of one block of k, while that block is in the cache.
  for (let from = 0; from < n; from += BLOCK) {
    const at = <usize>from << 2, size = min(BLOCK, n - from);
    for (let r = 0; r < rows; r++) dotBlock(x + <usize>r * row + at, k + at, st, size, out + (<usize>r << 2), os);
  }
}

export function dotInts(columns: usize, count: i32, offset: u32, k: usize, kStride: u32, n: i32, out: usize, outStride: u32): void {
  const st = plane(kStride), os = plane(outStride);
  clearResults(out, os, count);
  for (let from = 0; from < n; from += BLOCK) {
    const at = <usize>from << 2, size = min(BLOCK, n - from);
    for (let c = 0; c < count; c++) {
      const x = <usize>load<u32>(columns + (<usize>c << 2)) + (<usize>offset << 2);
      dotBlock(x + at, k + at, st, size, out + (<usize>c << 2), os);
    }
  }
}

// ---- combinations: Σ_c coefficient_c·x_c[i] ----

/** Elements of every column that are worked on together: 256 bytes, so that each cache line is read once. */
const TILE: i32 = 64;

/**
 * scratch: TILE elements of each column in a row, then its five coefficients times R, centered.
 * A null column takes no room. Products of |x| <= max and coefficients <= p/2 are summed in groups
 * that stay below 1.25·p².
 */
export function combineInts(columns: usize, count: i32, coefficients: usize, offset: u32, dst: usize, stride: u32, n: i32, scratch: usize): void {
  const st = plane(stride), tile: usize = <usize>TILE << 2;
  let used = 0;
  for (let c = 0; c < count; c++) if (load<u32>(columns + (<usize>c << 2)) !== 0) used++;
  const scalars = scratch + <usize>used * tile;
  let slot = scalars;
  for (let c = 0; c < count; c++) {
    if (load<u32>(columns + (<usize>c << 2)) === 0) continue;
    for (let j: usize = 0; j < 5; j++) {
      store<i32>(slot + (j << 2), centerWord(mulWord(load<u32>(coefficients + <usize>c * 20 + (j << 2)), R2)));
    }
    slot += 20;
  }
  for (let from = 0; from < n; from += TILE) {
    const size = min(TILE, n - from);
    let max = i32x4.splat(0);
    let to = scratch;
    for (let c = 0; c < count; c++) {
      let x = <usize>load<u32>(columns + (<usize>c << 2));
      if (x === 0) continue;
      x += (<usize>offset + <usize>from) << 2;
      for (let i = 0; i < size; i += 4) {
        let a = v128.load(x + (<usize>i << 2));
        if (size - i < 4) a = v128.and(a, laneMask(size - i));
        max = i32x4.max_u(max, i32x4.abs(a));
        v128.store(to + (<usize>i << 2), a);
      }
      to += tile;
    }
    // max·group·p/2 <= 1.25·p²
    let m = <u32>i32x4.extract_lane(max, 0);
    let other = <u32>i32x4.extract_lane(max, 1);
    if (other > m) m = other;
    other = <u32>i32x4.extract_lane(max, 2);
    if (other > m) m = other;
    other = <u32>i32x4.extract_lane(max, 3);
    if (other > m) m = other;
    const group = m === 0 ? used : <i32>min<u64>(<u64>used, (<u64>P * 5) / (<u64>m * 2));
    for (let i = 0; i < size; i += 4) {
      let c0 = i32x4.splat(0), c1 = c0, c2 = c0, c3 = c0, c4 = c0;
      let a = scratch + (<usize>i << 2), k = scalars;
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
          a += tile;
          k += 20;
        }
        c0 = addv(c0, reduce(l0, h0));
        c1 = addv(c1, reduce(l1, h1));
        c2 = addv(c2, reduce(l2, h2));
        c3 = addv(c3, reduce(l3, h3));
        c4 = addv(c4, reduce(l4, h4));
      }
      storeK(dst, st, c0, c1, c2, c3, c4, size - i);
      dst += 16;
    }
  }
}
