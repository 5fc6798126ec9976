import type { Range, Table, TableColumn, TableId } from '@assay/program';

type Segment = Extract<TableColumn, { kind: 'segments' }>['segments'][number];

/** A clamp table whose domain still grows: out = min(max(key, lo), hi). */
interface ClampTable {
  readonly id: TableId;
  readonly lo: number;
  readonly hi: number;
  domain: Range;
  /** Keys that every relation in which a key occurs tolerates (no-wrap). */
  tolerated: Range;
}

const span = (start: number, end: number, value: number | null): Segment[] =>
  end < start
    ? []
    : [{ rows: end - start + 1, start: value ?? start, slope: value === null ? 1 : 0 }];

const within = (inner: Range, outer: Range): boolean =>
  inner.lo >= outer.lo && inner.hi <= outer.hi;

const hull = (a: Range, b: Range): Range => ({
  lo: Math.min(a.lo, b.lo),
  hi: Math.max(a.hi, b.hi),
});

const overlap = (a: Range, b: Range): Range => ({
  lo: Math.max(a.lo, b.lo),
  hi: Math.min(a.hi, b.hi),
});

export const rowsOf = (range: Range): number => range.hi - range.lo + 1;

/** Largest table given by a formula, and by a list (the program format's limits). */
export const MAX_FORMULA_ROWS: number = 2 ** 20;
export const MAX_LISTED_ROWS: number = 2 ** 16;

/**
 * The program's tables, shared as far as their content allows. Clamp tables (relu is the clamp to [0, hi])
 * are shared by all sites with the same bounds; their domain is the hull of the sites' keys, as long as
 * every site's relation tolerates it.
 */
export class TableRegistry {
  private readonly tables: (Table | null)[] = [];
  private readonly clamps: ClampTable[] = [];
  private readonly listed: Map<string, TableId> = new Map();

  private reserve(): TableId {
    this.tables.push(null);
    return this.tables.length - 1;
  }

  /** Rows that a clamp of these keys would add to the program. */
  addedRows(lo: number, hi: number, keys: Range, tolerated: Range): number {
    const known = this.findClamp(lo, hi, keys, tolerated);
    return known === undefined
      ? rowsOf(keys)
      : rowsOf(hull(known.domain, keys)) - rowsOf(known.domain);
  }

  private findClamp(lo: number, hi: number, keys: Range, tolerated: Range): ClampTable | undefined {
    return this.clamps.find((c) => {
      const domain = hull(c.domain, keys);
      return (
        c.lo === lo &&
        c.hi === hi &&
        within(domain, overlap(c.tolerated, tolerated)) &&
        rowsOf(domain) <= MAX_FORMULA_ROWS
      );
    });
  }

  /**
   * Table of (key, min(max(key, lo), hi)) for all keys at least. `tolerated`: keys for which the relation
   * that the key occurs in still cannot wrap.
   */
  clamp(lo: number, hi: number, keys: Range, tolerated: Range): TableId {
    const known = this.findClamp(lo, hi, keys, tolerated);
    if (known !== undefined) {
      known.domain = hull(known.domain, keys);
      known.tolerated = overlap(known.tolerated, tolerated);
      return known.id;
    }
    const id = this.reserve();
    this.clamps.push({ id, lo, hi, domain: keys, tolerated });
    return id;
  }

  /**
   * A clamp table whose fixed points are `range`: (x, x) is a row exactly for them. Where `tolerated` is
   * given they may also be some more, all of them in there.
   */
  fixedPoints(
    range: Range,
    tolerated: Range | null,
  ): { readonly id: TableId; readonly range: Range } | null {
    if (this.hasRange(range)) return null;
    const fits = (c: ClampTable): boolean => {
      const points = { lo: c.lo, hi: c.hi };
      const wide =
        tolerated !== null && within(points, tolerated) && rowsOf(points) <= 4 * rowsOf(range);
      return within(points, c.domain) && within(range, points) && (wide || within(points, range));
    };
    const table = this.clamps.find(fits);
    return table === undefined ? null : { id: table.id, range: { lo: table.lo, hi: table.hi } };
  }

  private share(key: string, table: Table): TableId {
    const known = this.listed.get(key);
    if (known !== undefined) return known;
    const id = this.reserve();
    this.tables[id] = table;
    this.listed.set(key, id);
    return id;
  }

  hasRange(range: Range): boolean {
    return this.listed.has(`range ${range.lo} ${range.hi}`);
  }

  /** All integers of a range, one column. */
  range(range: Range): TableId {
    return this.share(`range ${range.lo} ${range.hi}`, {
      name: `range [${range.lo}, ${range.hi}]`,
      rows: rowsOf(range),
      keys: 1,
      columns: [{ kind: 'segments', segments: span(range.lo, range.hi, null) }],
    });
  }

  /** A function of consecutive keys, listed. */
  function(name: string, keys: Range, values: readonly number[]): TableId {
    return this.share(`function ${keys.lo} ${values.join(',')}`, {
      name,
      rows: rowsOf(keys),
      keys: 1,
      columns: [
        { kind: 'segments', segments: span(keys.lo, keys.hi, null) },
        { kind: 'listed', values },
      ],
    });
  }

  /** Consecutive keys with columns that are constant left of 0, at 0 and right of it. */
  threeWay(
    name: string,
    keys: Range,
    columns: readonly (readonly [number, number, number])[],
  ): TableId {
    const step = ([below, zero, above]: readonly [number, number, number]): TableColumn => ({
      kind: 'segments',
      segments: [...span(keys.lo, -1, below), ...span(0, 0, zero), ...span(1, keys.hi, above)],
    });
    return this.share(`three ${keys.lo} ${keys.hi} ${JSON.stringify(columns)}`, {
      name,
      rows: rowsOf(keys),
      keys: 1,
      columns: [{ kind: 'segments', segments: span(keys.lo, keys.hi, null) }, ...columns.map(step)],
    });
  }

  build(): Table[] {
    for (const { id, lo, hi, domain } of this.clamps) {
      this.tables[id] = {
        name: lo === 0 ? `relu to [0, ${hi}]` : `clamp to [${lo}, ${hi}]`,
        rows: rowsOf(domain),
        keys: 1,
        columns: [
          { kind: 'segments', segments: span(domain.lo, domain.hi, null) },
          {
            kind: 'segments',
            segments: [
              ...span(domain.lo, Math.min(lo - 1, domain.hi), lo),
              ...span(Math.max(lo, domain.lo), Math.min(hi, domain.hi), null),
              ...span(Math.max(hi + 1, domain.lo), domain.hi, hi),
            ],
          },
        ],
      };
    }
    return this.tables.flatMap((table) => (table === null ? [] : [table]));
  }
}
