import { addK, mulF, powF, rootOfUnity, scaleK, toF } from '../../field/index.ts';
import {
  fromMontgomery,
  getK,
  getScalar,
  int,
  type Memory,
  setK,
  setWord,
  toMontgomery,
  word,
} from './memory.ts';

function reverseBits(value: number, bits: number): number {
  let reversed = 0;
  for (let b = 0; b < bits; b++) reversed = reversed * 2 + (Math.floor(value / 2 ** b) % 2);
  return reversed;
}

/**
 * table[b] = ω^rev(b) in Montgomery form, b < 2^logSize, ω of order 2^(logSize+1), rev over logSize
 * bits. A prefix of length 2^j is the table for j. roots[j] = the primitive root of order 2^(j+2).
 */
export function twiddles(m: Memory, table: number, logSize: number, _roots: number): void {
  const omega = rootOfUnity(logSize + 1);
  for (let b = 0; b < 2 ** logSize; b++) {
    setWord(m, table + 4 * b, toMontgomery(powF(omega, reverseBits(b, logSize))));
  }
}

/**
 * Rows of the code of `count` columns of M = 2^logM words, on the cosets t in [cosetFrom, cosetTo)
 * of the subgroup of order M in the one of order H = M·2^mu: with s = rev_mu(t), row i = 2^mu·q + s holds
 *
 *   rows[i·wordsPerRow + c] = Σ_j column_c[j]·ω_H^(i·j)   (canonical),   q < M, c < count.
 *
 * columns: pointers (null: zero column) to int32 (montgomery = 0) or Montgomery words (montgomery = 1).
 * twiddles: the table for log2 H − 1. width: 4·width columns are worked on together, 1 to 4.
 * scratch: 32·M·width bytes.
 */
export function encode(
  m: Memory,
  columns: number,
  count: number,
  montgomery: number,
  logM: number,
  mu: number,
  cosetFrom: number,
  cosetTo: number,
  _twiddles: number,
  _scratch: number,
  _width: number,
  rows: number,
  wordsPerRow: number,
): void {
  const size = 2 ** logM;
  const omega = rootOfUnity(logM + mu);
  for (let t = cosetFrom; t < cosetTo; t++) {
    for (let q = 0; q < size; q++) {
      const i = 2 ** mu * q + reverseBits(t, mu);
      const x = powF(omega, i);
      for (let c = 0; c < count; c++) {
        const column = word(m, columns + 4 * c);
        let sum = 0;
        for (let j = size - 1; j >= 0 && column !== 0; j--) {
          const at = column + 4 * j;
          const value = montgomery === 1 ? fromMontgomery(word(m, at)) : toF(int(m, at));
          sum = (mulF(sum, x) + value) % 2013265921;
        }
        setWord(m, rows + 4 * (i * wordsPerRow + c), sum);
      }
    }
  }
}

/** y[j] += Σ_l coefficients[l]·xs[l]^j, j < n, l < count; xs in Montgomery form. scratch: 288·count bytes. */
export function addPowers(
  m: Memory,
  xs: number,
  coefficients: number,
  count: number,
  y: number,
  yStride: number,
  n: number,
  _scratch: number,
): void {
  for (let l = 0; l < count; l++) {
    const x = fromMontgomery(word(m, xs + 4 * l));
    let power = getScalar(m, coefficients + 20 * l);
    for (let j = 0; j < n; j++) {
      setK(m, y, yStride, j, addK(getK(m, y, yStride, j), power));
      power = scaleK(power, x);
    }
  }
}
