import { columnValues } from '@assay/program';
import { describe, expect, it } from 'vitest';
import { TableRegistry } from './tables.ts';

const any = { lo: -(2 ** 29), hi: 2 ** 29 };

describe('tables', () => {
  it('clamps of the same bounds are one, over the hull of their keys', () => {
    const tables = new TableRegistry();
    const a = tables.clamp(0, 7, { lo: -3, hi: 9 }, any);
    expect(tables.addedRows(0, 7, { lo: -5, hi: 4 }, any)).toBe(2);
    expect(tables.clamp(0, 7, { lo: -5, hi: 4 }, any)).toBe(a);
    const [table] = tables.build();
    expect(table?.rows).toBe(15);
    const [keys, values] = (table?.columns ?? []).map((c) => [...columnValues(c)]);
    expect(values).toEqual(keys?.map((k) => Math.min(Math.max(k, 0), 7)));
  });

  it('a key that a site cannot tolerate makes a second one', () => {
    const tables = new TableRegistry();
    const a = tables.clamp(0, 7, { lo: -3, hi: 9 }, { lo: -10, hi: 10 });
    const b = tables.clamp(0, 7, { lo: -20, hi: 9 }, any);
    expect(b).not.toBe(a);
    expect(tables.build().map((t) => t.rows)).toEqual([13, 30]);
  });

  it('ranges and functions are shared by content', () => {
    const tables = new TableRegistry();
    expect(tables.range({ lo: 0, hi: 3 })).toBe(tables.range({ lo: 0, hi: 3 }));
    expect(tables.range({ lo: 0, hi: 3 })).not.toBe(tables.range({ lo: 0, hi: 4 }));
    const f = tables.function('f', { lo: 0, hi: 2 }, [4, 5, 6]);
    expect(tables.function('g', { lo: 0, hi: 2 }, [4, 5, 6])).toBe(f);
    expect(tables.function('g', { lo: 1, hi: 3 }, [4, 5, 6])).not.toBe(f);
  });

  it('blocks are constant left of, at and right of zero', () => {
    const tables = new TableRegistry();
    tables.threeWay('blocks', { lo: -2, hi: 1 }, [
      [0, 1, 0],
      [5, 5, 9],
    ]);
    const columns = (tables.build()[0]?.columns ?? []).map((c) => [...columnValues(c)]);
    expect(columns).toEqual([
      [-2, -1, 0, 1],
      [0, 0, 1, 0],
      [5, 5, 5, 9],
    ]);
  });

  it('fixed points are exactly a range, or some more where that is tolerated', () => {
    const tables = new TableRegistry();
    const relu = tables.clamp(0, 7, { lo: -3, hi: 9 }, any);
    expect(tables.fixedPoints({ lo: 0, hi: 7 }, null)?.id).toBe(relu);
    expect(tables.fixedPoints({ lo: 0, hi: 5 }, null)).toBeNull();
    expect(tables.fixedPoints({ lo: 0, hi: 5 }, any)?.range).toEqual({ lo: 0, hi: 7 });
    expect(tables.fixedPoints({ lo: 0, hi: 5 }, { lo: 0, hi: 6 })).toBeNull();
    // A table that does not reach its upper bound has not all of them as rows.
    const low = new TableRegistry();
    low.clamp(0, 7, { lo: -3, hi: 4 }, any);
    expect(low.fixedPoints({ lo: 0, hi: 7 }, null)).toBeNull();
  });
});
