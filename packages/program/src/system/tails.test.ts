import { expect, test } from 'vitest';
import type { Program } from '../types.ts';
import { tailsFit } from './work.ts';

/** An input of 2^18 elements, committed: a receipt says with which tail. */
const program: Program = {
  name: 'large',
  tensors: [
    { name: 'x', role: 'input', shape: [2 ** 18], range: { lo: 0, hi: 1 }, data: null, node: 0 },
  ],
  tables: [],
  relations: [],
  steps: [],
  inputs: [{ name: 'x', tensor: 0, shape: [2 ** 18], scale: 1, zero: 0, meaning: 'number' }],
  outputs: [],
  nodes: [{ name: 'node', operator: 'Test' }],
};

test('tails that leave a tensor more columns than any opening has are refused before they are laid out', () => {
  const rows = 2 ** 16;
  const fits = (left: number): boolean =>
    tailsFit(program, 16, {
      visibility: {
        inputs: [{ kind: 'committed', tailRows: rows - left }],
        outputs: [],
        weights: { kind: 'public' },
      },
      tailRows: 100,
      pads: 10,
    });
  // 2^12 columns of 64 rows each.
  expect([rows - 1, 1024, 64].map(fits)).toEqual([true, true, true]);
  expect([63, 16, 3, 1, 0].map(fits)).toEqual([false, false, false, false, false]);
});

test('and so are tails that leave many small tensors very many blocks', () => {
  const [x] = program.tensors;
  const small = { ...x, name: 'w', role: 'witness', shape: [2047], range: null } as const;
  const fits = (count: number): boolean => {
    const many = { ...program, tensors: new Array<Program['tensors'][0]>(count).fill(small) };
    const visibility = { inputs: [], outputs: [], weights: { kind: 'public' } as const };
    const profile = { visibility, tailRows: 2 ** 11, pads: 0 };
    return tailsFit({ ...many, inputs: [] }, 12, profile);
  };
  expect([1000, 20_000].map(fits)).toEqual([true, false]);
});
