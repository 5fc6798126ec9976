import { expect, test } from 'vitest';
import { programOf, tensorOf } from '../../test/programs.ts';
import {
  decodeProgram,
  deriveSystem,
  encodeProgram,
  layoutProgram,
  renewalProgram,
  validateProgram,
} from '../index.ts';

const shapes = [[7, 3], [3], [], [40, 2, 5]];
const model = shapes.map((shape, i) =>
  tensorOf(`w${i}`, 'model', shape, { lo: -(2 ** (4 + 8 * i)), hi: 2 ** (4 + 8 * i) - 1 }),
);

test('every tensor twice, and their differences', () => {
  const program = renewalProgram(model);
  expect(validateProgram(program)).toMatchObject({ ok: true });
  expect(deriveSystem(program)).toMatchObject({ ok: true });
  expect(decodeProgram(encodeProgram(program))).toEqual({ ok: true, value: program });
  expect(program.tensors.map(({ role, shape, range }) => ({ role, shape, range }))).toEqual(
    [...model, ...model].map(({ role, shape, range }) => ({ role, shape, range })),
  );
  for (const [i, relation] of program.relations.entries()) {
    if (relation.kind !== 'zero') throw new Error('a lookup');
    expect(relation.dims).toEqual(shapes[i]);
    expect(relation.form.terms.map(({ tensor, coefficient }) => [tensor, coefficient])).toEqual([
      [i, 1],
      [i + shapes.length, -1],
    ]);
  }
});

test('the halves are laid out like the model', () => {
  const { renewed, earlier } = {
    renewed: renewalProgram(model),
    earlier: programOf({ tensors: model }),
  };
  const blocks = (of: typeof renewed, id: number) =>
    layoutProgram(of, 6)
      .blocks.get(id)
      ?.map(({ start, length }) => ({ start, length }));
  for (const i of shapes.keys()) {
    expect(blocks(renewed, i)).toEqual(blocks(earlier, i));
    expect(blocks(renewed, i + shapes.length)).toEqual(blocks(earlier, i));
  }
});

test('a tensor alone, of nearly the field', () => {
  const range = { lo: -1_000_000_000, hi: 1_013_265_919 };
  expect(deriveSystem(renewalProgram([{ name: 'x', shape: [5], range }]))).toMatchObject({
    ok: true,
  });
  const wide = { lo: -1_000_000_000, hi: 1_013_265_921 };
  expect(deriveSystem(renewalProgram([{ name: 'x', shape: [5], range: wide }]))).toMatchObject({
    error: { kind: 'program/wrap' },
  });
});
