import { columnValues, type Table } from '@assay/program';

/** Rows by their key, `k_1,k_2,…`. */
export function rowsByKey(table: Table): Map<string, number[]> {
  const columns = table.columns.map(columnValues);
  const rows = new Map<string, number[]>();
  for (let row = 0; row < table.rows; row++) {
    const values = columns.map((column) => column[row] as number);
    rows.set(values.slice(0, table.keys).join(), values);
  }
  return rows;
}
