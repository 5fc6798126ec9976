import {
  decodeProgram,
  deriveSystem,
  encodeProgram,
  type Program,
  type Range,
  registrationProgram,
  registrationWeights,
  type Weights,
} from '@assay/program';
import { describe, expect, test } from 'vitest';
import { checkRelations } from '../check/check-relations.ts';
import { execute } from '../execute.ts';
import { along, drawTensor, form, ProgramBuilder, product, seededDraw, term } from './builder.ts';
import { intervalOf, withDeclared } from './declared-program.ts';
import { maxPoolToy, mlpToy, resume } from './index.ts';

/** y[o] = Σ_k x[k]·w[k, o] + bias[o] with its exact interval declared. */
function dense(
  inputs: number,
  outputs: number,
  { w, x, bias }: { readonly w: Range; readonly x: Range; readonly bias: Range },
  draw: (range: Range, shape: readonly number[]) => Int32Array,
): { readonly program: Program; readonly weights: Weights } {
  const b = new ProgramBuilder('dense');
  b.node('dense', 'Gemm');
  const [a, m, c] = [
    b.input('x', [inputs], x),
    b.model('w', [inputs, outputs], w),
    b.model('bias', [outputs], bias),
  ];
  const y = b.output('y', [outputs], { lo: 0, hi: 0 });
  const sum = product(form([term(a, [along(1)])]), form([term(m, [along(1), along(0)])]), [inputs]);
  const value = form([term(c, [along(0)]), b.whole(y, -1)]);
  b.digits(b.zero([outputs], value, [sum], { lo: 0, hi: 0 }), [[y, 0]]);
  const weights = new Map([
    [m, draw(w, [inputs, outputs])],
    [c, draw(bias, [outputs])],
  ]);
  const program = b.build();
  const declared = intervalOf(program, weights);
  if (declared === null) throw new Error('no interval');
  return { program: withDeclared(program, declared), weights };
}

function registered(program: Program): Program {
  const made = registrationProgram(program);
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return made.value;
}

/** Whether the relations hold for what the steps give. */
function isProvable(program: Program, weights: Weights): boolean {
  const made = registered(program);
  const own = registrationWeights(program, weights);
  const zeros = made.tensors.flatMap(({ role, shape }, id) =>
    role === 'witness' ? [[id, new Int32Array(shape.reduce((a, b) => a * b, 1))] as const] : [],
  );
  const trace = resume(made, new Map([...zeros, ...own]), 0);
  return checkRelations(made, own, trace).length === 0;
}

describe('sums that could wrap', () => {
  const draw = seededDraw(11);
  const bytes16 = { lo: -(2 ** 15), hi: 2 ** 15 - 1 };
  const large = dense(
    30_000,
    2,
    { w: bytes16, x: { lo: 0, hi: 1 }, bias: { lo: -(2 ** 28), hi: 2 ** 28 - 1 } },
    (range, shape) => drawTensor(shape, range, draw),
  );

  test('are cut into pieces that cannot', () => {
    const { program, weights } = large;
    const made = registered(program);
    expect(deriveSystem(made)).toMatchObject({ ok: true });
    const own = registrationWeights(program, weights);
    const trace = execute(made, own, new Map(), null);
    expect(checkRelations(made, own, trace)).toEqual([]);
    // About one element for each weight.
    const elements = made.tensors
      .filter(({ role }) => role === 'witness')
      .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    expect(elements).toBeLessThan(1.01 * 60_000);
  });

  test('every piece counts: one weight more, anywhere, is too much', () => {
    const { program, weights } = large;
    const [[id, values] = [0, new Int32Array()]] = weights;
    const { lo, hi } = intervalOf(program, weights) ?? { lo: 0, hi: 0 };
    for (const k of [0, 7_499, 7_500, 14_999, 15_000, 22_500, 29_999]) {
      for (const sign of [1, -1]) {
        // Of each output: its weight one further from 0, so that one of the bounds moves.
        const other = values.map((w, i) =>
          Math.floor(i / 2) === k ? (Math.sign(w) === sign ? w + sign : sign) : w,
        );
        const moved = new Map(weights).set(id, other);
        const now = intervalOf(program, moved) ?? { lo: 0, hi: 0 };
        expect(isProvable(program, moved)).toBe(now.lo >= lo && now.hi <= hi);
        expect(isProvable(withDeclared(program, now), moved)).toBe(true);
      }
    }
  });

  test('sums that are too many are refused', () => {
    const b = new ProgramBuilder('many');
    b.node('many', 'Sum');
    const c = b.model('c', [1], { lo: 0, hi: 1 });
    for (let relation = 0; relation < 66; relation++) {
      const y = b.output(`y${relation}`, [1], { lo: 0, hi: 1000 });
      const terms = Array.from({ length: 1000 }, () => b.whole(c));
      const sum = b.zero([1], form([...terms, b.whole(y, -1)]), [], { lo: 0, hi: 1000 });
      b.digits(sum, [[y, 0]]);
    }
    expect(registrationProgram(b.build())).toMatchObject({
      error: { kind: 'program/limit', what: 'sums of weights in declared intervals' },
    });
  });

  test('or refused, with the node', () => {
    const w = { lo: -(2 ** 30), hi: 2 ** 30 - 1 };
    const { program } = dense(3, 1, { w, x: { lo: 0, hi: 1 }, bias: bytes16 }, (_, shape) =>
      drawTensor(shape, { lo: -5, hi: 5 }, draw),
    );
    expect(deriveSystem(program)).toMatchObject({ ok: true });
    expect(registrationProgram(program)).toMatchObject({
      ok: false,
      error: { kind: 'program/wrap', relation: 0, node: 'dense' },
    });
  });
});

describe('a registration', () => {
  test('has the model tensors, no ports, and an encoding', () => {
    const { program } = mlpToy(seededDraw(1));
    const made = registered(program);
    const model = ({ tensors }: Program): unknown => tensors.filter(({ role }) => role === 'model');
    expect(made.tensors.slice(0, 4)).toEqual(model(program));
    expect(model(made)).toEqual(model(program));
    expect([made.inputs, made.outputs]).toEqual([[], []]);
    expect(decodeProgram(encodeProgram(made))).toEqual({ ok: true, value: made });
    expect(registered(program)).toEqual(made);
  });

  test('of no weights says nothing', () => {
    const made = registered(maxPoolToy(seededDraw(1)).program);
    expect([made.tensors, made.relations, made.tables]).toEqual([[], [], []]);
  });

  test('of a program that could wrap: there is none', () => {
    const { program } = mlpToy(seededDraw(1));
    const wide = { lo: 0, hi: 2 ** 30 };
    const tensors = program.tensors.map((t) => (t.role === 'input' ? { ...t, range: wide } : t));
    expect(registrationProgram({ ...program, tensors })).toMatchObject({
      error: { kind: 'program/wrap' },
    });
  });

  test.each([
    ['nearly the field', { lo: -1_006_632_960, hi: 1_006_632_860 }, false],
    ['the field', { lo: -1_006_632_960, hi: 1_006_632_960 }, false],
    ['the field but one, which is limbs', { lo: -1_006_632_960, hi: 1_006_632_959 }, true],
  ] as const)('of weights whose range is %s', (_, range, ok) => {
    const b = new ProgramBuilder('wide');
    b.node('constants', 'Constant');
    b.model('wide', [2], range);
    const made = registrationProgram(b.build());
    expect(made.ok).toBe(ok);
    if (!made.ok) expect(made.error).toMatchObject({ kind: 'program/unbounded', tensor: 'wide' });
  });
});
