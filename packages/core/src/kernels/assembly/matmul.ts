// Integer matrix products A·Bᵀ. Argument lists and meaning: ../reference/integer.ts.
import { laneMask, storeLanes } from './field';

export function packI16(src: usize, dst: usize, n: i32): void {
  const whole = n & ~7;
  for (let i = 0; i < whole; i += 8) {
    v128.store(dst, v128.shuffle<i16>(v128.load(src), v128.load(src, 16), 0, 2, 4, 6, 8, 10, 12, 14));
    src += 32;
    dst += 16;
  }
  for (let i = whole; i < n; i++) {
    store<i16>(dst, <i16>load<i32>(src));
    src += 4;
    dst += 2;
  }
}

/** (Σ lanes of a, of b, of c, of d). */
// @ts-ignore: decorator
@inline function columnSums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return i32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
}

// @ts-ignore: decorator
@inline function macI16(s: v128, a: v128, b: v128): v128 {
  return i32x4.add(s, i32x4.dot_i16x8_s(a, b));
}

// @ts-ignore: decorator
@inline function macI32(s: v128, a: v128, b: v128): v128 {
  return i32x4.add(s, i32x4.mul(a, b));
}

/** Rows of B that are multiplied by all of A before the next ones: about 128 KiB of them. */
const CACHED: u32 = 131072;

// @ts-ignore: decorator
@inline function blockOf(rowBytes: u32, n: i32): i32 {
  const rows = <i32>(CACHED / max<u32>(rowBytes, 1)) & ~3;
  return min(n, max(rows, 4));
}

/** Two rows of A against four of B: eight sums in registers. */
export function matmulI16(a: usize, rows: i32, b: usize, n: i32, k: i32, c: usize, cStride: u32): void {
  const row = <usize>k << 1, cs = <usize>cStride << 2;
  const whole = k & ~7, rest = k - whole;
  const mask = i16x8.lt_s(i16x8(0, 1, 2, 3, 4, 5, 6, 7), i16x8.splat(<i16>rest));
  const block = blockOf(<u32>row, n);
  for (let first = 0; first < n; first += block) {
    const last = min(n, first + block);
    for (let i = 0; i < rows; i += 2) {
      const a0 = a + <usize>i * row;
      const two = i + 1 < rows;
      const a1 = two ? a0 + row : a0;
      const c0 = c + <usize>i * cs;
      for (let j = first; j < last; j += 4) {
        const count = last - j;
        const b0 = b + <usize>j * row;
        const b1 = count > 1 ? b0 + row : b0;
        const b2 = count > 2 ? b0 + 2 * row : b0;
        const b3 = count > 3 ? b0 + 3 * row : b0;
        let s0 = i32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
        const end = <usize>whole << 1;
        for (let l: usize = 0; l < end; l += 16) {
          const x = v128.load(a0 + l), y = v128.load(a1 + l);
          let z = v128.load(b0 + l);
          s0 = macI16(s0, x, z); t0 = macI16(t0, y, z);
          z = v128.load(b1 + l);
          s1 = macI16(s1, x, z); t1 = macI16(t1, y, z);
          z = v128.load(b2 + l);
          s2 = macI16(s2, x, z); t2 = macI16(t2, y, z);
          z = v128.load(b3 + l);
          s3 = macI16(s3, x, z); t3 = macI16(t3, y, z);
        }
        if (rest > 0) {
          const x = v128.and(v128.load(a0 + end), mask), y = v128.and(v128.load(a1 + end), mask);
          let z = v128.load(b0 + end);
          s0 = macI16(s0, x, z); t0 = macI16(t0, y, z);
          z = v128.load(b1 + end);
          s1 = macI16(s1, x, z); t1 = macI16(t1, y, z);
          z = v128.load(b2 + end);
          s2 = macI16(s2, x, z); t2 = macI16(t2, y, z);
          z = v128.load(b3 + end);
          s3 = macI16(s3, x, z); t3 = macI16(t3, y, z);
        }
        const u = columnSums(s0, s1, s2, s3), v = columnSums(t0, t1, t2, t3);
        storeRow(c0 + (<usize>j << 2), u, count);
        if (two) storeRow(c0 + cs + (<usize>j << 2), v, count);
      }
    }
  }
}

// @ts-ignore: decorator
@inline function storeRow(ptr: usize, v: v128, count: i32): void {
  if (count >= 4) v128.store(ptr, v);
  else storeLanes(ptr, v, count);
}

export function matmulI32(a: usize, rows: i32, b: usize, n: i32, k: i32, c: usize, cStride: u32): void {
  const row = <usize>k << 2, cs = <usize>cStride << 2;
  const whole = k & ~3, rest = k - whole;
  const mask = laneMask(rest);
  const block = blockOf(<u32>row, n);
  for (let first = 0; first < n; first += block) {
    const last = min(n, first + block);
    for (let i = 0; i < rows; i += 2) {
      const a0 = a + <usize>i * row;
      const two = i + 1 < rows;
      const a1 = two ? a0 + row : a0;
      const c0 = c + <usize>i * cs;
      for (let j = first; j < last; j += 4) {
        const count = last - j;
        const b0 = b + <usize>j * row;
        const b1 = count > 1 ? b0 + row : b0;
        const b2 = count > 2 ? b0 + 2 * row : b0;
        const b3 = count > 3 ? b0 + 3 * row : b0;
        let s0 = i32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
        const end = <usize>whole << 2;
        if (two) {
          for (let l: usize = 0; l < end; l += 16) {
            const x = v128.load(a0 + l), y = v128.load(a1 + l);
            let z = v128.load(b0 + l);
            s0 = macI32(s0, x, z); t0 = macI32(t0, y, z);
            z = v128.load(b1 + l);
            s1 = macI32(s1, x, z); t1 = macI32(t1, y, z);
            z = v128.load(b2 + l);
            s2 = macI32(s2, x, z); t2 = macI32(t2, y, z);
            z = v128.load(b3 + l);
            s3 = macI32(s3, x, z); t3 = macI32(t3, y, z);
          }
        } else {
          for (let l: usize = 0; l < end; l += 16) {
            const x = v128.load(a0 + l);
            s0 = macI32(s0, x, v128.load(b0 + l));
            s1 = macI32(s1, x, v128.load(b1 + l));
            s2 = macI32(s2, x, v128.load(b2 + l));
            s3 = macI32(s3, x, v128.load(b3 + l));
          }
        }
        if (rest > 0) {
          const x = v128.and(v128.load(a0 + end), mask), y = v128.and(v128.load(a1 + end), mask);
          let z = v128.load(b0 + end);
          s0 = macI32(s0, x, z); t0 = macI32(t0, y, z);
          z = v128.load(b1 + end);
          s1 = macI32(s1, x, z); t1 = macI32(t1, y, z);
          z = v128.load(b2 + end);
          s2 = macI32(s2, x, z); t2 = macI32(t2, y, z);
          z = v128.load(b3 + end);
          s3 = macI32(s3, x, z); t3 = macI32(t3, y, z);
        }
        const u = columnSums(s0, s1, s2, s3), v = columnSums(t0, t1, t2, t3);
        storeRow(c0 + (<usize>j << 2), u, count);
        if (two) storeRow(c0 + cs + (<usize>j << 2), v, count);
      }
    }
  }
}
