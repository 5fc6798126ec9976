import { addK, type K, scaleK, toF, ZERO } from '@assay/core/field';
import { evaluateIntegerMle, rangeIndexSum, rangeSum } from '@assay/core/poly';
import type { TableColumn } from '../types.ts';

/**
 * Σ_{i < length} eq(point, i) · column(start + i): a block of a table column at a point. Closed form
 * for segments, O(segments · bits); one pass over the rows for listed columns.
 */
export function columnWeight(
  column: TableColumn,
  point: readonly K[],
  start: number,
  length: number,
): K {
  if (column.kind === 'listed')
    return evaluateIntegerMle(column.values.slice(start, start + length), point);
  let sum: K = ZERO;
  let row = 0;
  for (const segment of column.segments) {
    const from = Math.max(row, start);
    const to = Math.min(row + segment.rows, start + length);
    if (from < to) {
      // value at block position i: segment.start + slope·(start + i − row)
      const a = from - start;
      const b = to - start;
      const ones = rangeSum(a, b, point);
      const indices = rangeIndexSum(a, b, point);
      const base = toF(segment.start + segment.slope * (start - row));
      sum = addK(sum, addK(scaleK(ones, base), scaleK(indices, toF(segment.slope))));
    }
    row += segment.rows;
  }
  return sum;
}
