// Reed–Solomon encoding and sums of powers. Argument lists and meaning: ../reference/code.ts.
import {
  addv, center, centerWord, mulByConstant, mulv, mulWord, plane, pv, quotient, R1, reduce, storeK, storeLanes, subv,
} from './field';

export function twiddles(table: usize, logSize: i32, roots: usize): void {
  store<u32>(table, R1);
  for (let k = 0; k < logSize; k++) {
    const size = 1 << k;
    const root = load<u32>(roots + (<usize>k << 2));
    const to = table + (<usize>size << 2);
    if (size < 4) {
      for (let b: usize = 0; b < <usize>size; b++) store<u32>(to + (b << 2), mulWord(load<u32>(table + (b << 2)), root));
    } else {
      const z = i32x4.splat(root), zq = quotient(z);
      for (let b: usize = 0; b < <usize>size << 2; b += 16) v128.store(to + b, mulByConstant(v128.load(table + b), z, zq));
    }
  }
}

// ---- encoding: up to sixteen columns at a time, plain canonical words ----
//
// Element j of a bundle is `width` vectors in a row: lane c of vector v is column 4v + c. Sixteen
// columns are one cache line of a row: rows are written in bit-reversed order, each line once.
//
// Node b at depth d of the tree holds the column modulo X^(H/2^d) − ζ_b; with w = twiddle b its
// children are the remainders modulo X^m − w and X^m + w, m = H/2^(d+1): lo ± w·hi. Leaf b is the
// value at ω_H^rev(b). A column of degree < M is its own remainder down to depth mu: each of the 2^mu
// nodes there is one coset.

/** int32 -> [0, p). */
// @ts-ignore: decorator
@inline function intToWord(x: v128): v128 {
  x = i32x4.add(x, v128.and(i32x4.shr_s(x, 31), pv()));
  x = i32x4.add(x, v128.and(i32x4.shr_s(x, 31), pv()));
  return i32x4.min_u(x, i32x4.sub(x, pv()));
}

/** Four columns (zero beyond `count` and where null): element j at dst + j·step. */
function gather(columns: usize, count: i32, montgomery: bool, size: i32, dst: usize, step: usize): void {
  const zero = i32x4.splat(0);
  const p0 = <usize>load<u32>(columns);
  const p1 = count > 1 ? <usize>load<u32>(columns, 4) : 0;
  const p2 = count > 2 ? <usize>load<u32>(columns, 8) : 0;
  const p3 = count > 3 ? <usize>load<u32>(columns, 12) : 0;
  const one = i32x4.splat(1);
  for (let i = 0; i < size; i += 4) {
    const at = <usize>i << 2;
    let a = p0 !== 0 ? v128.load(p0 + at) : zero;
    let b = p1 !== 0 ? v128.load(p1 + at) : zero;
    let c = p2 !== 0 ? v128.load(p2 + at) : zero;
    let d = p3 !== 0 ? v128.load(p3 + at) : zero;
    if (montgomery) {
      a = mulv(a, one); b = mulv(b, one); c = mulv(c, one); d = mulv(d, one);
    } else {
      a = intToWord(a); b = intToWord(b); c = intToWord(c); d = intToWord(d);
    }
    const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5), AB = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
    const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5), CD = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
    v128.store(dst, v128.shuffle<i64>(ab, cd, 0, 2));
    if (size - i > 1) v128.store(dst + step, v128.shuffle<i64>(ab, cd, 1, 3));
    if (size - i > 2) {
      v128.store(dst + 2 * step, v128.shuffle<i64>(AB, CD, 0, 2));
      v128.store(dst + 3 * step, v128.shuffle<i64>(AB, CD, 1, 3));
    }
    dst += step << 2;
  }
}

// @ts-ignore: decorator
@inline function twiddle(table: usize, b: u32): v128 {
  return v128.load32_splat(table + (<usize>b << 2));
}

/** One level: node b with two halves of `step` bytes. */
function pass2(src: usize, dst: usize, step: usize, table: usize, b: u32): void {
  const z = twiddle(table, b), zq = quotient(z);
  for (let j: usize = 0; j < step; j += 16) {
    const lo = v128.load(src + j), hi = mulByConstant(v128.load(src + j + step), z, zq);
    v128.store(dst + j, addv(lo, hi));
    v128.store(dst + j + step, subv(lo, hi));
  }
}

/** Two levels: node b with four quarters of `step` bytes. */
function pass4(src: usize, dst: usize, step: usize, table: usize, b: u32): void {
  const z = twiddle(table, b), y = twiddle(table, 2 * b), x = twiddle(table, 2 * b + 1);
  const zq = quotient(z), yq = quotient(y), xq = quotient(x);
  for (let j: usize = 0; j < step; j += 16) {
    const s = src + j, d = dst + j;
    const a0 = v128.load(s), a1 = v128.load(s + step);
    const a2 = mulByConstant(v128.load(s + 2 * step), z, zq), a3 = mulByConstant(v128.load(s + 3 * step), z, zq);
    const b0 = addv(a0, a2), b2 = subv(a0, a2);
    const b1 = mulByConstant(addv(a1, a3), y, yq), b3 = mulByConstant(subv(a1, a3), x, xq);
    v128.store(d, addv(b0, b1));
    v128.store(d + step, subv(b0, b1));
    v128.store(d + 2 * step, addv(b2, b3));
    v128.store(d + 3 * step, subv(b2, b3));
  }
}

/** Low `bits` bits of v in reverse. */
// @ts-ignore: decorator
@inline function reversed(v: u32, bits: i32): u32 {
  v = ((v >> 1) & 0x55555555) | ((v & 0x55555555) << 1);
  v = ((v >> 2) & 0x33333333) | ((v & 0x33333333) << 2);
  v = ((v >> 4) & 0x0f0f0f0f) | ((v & 0x0f0f0f0f) << 4);
  return bits === 0 ? 0 : bswap<u32>(v) >> (32 - bits);
}

// The bundle in work, per instance: `width` vectors per element, of which `stored` words go to the rows
// of `rowBytes` bytes, from rowsAt.
let width: i32 = 0, unit: usize = 0, stored: i32 = 0, rowsAt: usize = 0, rowBytes: usize = 0, logDomain: i32 = 0, twiddlesAt: usize = 0;

/** Vector v of an element. */
// @ts-ignore: decorator
@inline function put(row: usize, v: i32, value: v128): void {
  const rest = stored - 4 * v;
  if (rest >= 4) v128.store(row + (<usize>v << 4), value);
  else storeLanes(row + (<usize>v << 4), value, rest);
}

/** The last two levels of node b (four coefficients) and the rows of its four leaves. */
// @ts-ignore: decorator
@inline function last4(s: usize, b: u32): void {
  const z = twiddle(twiddlesAt, b), y = twiddle(twiddlesAt, 2 * b), x = twiddle(twiddlesAt, 2 * b + 1);
  const zq = quotient(z), yq = quotient(y), xq = quotient(x);
  // rev(4b + c) = rev(b) + rev2(c)·H/4
  const quarter = rowBytes << (logDomain - 2);
  const row = rowsAt + <usize>reversed(b, logDomain - 2) * rowBytes;
  for (let v = 0; v < width; v++) {
    const a0 = v128.load(s), a1 = v128.load(s + unit);
    const a2 = mulByConstant(v128.load(s + 2 * unit), z, zq), a3 = mulByConstant(v128.load(s + 3 * unit), z, zq);
    const b0 = addv(a0, a2), b2 = subv(a0, a2);
    const b1 = mulByConstant(addv(a1, a3), y, yq), b3 = mulByConstant(subv(a1, a3), x, xq);
    put(row, v, addv(b0, b1));
    put(row + 2 * quarter, v, subv(b0, b1));
    put(row + quarter, v, addv(b2, b3));
    put(row + 3 * quarter, v, subv(b2, b3));
    s += 16;
  }
}

/** Blocks of up to 32 KiB are finished level by level. */
const CACHED: usize = 32768;

/** Node b with 2^log coefficients at s, log even: all levels below it, and its rows. */
function descend(s: usize, log: i32, b: u32): void {
  if (unit << log > CACHED && log > 2) {
    const step = unit << (log - 2);
    pass4(s, s, step, twiddlesAt, b);
    for (let c: u32 = 0; c < 4; c++) descend(s + <usize>c * step, log - 2, 4 * b + c);
    return;
  }
  let nodes: u32 = 1;
  for (; log > 2; log -= 2) {
    const step = unit << (log - 2);
    for (let c: u32 = 0; c < nodes; c++) {
      const at = s + <usize>c * (step << 2);
      pass4(at, at, step, twiddlesAt, b * nodes + c);
    }
    nodes <<= 2;
  }
  for (let c: u32 = 0; c < nodes; c++) last4(s + <usize>c * (unit << 2), b * nodes + c);
}

/** All rows of coset t of the bundle at src. */
function coset(src: usize, work: usize, logM: i32, t: u32): void {
  if (logM === 0) {
    const row = rowsAt + <usize>reversed(t, logDomain) * rowBytes;
    for (let v = 0; v < width; v++) put(row, v, v128.load(src + (<usize>v << 4)));
  } else if (logM === 1) {
    pass2(src, work, unit, twiddlesAt, t);
    const row = rowsAt + <usize>reversed(2 * t, logDomain) * rowBytes;
    for (let v = 0; v < width; v++) {
      const at = work + (<usize>v << 4);
      put(row, v, v128.load(at));
      put(row + (rowBytes << (logDomain - 1)), v, v128.load(at + unit));
    }
  } else if ((logM & 1) === 1) {
    const half = unit << (logM - 1);
    pass2(src, work, half, twiddlesAt, t);
    descend(work, logM - 1, 2 * t);
    descend(work + half, logM - 1, 2 * t + 1);
  } else if (logM === 2) {
    last4(src, t);
  } else {
    const step = unit << (logM - 2);
    pass4(src, work, step, twiddlesAt, t);
    for (let c: u32 = 0; c < 4; c++) descend(work + <usize>c * step, logM - 2, 4 * t + c);
  }
}

export function encode(
  columns: usize, count: i32, montgomery: i32, logM: i32, mu: i32, cosetFrom: u32, cosetTo: u32,
  table: usize, scratch: usize, maxWidth: i32, rows: usize, wordsPerRow: u32,
): void {
  const size = 1 << logM;
  rowBytes = <usize>wordsPerRow << 2;
  logDomain = logM + mu;
  twiddlesAt = table;
  for (let first = 0; first < count; ) {
    stored = count - first;
    width = min(maxWidth, (stored + 3) >> 2);
    unit = <usize>width << 4;
    rowsAt = rows + (<usize>first << 2);
    for (let v = 0; v < width; v++) {
      gather(columns + (<usize>(first + 4 * v) << 2), stored - 4 * v, montgomery !== 0, size, scratch + (<usize>v << 4), unit);
    }
    for (let t = cosetFrom; t < cosetTo; t++) coset(scratch, scratch + (unit << logM), logM, t);
    first += 4 * width;
  }
}

// ---- Σ_l coefficient_l·x_l^j ----

/** Powers x_l^0 … x_l^63 are kept; y[64a + b] gets Σ_l (coefficient_l·x_l^(64a))·x_l^b. */
const SPAN: i32 = 64;
/** Words of scratch per point: its powers, and five coordinates of coefficient_l·x_l^(64a). */
const WORDS: i32 = 72;
/** Products of centered values that are summed before a reduction: 5·p²/4. */
const GROUP: i32 = 5;

export function addPowers(xs: usize, coefficients: usize, count: i32, y: usize, yStride: u32, n: i32, scratch: usize): void {
  const ys = plane(yStride), record: usize = <usize>WORDS << 2, at: usize = <usize>SPAN << 2;
  // Powers, centered, then x^64 (canonical) and the coefficient (canonical).
  for (let l = 0; l < count; l++) {
    const slot = scratch + <usize>l * record;
    const x = load<u32>(xs + (<usize>l << 2));
    let power = R1;
    for (let b: usize = 0; b < at; b += 4) {
      store<i32>(slot + b, centerWord(power));
      power = mulWord(power, x);
    }
    for (let j: usize = 0; j < 5; j++) store<u32>(slot + at + (j << 2), load<u32>(coefficients + <usize>l * 20 + (j << 2)));
    store<u32>(slot + at, power, 20);
  }
  for (let from = 0; from < n; from += SPAN) {
    const size = min(SPAN, n - from);
    for (let i = 0; i < size; i += 4) {
      let c0 = v128.load(y), c1 = v128.load(y + ys), c2 = v128.load(y + 2 * ys), c3 = v128.load(y + 3 * ys), c4 = v128.load(y + 4 * ys);
      let slot = scratch;
      for (let l = 0; l < count; l += GROUP) {
        let l0 = i64x2.splat(0), l1 = l0, l2 = l0, l3 = l0, l4 = l0;
        let h0 = l0, h1 = l0, h2 = l0, h3 = l0, h4 = l0;
        const end = min(count, l + GROUP);
        for (let g = l; g < end; g++) {
          const x = v128.load(slot + (<usize>i << 2));
          const k0 = center(v128.load32_splat(slot + at)), k1 = center(v128.load32_splat(slot + at, 4)), k2 = center(v128.load32_splat(slot + at, 8)), k3 = center(v128.load32_splat(slot + at, 12)), k4 = center(v128.load32_splat(slot + at, 16));
          l0 = i64x2.add(l0, i64x2.extmul_low_i32x4_s(x, k0)); h0 = i64x2.add(h0, i64x2.extmul_high_i32x4_s(x, k0));
          l1 = i64x2.add(l1, i64x2.extmul_low_i32x4_s(x, k1)); h1 = i64x2.add(h1, i64x2.extmul_high_i32x4_s(x, k1));
          l2 = i64x2.add(l2, i64x2.extmul_low_i32x4_s(x, k2)); h2 = i64x2.add(h2, i64x2.extmul_high_i32x4_s(x, k2));
          l3 = i64x2.add(l3, i64x2.extmul_low_i32x4_s(x, k3)); h3 = i64x2.add(h3, i64x2.extmul_high_i32x4_s(x, k3));
          l4 = i64x2.add(l4, i64x2.extmul_low_i32x4_s(x, k4)); h4 = i64x2.add(h4, i64x2.extmul_high_i32x4_s(x, k4));
          slot += record;
        }
        c0 = addv(c0, reduce(l0, h0));
        c1 = addv(c1, reduce(l1, h1));
        c2 = addv(c2, reduce(l2, h2));
        c3 = addv(c3, reduce(l3, h3));
        c4 = addv(c4, reduce(l4, h4));
      }
      storeK(y, ys, c0, c1, c2, c3, c4, size - i);
      y += 16;
    }
    for (let l = 0; l < count; l++) {
      const slot = scratch + <usize>l * record + at;
      const step = load<u32>(slot, 20);
      for (let j: usize = 0; j < 20; j += 4) store<u32>(slot + j, mulWord(load<u32>(slot + j), step));
    }
  }
}
