import { addK, type K, mulK, subK, ZERO } from '../../field/index.ts';
import { getK, getScalar, type Memory, setK } from './memory.ts';

type Line = readonly [low: K, difference: K];

/** v[i] + X·(v[i + half] − v[i]). */
function line(m: Memory, v: number, stride: number, half: number, i: number): Line {
  const low = getK(m, v, stride, i);
  return [low, subK(getK(m, v, stride, i + half), low)];
}

/** Σ_{i<n} x(X)·y(X): out[0] = c0, out[1] = c2. */
export function quadraticRound(
  m: Memory,
  x: number,
  xStride: number,
  y: number,
  yStride: number,
  half: number,
  n: number,
  out: number,
  outStride: number,
): void {
  let c0: K = ZERO;
  let c2: K = ZERO;
  for (let i = 0; i < n; i++) {
    const [x0, dx] = line(m, x, xStride, half, i);
    const [y0, dy] = line(m, y, yStride, half, i);
    c0 = addK(c0, mulK(x0, y0));
    c2 = addK(c2, mulK(dx, dy));
  }
  setK(m, out, outStride, 0, c0);
  setK(m, out, outStride, 1, c2);
}

/** Σ_{i<n} e(X)·x(X)·y(X): out = c0, c2, c3. */
export function cubicRound(
  m: Memory,
  e: number,
  eStride: number,
  x: number,
  xStride: number,
  y: number,
  yStride: number,
  half: number,
  n: number,
  out: number,
  outStride: number,
): void {
  let c0: K = ZERO;
  let c2: K = ZERO;
  let c3: K = ZERO;
  for (let i = 0; i < n; i++) {
    const [e0, de] = line(m, e, eStride, half, i);
    const [x0, dx] = line(m, x, xStride, half, i);
    const [y0, dy] = line(m, y, yStride, half, i);
    const low = mulK(x0, y0);
    const middle = addK(mulK(x0, dy), mulK(dx, y0));
    const high = mulK(dx, dy);
    c0 = addK(c0, mulK(e0, low));
    c2 = addK(c2, addK(mulK(e0, high), mulK(de, middle)));
    c3 = addK(c3, mulK(de, high));
  }
  setK(m, out, outStride, 0, c0);
  setK(m, out, outStride, 1, c2);
  setK(m, out, outStride, 2, c3);
}

/** n[i] = N[2i]·D[2i+1] + N[2i+1]·D[2i], d[i] = D[2i]·D[2i+1], i < count. */
export function fractionLayer(
  m: Memory,
  childN: number,
  childNStride: number,
  childD: number,
  childDStride: number,
  n: number,
  nStride: number,
  d: number,
  dStride: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const n0 = getK(m, childN, childNStride, 2 * i);
    const n1 = getK(m, childN, childNStride, 2 * i + 1);
    const d0 = getK(m, childD, childDStride, 2 * i);
    const d1 = getK(m, childD, childDStride, 2 * i + 1);
    setK(m, n, nStride, i, addK(mulK(n0, d1), mulK(n1, d0)));
    setK(m, d, dStride, i, mulK(d0, d1));
  }
}

/** even[i] = src[2i], odd[i] = src[2i+1], i < n. */
export function deinterleave(
  m: Memory,
  src: number,
  srcStride: number,
  even: number,
  evenStride: number,
  odd: number,
  oddStride: number,
  n: number,
): void {
  for (let i = 0; i < n; i++) {
    setK(m, even, evenStride, i, getK(m, src, srcStride, 2 * i));
    setK(m, odd, oddStride, i, getK(m, src, srcStride, 2 * i + 1));
  }
}

/** Σ_{i<n} e[i]·(n0(X)·d1(X) + n1(X)·d0(X) + λ·d0(X)·d1(X)): out[0] = c0, out[1] = c2. */
export function fractionRound(
  m: Memory,
  e: number,
  eStride: number,
  n0: number,
  n0Stride: number,
  n1: number,
  n1Stride: number,
  d0: number,
  d0Stride: number,
  d1: number,
  d1Stride: number,
  lambda: number,
  half: number,
  n: number,
  out: number,
  outStride: number,
): void {
  const scale = getScalar(m, lambda);
  const value = (a: K, b: K, c: K, d: K): K =>
    addK(addK(mulK(a, d), mulK(b, c)), mulK(scale, mulK(c, d)));
  let c0: K = ZERO;
  let c2: K = ZERO;
  for (let i = 0; i < n; i++) {
    const weight = getK(m, e, eStride, i);
    const [a, da] = line(m, n0, n0Stride, half, i);
    const [b, db] = line(m, n1, n1Stride, half, i);
    const [c, dc] = line(m, d0, d0Stride, half, i);
    const [d, dd] = line(m, d1, d1Stride, half, i);
    c0 = addK(c0, mulK(weight, value(a, b, c, d)));
    c2 = addK(c2, mulK(weight, value(da, db, dc, dd)));
  }
  setK(m, out, outStride, 0, c0);
  setK(m, out, outStride, 1, c2);
}
