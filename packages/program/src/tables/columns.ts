import type { Range, Table, TableColumn } from '../types.ts';

/** Smallest and largest value of a column. */
export function columnRange(column: TableColumn): Range {
  let lo = Number.POSITIVE_INFINITY;
  let hi = Number.NEGATIVE_INFINITY;
  const include = (value: number): void => {
    if (value < lo) lo = value;
    if (value > hi) hi = value;
  };
  if (column.kind === 'listed') column.values.forEach(include);
  else {
    for (const { rows, start, slope } of column.segments) {
      include(start);
      include(start + slope * (rows - 1));
    }
  }
  return { lo, hi };
}

/** All values of a column, row by row. */
export function columnValues(column: TableColumn): Int32Array {
  if (column.kind === 'listed') return Int32Array.from(column.values);
  let rows = 0;
  for (const segment of column.segments) rows += segment.rows;
  const values = new Int32Array(rows);
  let row = 0;
  for (const { rows: count, start, slope } of column.segments) {
    for (let j = 0; j < count; j++) values[row++] = start + slope * j;
  }
  return values;
}

/** The table of all integers of a range: one key column. */
export function rangeTable(name: string, range: Range): Table {
  const rows = range.hi - range.lo + 1;
  return {
    name,
    rows,
    keys: 1,
    columns: [{ kind: 'segments', segments: [{ rows, start: range.lo, slope: 1 }] }],
  };
}
