import { P } from '@assay/core/field';
import type { TensorId } from '@assay/program';
import { describe, expect, it } from 'vitest';
import { checkRelations, describeViolation, executeReference } from '../index.ts';
import {
  along,
  form,
  functionTable,
  mlpToy,
  product,
  ProgramBuilder,
  seededDraw,
  term,
} from '../testing/index.ts';

describe('checkRelations', () => {
  it('names relation, index, node and residual', () => {
    const b = new ProgramBuilder();
    b.node('add', 'Add');
    const x = b.input('x', [2, 3], { lo: -9, hi: 9 });
    const y = b.witness('y', [2, 3]);
    b.define(y, form([b.whole(x, 2)]));
    const program = b.build();
    const honest = executeReference(
      program,
      new Map(),
      new Map([[x, Int32Array.of(1, 2, 3, 4, 5, 6)]]),
    );
    const changed = new Map(honest).set(y, (honest.get(y) as Int32Array).with(4, 7));
    const violations = checkRelations(program, new Map(), changed);
    expect(violations).toEqual([
      { kind: 'zero', relation: 0, index: [1, 1], node: 0, residual: 3n, wraps: false },
    ]);
    expect(violations.map((v) => describeViolation(program, v))).toEqual([
      'node "add" (Add): relation 0 at [1,1] is 3, not 0',
    ]);
  });

  it('tells what only holds mod p from what does not hold at all', () => {
    const b = new ProgramBuilder();
    const x = b.input('x', [], { lo: -1000, hi: 1000 });
    const y = b.witness('y', []);
    b.define(y, form([b.whole(x, 1_000_000)]));
    const z = b.witness('z', []);
    const table = functionTable('f', { lo: 0, hi: 9 }, (v) => v);
    b.apply(form([b.whole(y)], -1_000_000), [], table, z);
    const program = b.build();
    const at = (xv: number, yv: number, zv: number) =>
      checkRelations(
        program,
        new Map(),
        new Map([
          [x, Int32Array.of(xv)],
          [y, Int32Array.of(yv)],
          [z, Int32Array.of(zv)],
        ]),
      );
    expect(at(1, 1_000_000, 0)).toEqual([]);
    expect(at(1, 1_000_000 - P, 0)).toEqual([
      { kind: 'zero', relation: 0, index: [], node: 0, residual: BigInt(P), wraps: true },
      { kind: 'lookup', relation: 1, index: [], node: 0, entries: [BigInt(-P), 0n], wraps: true },
    ]);
    expect(at(1, 1_000_000, 1)).toMatchObject([
      { kind: 'lookup', entries: [0n, 1n], wraps: false },
    ]);
    const [wrapping] = at(1, 1_000_000 - P, 0);
    expect(describeViolation(program, wrapping as NonNullable<typeof wrapping>)).toContain(
      '(but 0 mod p)',
    );
  });

  it('is exact beyond 2^53', () => {
    const b = new ProgramBuilder();
    const x = b.input('x', [2], { lo: -(2 ** 30), hi: 2 ** 30 });
    const y = b.witness('y', []);
    // x0·x0 + y − 2^60 = 0 with a residual that doubles cannot see.
    const square = product(form([term(x, [along(0)])]), form([term(x, [along(0)])]), [2]);
    const minus = product(form([], 2 ** 30), form([], 2 ** 30), [], -2);
    const relation = b.zero([], form([b.whole(y)]), [square, minus]);
    b.digits(relation, [[y, 0]]);
    const table = functionTable('f', { lo: 0, hi: 1 }, (v) => v);
    b.lookup([], b.table(table), [form([b.whole(y)]), form([term(x, [along(0)], 2 ** 30, [2])])]);
    const program = b.build();
    const top = Int32Array.of(2 ** 30, 2 ** 30);
    const found = checkRelations(
      program,
      new Map(),
      new Map([
        [x, top],
        [y, Int32Array.of(1)],
      ]),
    );
    expect(found).toEqual([
      { kind: 'zero', relation: 0, index: [], node: 0, residual: 1n, wraps: false },
      { kind: 'lookup', relation: 1, index: [], node: 0, entries: [1n, 2n ** 61n], wraps: false },
    ]);
    const fine = checkRelations(
      program,
      new Map(),
      new Map([
        [x, Int32Array.of(2 ** 30, -(2 ** 30))],
        [y, Int32Array.of(0)],
      ]),
    );
    expect(fine).toEqual([]);
  });

  it('reports declared ranges of inputs, outputs and weights', () => {
    const b = new ProgramBuilder();
    const x = b.input('x', [2], { lo: 0, hi: 3 });
    const w = b.model('w', [1], { lo: -1, hi: 1 });
    const y = b.output('y', [2], { lo: 0, hi: 3 });
    b.define(y, b.wholeForm(x));
    const program = b.build();
    const values = Int32Array.of(3, 4);
    const violations = checkRelations(
      program,
      new Map([[w, Int32Array.of(-2)]]),
      new Map([
        [x, values],
        [y, values],
      ]),
    );
    expect(violations).toEqual([
      { kind: 'range', tensor: x, index: [1], node: 0, value: 4 },
      { kind: 'range', tensor: w, index: [0], node: 0, value: -2 },
      { kind: 'range', tensor: y, index: [1], node: 0, value: 4 },
    ]);
    const [first] = violations;
    expect(describeViolation(program, first as NonNullable<typeof first>)).toContain(
      'tensor "x" at [1]: 4 is outside',
    );
  });

  it('stops at the limit', () => {
    const { program, weights, inputs } = mlpToy(seededDraw(1));
    const zeros = new Map<TensorId, Int32Array>(
      [...executeReference(program, weights, inputs)].map(([id, data]) => [
        id,
        inputs.has(id) ? data : data.map(() => 0),
      ]),
    );
    const all = checkRelations(program, weights, zeros);
    expect(all.length).toBeGreaterThan(3);
    expect(checkRelations(program, weights, zeros, { limit: 3 })).toEqual(all.slice(0, 3));
  });

  it('refuses traces without a tensor, or with one of the wrong size', () => {
    const { program, weights, inputs } = mlpToy(seededDraw(1));
    expect(() => checkRelations(program, weights, inputs)).toThrow(RangeError);
    const honest = executeReference(program, weights, inputs);
    const short = new Map(honest).set(0, new Int32Array(2));
    expect(() => checkRelations(program, weights, short)).toThrow(
      /expected 6 values of tensor x, got 2/,
    );
  });
});
