import { expect, test } from 'vitest';
import { programOf, tensorOf } from '../../test/programs.ts';
import {
  decodeProgram,
  deriveSystem,
  encodeProgram,
  layoutProgram,
  type Program,
  renewalProgram,
  renewedTensors,
  validateProgram,
} from '../index.ts';

const shapes = [[7, 3], [3], [], [40, 2, 5]];
const model = programOf({
  tensors: [
    tensorOf('x', 'input', [2], { lo: 0, hi: 1 }),
    ...shapes.map((shape, i) =>
      tensorOf(`w${i}`.repeat(256), 'model', shape, { lo: -(2 ** (4 + 8 * i)), hi: 5 }),
    ),
  ],
});

test('a program of every model tensor twice, and their differences', () => {
  const program = renewalProgram(renewedTensors(model));
  expect(validateProgram(program)).toMatchObject({ ok: true });
  expect(deriveSystem(program)).toMatchObject({ ok: true });
  expect(decodeProgram(encodeProgram(program))).toEqual({ ok: true, value: program });
  expect(program.tensors.map(({ role, shape }) => ({ role, shape }))).toEqual(
    [...shapes, ...shapes].map((shape) => ({ role: 'model', shape })),
  );
  expect(program.relations.length).toBe(shapes.length);
  for (const [i, relation] of program.relations.entries()) {
    if (relation.kind !== 'zero') throw new Error('a lookup');
    expect(relation.dims).toEqual(shapes[i]);
    expect(relation.form.constant).toBe(0);
    expect(relation.form.terms.map(({ tensor, coefficient }) => [tensor, coefficient])).toEqual([
      [i, 1],
      [i + shapes.length, -1],
    ]);
  }
});

test('both halves have the blocks of the model', () => {
  const blocks = (program: Program, id: number): unknown =>
    layoutProgram(program, 6)
      .blocks.get(id)
      ?.map(({ start, length }) => ({ start, length }));
  const renewal = renewalProgram(renewedTensors(model));
  for (const i of shapes.keys()) {
    expect(blocks(renewal, i)).toEqual(blocks(model, i + 1));
    expect(blocks(renewal, i + shapes.length)).toEqual(blocks(model, i + 1));
  }
});
