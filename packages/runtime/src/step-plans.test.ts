import type { TensorId } from '@assay/program';
import { describe, expect, it } from 'vitest';
import { execute, executeReference } from './index.ts';
import { affine, form, functionTable, product, ProgramBuilder, term } from './testing/index.ts';

const IDENTITY = functionTable('f', { lo: 0, hi: 1 }, (v) => v);

interface Scene {
  readonly b: ProgramBuilder;
  readonly x: TensorId;
  readonly y: TensorId;
  readonly z: TensorId;
}

const NOT_WHOLE = 'tensor "y" is not one whole term of its relation';
const ONE_PRODUCT = 'division needs one product without sums';
const NOT_ENTRY = 'entry 1 is not the whole tensor of the step';

/** Steps on a scalar input x and scalar witnesses y, z, which do not fit their relation; and what is said. */
const MISFITS: Readonly<Record<string, readonly [(scene: Scene) => void, string]>> = {
  'digits of a lookup': [
    ({ b, x, y }) =>
      b.digits(b.lookup([], b.table(IDENTITY), [b.wholeForm(x), b.wholeForm(y)]), [[y, 0]]),
    'relation 0 is not a zero relation',
  ],
  'digit that does not occur': [
    ({ b, x, y }) => b.digits(b.zero([], b.wholeForm(x)), [[y, 0]]),
    NOT_WHOLE,
  ],
  'digit that occurs twice': [
    ({ b, x, y }) => b.digits(b.zero([], form([b.whole(x), b.whole(y), b.whole(y)])), [[y, 0]]),
    NOT_WHOLE,
  ],
  'digit that is summed': [
    ({ b, x, y }) => b.digits(b.zero([], form([b.whole(x), term(y, [], 1, [2])])), [[y, 0]]),
    NOT_WHOLE,
  ],
  'digit that is broadcast': [
    ({ b, x, y }) => b.digits(b.zero([2], form([term(x, []), term(y, [])])), [[y, 0]]),
    NOT_WHOLE,
  ],
  'last coefficient 2': [
    ({ b, x, y }) => b.digits(b.zero([], form([b.whole(x), b.whole(y, 2)])), [[y, 0]]),
    'the least significant digit needs coefficient 1 or -1',
  ],
  'digits out of order': [
    ({ b, x, y, z }) =>
      b.digits(b.zero([], form([b.whole(x), b.whole(y), b.whole(z, 3)])), [
        [y, 0],
        [z, 0],
      ]),
    'the least significant digit needs coefficient 1 or -1',
  ],
  'digits of coefficients that do not divide': [
    ({ b, x, y, z }) => {
      const w = b.witness('w', []);
      b.digits(b.zero([], form([b.whole(x), b.whole(w, 6), b.whole(y, 4), b.whole(z)])), [
        [w, 0],
        [y, 0],
        [z, 0],
      ]);
    },
    'each digit coefficient must divide the one before',
  ],
  'digit that its own relation multiplies': [
    ({ b, x, y }) =>
      b.digits(b.zero([], b.wholeForm(y), [product(b.wholeForm(x), b.wholeForm(y))]), [[y, 0]]),
    'tensor "y": is read before it has a value',
  ],
  'division of a linear relation': [
    ({ b, x, y, z }) => b.divideStep(b.zero([], form([b.whole(x), b.whole(y)])), z, y),
    ONE_PRODUCT,
  ],
  'division with two products': [
    ({ b, x, y, z }) => {
      const q = product(b.wholeForm(z), b.wholeForm(x));
      const other = product(b.wholeForm(x), b.wholeForm(x));
      b.divideStep(b.zero([], b.wholeForm(y), [q, other]), z, y);
    },
    ONE_PRODUCT,
  ],
  'division with a summed product': [
    ({ b, x, y, z }) => {
      const q = product(b.wholeForm(z), b.wholeForm(x), [2]);
      b.divideStep(b.zero([], b.wholeForm(y), [q]), z, y);
    },
    ONE_PRODUCT,
  ],
  'division with a shifted quotient': [
    ({ b, x, y, z }) => {
      const q = product(form([b.whole(z)], 1), b.wholeForm(x));
      b.divideStep(b.zero([], b.wholeForm(y), [q]), z, y);
    },
    ONE_PRODUCT,
  ],
  'division with a second term beside the quotient': [
    ({ b, x, y, z }) => {
      const q = product(form([b.whole(z), b.whole(x)]), b.wholeForm(x));
      b.divideStep(b.zero([], b.wholeForm(y), [q]), z, y);
    },
    'division needs c·q·D + r + rest = 0',
  ],
  'division with a remainder of coefficient 2': [
    ({ b, x, y, z }) => {
      const q = product(b.wholeForm(z), b.wholeForm(x));
      b.divideStep(b.zero([], form([b.whole(y, 2)]), [q]), z, y);
    },
    'division needs c·q·D + r + rest = 0',
  ],
  'lookup of a key column': [
    ({ b, x, y }) => {
      const relation = b.lookup([], b.table(IDENTITY), [b.wholeForm(y), b.wholeForm(x)]);
      b.lookupStep(relation, [[0, y]]);
    },
    'column 0 is not a value column',
  ],
  'lookup of a column that is not there': [
    ({ b, x, y }) => {
      const relation = b.lookup([], b.table(IDENTITY), [b.wholeForm(x), b.wholeForm(y)]);
      b.lookupStep(relation, [[2, y]]);
    },
    'column 2 is not a value column',
  ],
  'lookup of a scaled entry': [
    ({ b, x, y }) => {
      const relation = b.lookup([], b.table(IDENTITY), [b.wholeForm(x), form([b.whole(y, 2)])]);
      b.lookupStep(relation, [[1, y]]);
    },
    NOT_ENTRY,
  ],
  'lookup of a summed entry': [
    ({ b, x, y }) => {
      const entry = form([term(y, [], 1, [2])]);
      b.lookupStep(b.lookup([], b.table(IDENTITY), [b.wholeForm(x), entry]), [[1, y]]);
    },
    NOT_ENTRY,
  ],
  'lookup of a shifted entry': [
    ({ b, x, y }) => {
      const relation = b.lookup([], b.table(IDENTITY), [b.wholeForm(x), form([b.whole(y)], 1)]);
      b.lookupStep(relation, [[1, y]]);
    },
    NOT_ENTRY,
  ],
  'lookup of a zero relation': [
    ({ b, x, y }) => b.lookupStep(b.zero([], b.wholeForm(x)), [[1, y]]),
    'relation 0 is not a lookup',
  ],
  'tensor that is read before it has a value': [
    ({ b, y, z }) => b.define(z, b.wholeForm(y)),
    'tensor "y": is read before it has a value',
  ],
};

describe.each([
  ['reference', executeReference],
  ['fast', (...args: Parameters<typeof executeReference>) => execute(...args, null)],
] as const)('%s executor refuses steps that do not fit their relation', (_, run) => {
  it.each(Object.entries(MISFITS))('%s', (_name, [make, what]) => {
    const b = new ProgramBuilder();
    b.node('n', 'Op');
    const [x, y, z] = [b.input('x', [], { lo: 0, hi: 9 }), b.witness('y', []), b.witness('z', [])];
    make({ b, x, y, z });
    expect(() => run(b.build(), new Map(), new Map([[x, Int32Array.of(1)]]))).toThrow(
      expect.objectContaining({
        code: 'ASSAY_PROGRAM_STEP',
        shortMessage: `node "n" (Op): ${what}`,
      }),
    );
  });

  it('but takes whole tensors in any equal form', () => {
    const b = new ProgramBuilder();
    const x = b.input('x', [6], { lo: 0, hi: 9 });
    const y = b.witness('y', [6]);
    const split = affine(0, [0, 3], [1, 1]);
    b.digits(b.zero([2, 3], form([term(x, [split]), term(y, [split], -1)])), [[y, 0]]);
    const values = Int32Array.of(1, 2, 3, 4, 5, 6);
    expect(run(b.build(), new Map(), new Map([[x, values]])).get(y)).toEqual(values);
  });
});
