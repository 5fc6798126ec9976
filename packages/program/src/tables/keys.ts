import type { Table, TableColumn } from '../types.ts';
import { columnValues } from './columns.ts';

/** Strictly increasing row by row: then rows are distinct in this column alone. */
function isIncreasing(column: TableColumn): boolean {
  if (column.kind === 'listed')
    return column.values.every((v, row) => row === 0 || v > (column.values[row - 1] ?? 0));
  let last = Number.NEGATIVE_INFINITY;
  for (const { rows, start, slope } of column.segments) {
    if (start <= last || (rows > 1 && slope <= 0)) return false;
    last = start + slope * (rows - 1);
  }
  return true;
}

/** Whether no two rows have one key, so that the other columns are functions of it. */
export function hasDistinctKeys(table: Table): boolean {
  const keys = table.columns.slice(0, table.keys);
  if (keys.some(isIncreasing)) return true;
  const columns = keys.map(columnValues);
  const seen = new Set<string>();
  for (let row = 0; row < table.rows; row++) {
    const key = columns.map((column) => column[row]).join();
    if (seen.has(key)) return false;
    seen.add(key);
  }
  return true;
}
