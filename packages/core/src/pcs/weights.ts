import { addK, type K, mulK, ZERO } from '../field/index.ts';
import { eqTable, powerMle } from '../poly/index.ts';

/** z^(2^logExponent). */
export function powerOfTwoK(z: K, logExponent: number): K {
  let power = z;
  for (let i = 0; i < logExponent; i++) power = mulK(power, power);
  return power;
}

/** first, first·z, first·z², …: `count` of them. */
export function powersK(z: K, count: number, first: K): K[] {
  const powers: K[] = [];
  let next = first;
  for (let i = 0; i < count; i++) {
    powers.push(next);
    next = mulK(next, z);
  }
  return powers;
}

/** Columns [first, first + count) of the virtual polynomial. */
export interface ColumnRange {
  readonly first: number;
  readonly count: number;
}

/**
 * The power weight of one root's columns: entry (first + c, y) = z^(c·M + y) for c < count, y < M,
 * and zero in all other columns. With it an out-of-domain answer Σ_c z^(c·M)·p_c(z) is a claim about
 * the virtual polynomial. Its multilinear extension at `point` (first coordinates = column bits):
 *
 *   Σ_{c<count} eq(first + c, point_hi)·z^(cM) · Π_j (1 + point_lo,j·(z^(2^(logRows−j)) − 1))
 *
 * Cost: 3·2^k_0 + 3·logRows products.
 */
export function evaluatePowerWeight(
  z: K,
  logRows: number,
  range: ColumnRange,
  point: readonly K[],
): K {
  const variables = point.length - logRows;
  const eq = eqTable(point.slice(0, variables));
  const step = powerOfTwoK(z, logRows);
  // Horner in z^M, last column first.
  let columns: K = ZERO;
  for (let c = range.count - 1; c >= 0; c--) {
    columns = addK(mulK(columns, step), eq[range.first + c] ?? ZERO);
  }
  return mulK(columns, powerMle(z, point.slice(variables)));
}
