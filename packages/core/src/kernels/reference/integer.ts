import { addK, intK, type K, mulK, ONE, scaleK, subK, toF, ZERO } from '../../field/index.ts';
import { getK, getScalar, int, type Memory, setK, setWord, word } from './memory.ts';

/** y[i] += s·x[i], x int32. */
export function axpyInt(
  m: Memory,
  s: number,
  x: number,
  y: number,
  yStride: number,
  n: number,
): void {
  const scale = getScalar(m, s);
  for (let i = 0; i < n; i++) {
    const term = scaleK(scale, toF(int(m, x + 4 * i)));
    setK(m, y, yStride, i, addK(getK(m, y, yStride, i), term));
  }
}

/** dst[i] = x[i], x int32. */
export function fromInts(m: Memory, x: number, dst: number, stride: number, n: number): void {
  for (let i = 0; i < n; i++) setK(m, dst, stride, i, intK(int(m, x + 4 * i)));
}

function dotInt(m: Memory, x: number, k: number, kStride: number, n: number): K {
  let sum: K = ZERO;
  for (let i = 0; i < n; i++) {
    sum = addK(sum, scaleK(getK(m, k, kStride, i), toF(int(m, x + 4 * i))));
  }
  return sum;
}

/** out[r] = Σ_{i<n} x[r·rowStride + i]·k[i], r < rows, x int32. scratch: 41120 bytes. */
export function dotIntRows(
  m: Memory,
  x: number,
  rowStride: number,
  rows: number,
  k: number,
  kStride: number,
  n: number,
  out: number,
  outStride: number,
  _scratch: number,
): void {
  for (let r = 0; r < rows; r++) {
    setK(m, out, outStride, r, dotInt(m, x + 4 * r * rowStride, k, kStride, n));
  }
}

/** out[c] = Σ_{i<n} x_c[offset + i]·k[i]; columns: pointers to int32 vectors x_c, c < count. scratch: 41120 bytes. */
export function dotInts(
  m: Memory,
  columns: number,
  count: number,
  offset: number,
  k: number,
  kStride: number,
  n: number,
  out: number,
  outStride: number,
  _scratch: number,
): void {
  for (let c = 0; c < count; c++) {
    const x = word(m, columns + 4 * c) + 4 * offset;
    setK(m, out, outStride, c, dotInt(m, x, k, kStride, n));
  }
}

/** dst[i] = Σ_c coefficients[c]·x_c[offset + i]; a null pointer is a zero column. scratch: 560·count + 200 bytes. */
export function combineInts(
  m: Memory,
  columns: number,
  count: number,
  coefficients: number,
  offset: number,
  dst: number,
  stride: number,
  n: number,
  _scratch: number,
): void {
  for (let i = 0; i < n; i++) {
    let sum: K = ZERO;
    for (let c = 0; c < count; c++) {
      const x = word(m, columns + 4 * c);
      if (x === 0) continue;
      const value = toF(int(m, x + 4 * (offset + i)));
      sum = addK(sum, scaleK(getScalar(m, coefficients + 20 * c), value));
    }
    setK(m, dst, stride, i, sum);
  }
}

/** dst[i] = mask[i] = 1: shift − Σ_j betas[j]·x_j[offset + i]; mask[i] = 0: 1. */
export function fingerprints(
  m: Memory,
  columns: number,
  count: number,
  betas: number,
  shift: number,
  mask: number,
  offset: number,
  dst: number,
  stride: number,
  n: number,
): void {
  for (let i = 0; i < n; i++) {
    let value = getScalar(m, shift);
    for (let j = 0; j < count; j++) {
      const x = int(m, word(m, columns + 4 * j) + 4 * (offset + i));
      value = subK(value, mulK(getScalar(m, betas + 20 * j), intK(x)));
    }
    setK(m, dst, stride, i, int(m, mask + 4 * (offset + i)) === 0 ? ONE : value);
  }
}

/** out = max |x[i]| as an unsigned word; 0 for n = 0. */
export function maxAbs(m: Memory, x: number, n: number, out: number): void {
  let max = 0;
  for (let i = 0; i < n; i++) max = Math.max(max, Math.abs(int(m, x + 4 * i)));
  setWord(m, out, max);
}

/** dst[i] = the low 16 bits of src[i]. */
export function packI16(m: Memory, src: number, dst: number, n: number): void {
  for (let i = 0; i < n; i++) m.view.setInt16(dst + 2 * i, int(m, src + 4 * i), true);
}

/** c[i·cStride + j] = Σ_{l<k} a[i·k + l]·b[j·k + l] mod 2^32, i < rows, j < n; int32. */
export function matmulI32(
  m: Memory,
  a: number,
  rows: number,
  b: number,
  n: number,
  k: number,
  c: number,
  cStride: number,
): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let l = 0; l < k; l++) {
        sum = (sum + Math.imul(int(m, a + 4 * (i * k + l)), int(m, b + 4 * (j * k + l)))) | 0;
      }
      m.view.setInt32(c + 4 * (i * cStride + j), sum, true);
    }
  }
}

/** The same for int16 operands; c is int32. */
export function matmulI16(
  m: Memory,
  a: number,
  rows: number,
  b: number,
  n: number,
  k: number,
  c: number,
  cStride: number,
): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let l = 0; l < k; l++) {
        const left = m.view.getInt16(a + 2 * (i * k + l), true);
        const right = m.view.getInt16(b + 2 * (j * k + l), true);
        sum = (sum + left * right) | 0;
      }
      m.view.setInt32(c + 4 * (i * cStride + j), sum, true);
    }
  }
}
