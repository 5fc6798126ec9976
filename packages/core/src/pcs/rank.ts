import { equalK, frobeniusK, invF, type K, mulF, subF } from '../field/index.ts';

/** Dimension of the F-space that elements of K = F^5 span: Gaussian elimination, each against what came before. */
export function rankOverBase(elements: readonly K[]): number {
  const basis: { readonly pivot: number; readonly row: readonly number[] }[] = [];
  for (const element of elements) {
    let row: readonly number[] = element;
    for (const { pivot, row: known } of basis) {
      const factor = row[pivot] ?? 0;
      row = row.map((v, i) => subF(v, mulF(factor, known[i] ?? 0)));
    }
    const pivot = row.findIndex((v) => v !== 0);
    if (pivot < 0) continue;
    const inverse = invF(row[pivot] ?? 1);
    basis.push({ pivot, row: row.map((v) => mulF(v, inverse)) });
    if (basis.length === element.length) break;
  }
  return basis.length;
}

/**
 * Whether answers at these points are independent of each other as functionals over F, five for each:
 * no point lies in F, no two are conjugates. Otherwise random rows of a column, five for each answer,
 * would not cover what the answers show.
 */
export function isIndependentPoints(points: readonly K[]): boolean {
  return points.every((z, i) => {
    const [, ...rest] = z;
    if (rest.every((v) => v === 0)) return false;
    const conjugates = [0, 1, 2, 3, 4].map((power) => frobeniusK(z, power));
    return points.slice(0, i).every((other) => !conjugates.some((c) => equalK(c, other)));
  });
}
