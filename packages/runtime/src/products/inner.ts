/**
 * Loops of products of integer matrices, for shapes that are not worth a kernel, and the same in doubles for sums
 * that may leave int32 (exact below 2^53). Row-major operands; c holds zeros or the sum so far.
 */
import type { Ints } from '../forms/evaluator.ts';

/** c[m·n] += Σ_k a[m·K + k]·b[n·K + k], low 32 bits. */
export function dotsI32(
  a: Int32Array,
  b: Int32Array,
  c: Int32Array,
  M: number,
  N: number,
  K: number,
): void {
  for (let m = 0, at = 0; m < M; m++) {
    const row = m * K;
    let n = 0;
    for (; n + 4 <= N; n += 4) {
      const b0 = n * K;
      const b1 = b0 + K;
      const b2 = b1 + K;
      const b3 = b2 + K;
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let k = 0; k < K; k++) {
        const x = a[row + k] as number;
        s0 = (s0 + Math.imul(x, b[b0 + k] as number)) | 0;
        s1 = (s1 + Math.imul(x, b[b1 + k] as number)) | 0;
        s2 = (s2 + Math.imul(x, b[b2 + k] as number)) | 0;
        s3 = (s3 + Math.imul(x, b[b3 + k] as number)) | 0;
      }
      c[at] = (c[at++] as number) + s0;
      c[at] = (c[at++] as number) + s1;
      c[at] = (c[at++] as number) + s2;
      c[at] = (c[at++] as number) + s3;
    }
    for (; n < N; n++) {
      let s = 0;
      for (let k = 0; k < K; k++)
        s = (s + Math.imul(a[row + k] as number, b[n * K + k] as number)) | 0;
      c[at] = (c[at++] as number) + s;
    }
  }
}

/** The same in doubles. */
export function dotsF64(
  a: Int32Array,
  b: Int32Array,
  c: Float64Array,
  M: number,
  N: number,
  K: number,
): void {
  for (let m = 0, at = 0; m < M; m++) {
    for (let n = 0; n < N; n++) {
      let s = 0;
      for (let k = 0; k < K; k++) s += (a[m * K + k] as number) * (b[n * K + k] as number);
      c[at] = (c[at++] as number) + s;
    }
  }
}

/** c[m·N + n] += Σ_k a[m·K + k]·b[k·N + n], low 32 bits: reads b once, row by row. */
export function axpysI32(
  a: Int32Array,
  b: Int32Array,
  c: Int32Array,
  M: number,
  N: number,
  K: number,
): void {
  for (let k = 0; k < K; k++) {
    const row = k * N;
    for (let m = 0; m < M; m++) {
      const x = a[m * K + k] as number;
      if (x === 0) continue;
      const at = m * N;
      for (let n = 0; n < N; n++)
        c[at + n] = (c[at + n] as number) + Math.imul(x, b[row + n] as number);
    }
  }
}

/** The same in doubles. */
export function axpysF64(
  a: Int32Array,
  b: Int32Array,
  c: Float64Array,
  M: number,
  N: number,
  K: number,
): void {
  for (let k = 0; k < K; k++) {
    const row = k * N;
    for (let m = 0; m < M; m++) {
      const x = a[m * K + k] as number;
      if (x === 0) continue;
      const at = m * N;
      for (let n = 0; n < N; n++) c[at + n] = (c[at + n] as number) + x * (b[row + n] as number);
    }
  }
}

/** c[i] = a[i]·b[i]. */
export function multiplyEach(a: Int32Array, b: Int32Array, c: Ints): void {
  if (c instanceof Int32Array) {
    for (let i = 0; i < c.length; i++) c[i] = Math.imul(a[i] as number, b[i] as number);
  } else {
    for (let i = 0; i < c.length; i++) c[i] = (a[i] as number) * (b[i] as number);
  }
}
