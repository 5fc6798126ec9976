import { columnValues } from '../../tables/columns.ts';
import type { Table } from '../../types.ts';

/** Positions of a table over all keys between the smallest and the largest. */
export const MOST_TABLE_POSITIONS: number = 2 ** 24;

/** A table as a function of its keys: a box with one axis for each key. */
export interface TableBox {
  readonly dims: readonly number[];
  /** Smallest key by axis: coordinate = key − base. */
  readonly bases: readonly number[];
  /** Some keys of the box are no row of the table. */
  readonly partial: boolean;
}

/** Null if the box is too large. Caller must: have distinct keys. */
export function tableBox(table: Table): TableBox | null {
  const keys = table.columns.slice(0, table.keys).map(columnValues);
  const dims: number[] = [];
  const bases: number[] = [];
  let positions = 1;
  for (const values of keys) {
    let lo = Number.POSITIVE_INFINITY;
    let hi = Number.NEGATIVE_INFINITY;
    for (const value of values) {
      lo = Math.min(lo, value);
      hi = Math.max(hi, value);
    }
    dims.push(hi - lo + 1);
    bases.push(lo);
    positions *= hi - lo + 1;
  }
  if (!(positions <= MOST_TABLE_POSITIONS)) return null;
  return { dims, bases, partial: positions > table.rows };
}

/** A column, or membership, over the box; 0 where there is no row. */
export function tableValues(table: Table, box: TableBox, column: number | 'member'): Int32Array {
  const keys = table.columns.slice(0, table.keys).map(columnValues);
  const source = column === 'member' ? undefined : table.columns[column];
  const values = source === undefined ? null : columnValues(source);
  const out = new Int32Array(box.dims.reduce((n, length) => n * length, 1));
  for (let row = 0; row < table.rows; row++) {
    let at = 0;
    for (const [axis, length] of box.dims.entries())
      at = at * length + (keys[axis]?.[row] ?? 0) - (box.bases[axis] ?? 0);
    out[at] = values === null ? 1 : (values[row] ?? 0);
  }
  return out;
}
