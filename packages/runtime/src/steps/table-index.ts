import { columnRange, columnValues, type Table } from '@assay/program';

/** Key boxes up to this many cells get a direct index; larger ones a hash map. */
const LARGEST_BOX = 2 ** 22;

/** A table made ready for lookups by key. */
export interface TableIndex {
  readonly columns: readonly Int32Array[];
  /** Row of a key, or −1. One array per key column, all read at position i. */
  readonly rowAt: (keys: readonly ArrayLike<number>[], i: number) => number;
}

/** Row of each key by position in the box of all keys, −1 where there is none. */
function boxIndex(
  keys: readonly Int32Array[],
  lows: readonly number[],
  spans: readonly number[],
  rows: number,
): TableIndex['rowAt'] {
  const cells = new Int32Array(spans.reduce((n, span) => n * span, 1)).fill(-1);
  for (let row = 0; row < rows; row++) {
    let cell = 0;
    keys.forEach((column, j) => {
      cell = cell * (spans[j] as number) + (column[row] as number) - (lows[j] as number);
    });
    cells[cell] = row;
  }
  const low = lows[0] as number;
  const span = spans[0] as number;
  if (keys.length === 1) {
    return (given, i) => {
      const offset = ((given[0] as ArrayLike<number>)[i] as number) - low;
      return offset >= 0 && offset < span ? (cells[offset] as number) : -1;
    };
  }
  return (given, i) => {
    let cell = 0;
    for (let j = 0; j < spans.length; j++) {
      const offset = ((given[j] as ArrayLike<number>)[i] as number) - (lows[j] as number);
      if (!(offset >= 0 && offset < (spans[j] as number))) return -1;
      cell = cell * (spans[j] as number) + offset;
    }
    return cells[cell] as number;
  };
}

function hashIndex(keys: readonly Int32Array[], rows: number): TableIndex['rowAt'] {
  const found = new Map<string, number>();
  for (let row = 0; row < rows; row++) found.set(keys.map((column) => column[row]).join(), row);
  return (given, i) => found.get(given.map((key) => (key[i] as number) + 0).join()) ?? -1;
}

const indexes = new WeakMap<Table, TableIndex>();

/** The index of a table; made once per table. */
export function tableIndex(table: Table): TableIndex {
  const known = indexes.get(table);
  if (known !== undefined) return known;
  const columns = table.columns.map(columnValues);
  const keys = columns.slice(0, table.keys);
  const ranges = table.columns.slice(0, table.keys).map(columnRange);
  const spans = ranges.map(({ lo, hi }) => hi - lo + 1);
  const box = spans.reduce((n, span) => n * span, 1);
  const rowAt =
    box <= LARGEST_BOX
      ? boxIndex(
          keys,
          ranges.map((range) => range.lo),
          spans,
          table.rows,
        )
      : hashIndex(keys, table.rows);
  const index = { columns, rowAt };
  indexes.set(table, index);
  return index;
}
