import { addK, type K, mulK, subK, ZERO } from '../../field/index.ts';
import { getK, getScalar, type Memory, setK } from './memory.ts';

/** dst[i] = k. */
export function fill(m: Memory, dst: number, stride: number, n: number, k: number): void {
  const value = getScalar(m, k);
  for (let i = 0; i < n; i++) setK(m, dst, stride, i, value);
}

/** dst[i] = src[i]. */
export function copy(
  m: Memory,
  src: number,
  srcStride: number,
  dst: number,
  dstStride: number,
  n: number,
): void {
  for (let i = 0; i < n; i++) setK(m, dst, dstStride, i, getK(m, src, srcStride, i));
}

/** y[i] += s·x[i]. */
export function axpy(
  m: Memory,
  s: number,
  x: number,
  xStride: number,
  y: number,
  yStride: number,
  n: number,
): void {
  const scale = getScalar(m, s);
  for (let i = 0; i < n; i++) {
    setK(m, y, yStride, i, addK(getK(m, y, yStride, i), mulK(scale, getK(m, x, xStride, i))));
  }
}

/** dst[i·n + j] = a[i]·b[j], i < count, j < n. */
export function outer(
  m: Memory,
  a: number,
  aStride: number,
  count: number,
  b: number,
  bStride: number,
  n: number,
  dst: number,
  dstStride: number,
): void {
  for (let i = 0; i < count; i++) {
    const left = getK(m, a, aStride, i);
    for (let j = 0; j < n; j++) {
      setK(m, dst, dstStride, i * n + j, mulK(left, getK(m, b, bStride, j)));
    }
  }
}

/** One variable of an eq table: t[i + half] = r·t[i], then t[i] −= t[i + half], i < n. */
export function eqStep(
  m: Memory,
  table: number,
  stride: number,
  half: number,
  n: number,
  r: number,
): void {
  const challenge = getScalar(m, r);
  for (let i = 0; i < n; i++) {
    const low = getK(m, table, stride, i);
    const high = mulK(challenge, low);
    setK(m, table, stride, i + half, high);
    setK(m, table, stride, i, subK(low, high));
  }
}

/** dst[i] = first·z^i. */
export function powers(
  m: Memory,
  first: number,
  z: number,
  dst: number,
  stride: number,
  n: number,
): void {
  const base = getScalar(m, z);
  let power = getScalar(m, first);
  for (let i = 0; i < n; i++) {
    setK(m, dst, stride, i, power);
    power = mulK(power, base);
  }
}

/** v[i] += r·(v[i + half] − v[i]), i < n. */
export function bind(
  m: Memory,
  v: number,
  stride: number,
  half: number,
  n: number,
  r: number,
): void {
  const challenge = getScalar(m, r);
  for (let i = 0; i < n; i++) {
    const low = getK(m, v, stride, i);
    const high = getK(m, v, stride, i + half);
    setK(m, v, stride, i, addK(low, mulK(challenge, subK(high, low))));
  }
}

/** out[r] = Σ_{i<n} a[r·n + i]·b[i], r < rows. */
export function dotRows(
  m: Memory,
  a: number,
  aStride: number,
  rows: number,
  b: number,
  bStride: number,
  n: number,
  out: number,
  outStride: number,
): void {
  for (let r = 0; r < rows; r++) {
    let sum: K = ZERO;
    for (let i = 0; i < n; i++) {
      sum = addK(sum, mulK(getK(m, a, aStride, r * n + i), getK(m, b, bStride, i)));
    }
    setK(m, out, outStride, r, sum);
  }
}
