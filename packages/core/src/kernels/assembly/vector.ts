// Vectors over K. Argument lists and meaning: ../reference/vector.ts.
import {
  addv, center, centerWord, doubledLane, laneMask, mul0, mul1, mul2, mul3, mul4,
  plane, scalarLane, storeK, subCentered, subv, twice,
} from './field';
import { accumulate0, clear0, finish0 } from './sums';

export function fill(dst: usize, stride: u32, n: i32, k: usize): void {
  const st = plane(stride);
  const c0 = v128.load32_splat(k), c1 = v128.load32_splat(k, 4), c2 = v128.load32_splat(k, 8), c3 = v128.load32_splat(k, 12), c4 = v128.load32_splat(k, 16);
  for (let i = 0; i < n; i += 4) {
    storeK(dst, st, c0, c1, c2, c3, c4, n - i);
    dst += 16;
  }
}

export function copy(src: usize, srcStride: u32, dst: usize, dstStride: u32, n: i32): void {
  const ss = plane(srcStride), ds = plane(dstStride);
  for (let i = 0; i < n; i += 4) {
    storeK(dst, ds, v128.load(src), v128.load(src + ss), v128.load(src + 2 * ss), v128.load(src + 3 * ss), v128.load(src + 4 * ss), n - i);
    src += 16;
    dst += 16;
  }
}

export function axpy(s: usize, x: usize, xStride: u32, y: usize, yStride: u32, n: i32): void {
  const xs = plane(xStride), ys = plane(yStride);
  const b0 = scalarLane(s, 0), b1 = scalarLane(s, 1), b2 = scalarLane(s, 2), b3 = scalarLane(s, 3), b4 = scalarLane(s, 4);
  const d1 = doubledLane(s, 1), d2 = doubledLane(s, 2), d3 = doubledLane(s, 3), d4 = doubledLane(s, 4);
  for (let i = 0; i < n; i += 4) {
    const a0 = center(v128.load(x)), a1 = center(v128.load(x + xs)), a2 = center(v128.load(x + 2 * xs)), a3 = center(v128.load(x + 3 * xs)), a4 = center(v128.load(x + 4 * xs));
    const c0 = addv(v128.load(y), mul0(a0, a1, a2, a3, a4, b0, d1, d2, d3, d4));
    const c1 = addv(v128.load(y + ys), mul1(a0, a1, a2, a3, a4, b0, b1, d2, d3, d4));
    const c2 = addv(v128.load(y + 2 * ys), mul2(a0, a1, a2, a3, a4, b0, b1, b2, d3, d4));
    const c3 = addv(v128.load(y + 3 * ys), mul3(a0, a1, a2, a3, a4, b0, b1, b2, b3, d4));
    const c4 = addv(v128.load(y + 4 * ys), mul4(a0, a1, a2, a3, a4, b0, b1, b2, b3, b4));
    storeK(y, ys, c0, c1, c2, c3, c4, n - i);
    x += 16;
    y += 16;
  }
}

// The scalar of `scaleBy`: centered coordinates and doubled ones, in all lanes (per instance, so per thread).
let k0: v128 = i32x4.splat(0), k1: v128 = i32x4.splat(0), k2: v128 = i32x4.splat(0), k3: v128 = i32x4.splat(0), k4: v128 = i32x4.splat(0);

function setScalar(w0: u32, w1: u32, w2: u32, w3: u32, w4: u32): void {
  k0 = i32x4.splat(centerWord(w0));
  k1 = i32x4.splat(centerWord(w1));
  k2 = i32x4.splat(centerWord(w2));
  k3 = i32x4.splat(centerWord(w3));
  k4 = i32x4.splat(centerWord(w4));
}

function squareScalar(): void {
  const a0 = k0, a1 = k1, a2 = k2, a3 = k3, a4 = k4;
  const d1 = twice(a1), d2 = twice(a2), d3 = twice(a3), d4 = twice(a4);
  k0 = center(mul0(a0, a1, a2, a3, a4, a0, d1, d2, d3, d4));
  k1 = center(mul1(a0, a1, a2, a3, a4, a0, a1, d2, d3, d4));
  k2 = center(mul2(a0, a1, a2, a3, a4, a0, a1, a2, d3, d4));
  k3 = center(mul3(a0, a1, a2, a3, a4, a0, a1, a2, a3, d4));
  k4 = center(mul4(a0, a1, a2, a3, a4, a0, a1, a2, a3, a4));
}

/** dst[i] = scalar·src[i], i < n, in increasing order: dst may lie at least four elements after src. */
function scaleBy(src: usize, ss: usize, dst: usize, ds: usize, n: i32): void {
  const b0 = k0, b1 = k1, b2 = k2, b3 = k3, b4 = k4;
  const d1 = twice(b1), d2 = twice(b2), d3 = twice(b3), d4 = twice(b4);
  for (let i = 0; i < n; i += 4) {
    const a0 = center(v128.load(src)), a1 = center(v128.load(src + ss)), a2 = center(v128.load(src + 2 * ss)), a3 = center(v128.load(src + 3 * ss)), a4 = center(v128.load(src + 4 * ss));
    const c0 = mul0(a0, a1, a2, a3, a4, b0, d1, d2, d3, d4);
    const c1 = mul1(a0, a1, a2, a3, a4, b0, b1, d2, d3, d4);
    const c2 = mul2(a0, a1, a2, a3, a4, b0, b1, b2, d3, d4);
    const c3 = mul3(a0, a1, a2, a3, a4, b0, b1, b2, b3, d4);
    const c4 = mul4(a0, a1, a2, a3, a4, b0, b1, b2, b3, b4);
    storeK(dst, ds, c0, c1, c2, c3, c4, n - i);
    src += 16;
    dst += 16;
  }
}

export function outer(a: usize, aStride: u32, count: i32, b: usize, bStride: u32, n: i32, dst: usize, dstStride: u32): void {
  const as_ = plane(aStride), bs = plane(bStride), ds = plane(dstStride);
  for (let i = 0; i < count; i++) {
    setScalar(load<u32>(a), load<u32>(a + as_), load<u32>(a + 2 * as_), load<u32>(a + 3 * as_), load<u32>(a + 4 * as_));
    scaleBy(b, bs, dst, ds, n);
    a += 4;
    dst += <usize>n << 2;
  }
}

export function eqStep(table: usize, stride: u32, half: u32, n: i32, r: usize): void {
  const st = plane(stride);
  let high = table + (<usize>half << 2);
  const b0 = scalarLane(r, 0), b1 = scalarLane(r, 1), b2 = scalarLane(r, 2), b3 = scalarLane(r, 3), b4 = scalarLane(r, 4);
  const d1 = doubledLane(r, 1), d2 = doubledLane(r, 2), d3 = doubledLane(r, 3), d4 = doubledLane(r, 4);
  for (let i = 0; i < n; i += 4) {
    const t0 = v128.load(table), t1 = v128.load(table + st), t2 = v128.load(table + 2 * st), t3 = v128.load(table + 3 * st), t4 = v128.load(table + 4 * st);
    const a0 = center(t0), a1 = center(t1), a2 = center(t2), a3 = center(t3), a4 = center(t4);
    const c0 = mul0(a0, a1, a2, a3, a4, b0, d1, d2, d3, d4);
    const c1 = mul1(a0, a1, a2, a3, a4, b0, b1, d2, d3, d4);
    const c2 = mul2(a0, a1, a2, a3, a4, b0, b1, b2, d3, d4);
    const c3 = mul3(a0, a1, a2, a3, a4, b0, b1, b2, b3, d4);
    const c4 = mul4(a0, a1, a2, a3, a4, b0, b1, b2, b3, b4);
    storeK(high, st, c0, c1, c2, c3, c4, n - i);
    storeK(table, st, subv(t0, c0), subv(t1, c1), subv(t2, c2), subv(t3, c3), subv(t4, c4), n - i);
    table += 16;
    high += 16;
  }
}

/** Elements that are found by doubling; each later one is z^64 times the one 64 places before. */
const STEP: i32 = 64;

export function powers(first: usize, z: usize, dst: usize, stride: u32, n: i32): void {
  if (n <= 0) return;
  const st = plane(stride);
  for (let j: usize = 0; j < 5; j++) store<u32>(dst + j * st, load<u32>(first + (j << 2)));
  setScalar(load<u32>(z), load<u32>(z, 4), load<u32>(z, 8), load<u32>(z, 12), load<u32>(z, 16));
  let known = 1;
  while (known < STEP && known < n) {
    scaleBy(dst, st, dst + (<usize>known << 2), st, min(known, n - known));
    squareScalar();
    known <<= 1;
  }
  if (known < n) scaleBy(dst, st, dst + (<usize>known << 2), st, n - known);
}

export function bind(v: usize, stride: u32, half: u32, n: i32, r: usize): void {
  const st = plane(stride);
  let high = v + (<usize>half << 2);
  const b0 = scalarLane(r, 0), b1 = scalarLane(r, 1), b2 = scalarLane(r, 2), b3 = scalarLane(r, 3), b4 = scalarLane(r, 4);
  const d1 = doubledLane(r, 1), d2 = doubledLane(r, 2), d3 = doubledLane(r, 3), d4 = doubledLane(r, 4);
  for (let i = 0; i < n; i += 4) {
    const t0 = v128.load(v), t1 = v128.load(v + st), t2 = v128.load(v + 2 * st), t3 = v128.load(v + 3 * st), t4 = v128.load(v + 4 * st);
    const a0 = subCentered(v128.load(high), t0), a1 = subCentered(v128.load(high + st), t1), a2 = subCentered(v128.load(high + 2 * st), t2), a3 = subCentered(v128.load(high + 3 * st), t3), a4 = subCentered(v128.load(high + 4 * st), t4);
    const c0 = addv(t0, mul0(a0, a1, a2, a3, a4, b0, d1, d2, d3, d4));
    const c1 = addv(t1, mul1(a0, a1, a2, a3, a4, b0, b1, d2, d3, d4));
    const c2 = addv(t2, mul2(a0, a1, a2, a3, a4, b0, b1, b2, d3, d4));
    const c3 = addv(t3, mul3(a0, a1, a2, a3, a4, b0, b1, b2, b3, d4));
    const c4 = addv(t4, mul4(a0, a1, a2, a3, a4, b0, b1, b2, b3, b4));
    storeK(v, st, c0, c1, c2, c3, c4, n - i);
    v += 16;
    high += 16;
  }
}

export function dotRows(a: usize, aStride: u32, rows: i32, b: usize, bStride: u32, n: i32, out: usize, outStride: u32): void {
  const as_ = plane(aStride), bs = plane(bStride);
  for (let r = 0; r < rows; r++) {
    let x = a + ((<usize>r * <usize>n) << 2);
    let y = b;
    clear0();
    for (let i = 0; i < n; i += 4) {
      let a0 = center(v128.load(x)), a1 = center(v128.load(x + as_)), a2 = center(v128.load(x + 2 * as_)), a3 = center(v128.load(x + 3 * as_)), a4 = center(v128.load(x + 4 * as_));
      const b0 = center(v128.load(y)), b1 = center(v128.load(y + bs)), b2 = center(v128.load(y + 2 * bs)), b3 = center(v128.load(y + 3 * bs)), b4 = center(v128.load(y + 4 * bs));
      if (n - i < 4) {
        const mask = laneMask(n - i);
        a0 = v128.and(a0, mask); a1 = v128.and(a1, mask); a2 = v128.and(a2, mask); a3 = v128.and(a3, mask); a4 = v128.and(a4, mask);
      }
      accumulate0(a0, a1, a2, a3, a4, b0, b1, b2, b3, b4);
      x += 16;
      y += 16;
    }
    finish0(out + (<usize>r << 2), plane(outStride), (n + 3) >> 2);
  }
}
