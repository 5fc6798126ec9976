import { describe, expect, it } from 'vitest';
import { besideEachOther, renderTable } from './table.ts';

describe('renderTable', () => {
  it('aligns columns under their titles', () => {
    const columns = [{ title: 'model' }, { title: 'prove', align: 'right' }] as const;
    expect(renderTable(columns, [['digits-cnn', '0.4 s'], ['mlp']])).toBe(
      ['model       prove', '──────────  ─────', 'digits-cnn  0.4 s', 'mlp'].join('\n'),
    );
  });

  it('counts colour escapes as nothing and a character outside the basic plane as one', () => {
    expect(renderTable([{ title: 'a' }, { title: 'b' }], [['\u001b[31mred\u001b[0m', '😀']])).toBe(
      ['a    b', '───  ─', '\u001b[31mred\u001b[0m  😀'].join('\n'),
    );
  });

  it('refuses a row that is too long', () => {
    expect(() => renderTable([{ title: 'a' }], [['1', '2']])).toThrow(
      new RangeError('renderTable: expected 1 cells, got 2'),
    );
  });
});

describe('besideEachOther', () => {
  it('fills short blocks up', () => {
    expect(besideEachOther([['██', '██'], ['label']], 2)).toEqual(['██  label', '██']);
  });
});
