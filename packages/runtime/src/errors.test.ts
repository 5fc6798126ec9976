import { AssayError } from '@assay/core/errors';
import type { Program, TensorId, Trace, Weights } from '@assay/program';
import { describe, expect, it } from 'vitest';
import { execute, executeReference } from './index.ts';
import {
  form,
  functionTable,
  mlpToy,
  product,
  ProgramBuilder,
  seededDraw,
} from './testing/index.ts';

type Run = (program: Program, weights: Weights, inputs: ReadonlyMap<TensorId, Int32Array>) => Trace;

const EXECUTORS: readonly (readonly [string, Run])[] = [
  ['reference', executeReference],
  ['fast', (program, weights, inputs) => execute(program, weights, inputs, null)],
];

function failure(run: () => unknown): AssayError {
  try {
    run();
  } catch (error) {
    if (error instanceof AssayError) return error;
    throw error;
  }
  throw new Error('expected an AssayError');
}

/** A scalar input `x` in [−1000, 1000] at node "n". */
function scalar(): { b: ProgramBuilder; x: TensorId } {
  const b = new ProgramBuilder();
  b.node('n', 'Op');
  return { b, x: b.input('x', [], { lo: -1000, hi: 1000 }) };
}

describe.each(EXECUTORS)('%s executor', (_, run) => {
  it('refuses inputs that are missing, of the wrong size or outside their range', () => {
    const { b } = scalar();
    const program = b.build();
    for (const values of [
      undefined,
      Int32Array.of(1, 2),
      Int32Array.of(1001),
      Int32Array.of(-1001),
    ]) {
      const inputs = new Map(values === undefined ? [] : [[0, values]]);
      const error = failure(() => run(program, new Map(), inputs));
      expect(error.code).toBe('ASSAY_INPUT');
      expect(error.message).toContain('node "n" (Op): tensor "x"');
    }
  });

  it('refuses weights that are missing or outside their range', () => {
    const { program, weights, inputs } = mlpToy(seededDraw(1));
    const [id] = weights.keys();
    const first = id as TensorId;
    expect(failure(() => run(program, new Map(), inputs)).code).toBe('ASSAY_WEIGHTS');
    const wrong = new Map(weights).set(first, (weights.get(first) as Int32Array).with(3, 8));
    const error = failure(() => run(program, wrong, inputs));
    expect(error.code).toBe('ASSAY_WEIGHTS');
    expect(error.message).toContain('value 8 at index 3 is outside the declared range [-7, 7]');
  });

  it('names node, tensor and key of a lookup that misses', () => {
    const { b, x } = scalar();
    b.node('act', 'Relu');
    const y = b.witness('y', []);
    b.apply(
      b.wholeForm(x),
      [],
      functionTable('f', { lo: -5, hi: 5 }, (v) => v),
      y,
    );
    for (const value of [6, -6]) {
      const error = failure(() => run(b.build(), new Map(), new Map([[x, Int32Array.of(value)]])));
      expect(error.code).toBe('ASSAY_LOOKUP_MISS');
      expect(error.message).toBe(
        `node "act" (Relu): tensor "y": key (${value}) at index 0 is not in table "f"`,
      );
    }
  });

  it('misses keys of sparse tables, and of several columns', () => {
    const { b, x } = scalar();
    const y = b.witness('y', []);
    // Too wide a box of keys for an index by position.
    const table = {
      name: 'far',
      rows: 2,
      keys: 2,
      columns: [
        { kind: 'listed' as const, values: [-1_000_000_000, 1_000_000_000] },
        { kind: 'listed' as const, values: [0, 500] },
        { kind: 'listed' as const, values: [7, 8] },
      ],
    };
    const entries = [form([b.whole(x, 2_000_000)]), b.wholeForm(x), b.wholeForm(y)];
    const relation = b.lookup([], b.table(table), entries);
    b.lookupStep(relation, [[2, y]]);
    const program = b.build();
    const go = (v: number): Trace => run(program, new Map(), new Map([[x, Int32Array.of(v)]]));
    expect(go(500).get(y)).toEqual(Int32Array.of(8));
    expect(failure(() => go(-500)).code).toBe('ASSAY_LOOKUP_MISS');
  });

  it('refuses a digit that leaves int32', () => {
    const { b, x } = scalar();
    const y = b.witness('y', []);
    b.define(y, form([b.whole(x, 3_000_000)]));
    const program = b.build();
    const go = (v: number): Trace => run(program, new Map(), new Map([[x, Int32Array.of(v)]]));
    expect(go(700).get(y)).toEqual(Int32Array.of(2_100_000_000));
    for (const v of [716, -716]) {
      const error = failure(() => go(v));
      expect(error.code).toBe('ASSAY_VALUE_RANGE');
      expect(error.message).toContain('tensor "y"');
    }
  });

  it('refuses a lower digit that leaves int32', () => {
    const { b, x } = scalar();
    const hi = b.witness('hi', []);
    const lo = b.witness('lo', []);
    const relation = b.zero([], form([b.whole(x), b.whole(hi, -1000), b.whole(lo, -1)]));
    b.digits(relation, [
      [hi, 0],
      [lo, 2 ** 31 - 500],
    ]);
    expect(failure(() => run(b.build(), new Map(), new Map([[x, Int32Array.of(0)]]))).code).toBe(
      'ASSAY_VALUE_RANGE',
    );
  });

  it('refuses an output outside its declared range', () => {
    const { b, x } = scalar();
    b.node('last', 'Neg');
    const y = b.output('y', [], { lo: 0, hi: 10 });
    b.define(y, form([b.whole(x, -1)]));
    const error = failure(() => run(b.build(), new Map(), new Map([[x, Int32Array.of(1)]])));
    expect(error.code).toBe('ASSAY_VALUE_RANGE');
    expect(error.message).toContain('node "last" (Neg): tensor "y"');
  });

  it('refuses a divisor below one', () => {
    const { b, x } = scalar();
    const q = b.witness('q', []);
    const r = b.witness('r', []);
    const relation = b.zero([], form([b.whole(r)], -10), [product(b.wholeForm(q), b.wholeForm(x))]);
    b.divideStep(relation, q, r);
    const go = (v: number): Trace => run(b.build(), new Map(), new Map([[x, Int32Array.of(v)]]));
    expect([go(3).get(q), go(3).get(r)]).toEqual([Int32Array.of(3), Int32Array.of(1)]);
    for (const v of [0, -3]) expect(failure(() => go(v)).code).toBe('ASSAY_DIVISOR');
  });

  it('refuses quotients and remainders that leave int32, and divisors of 2^53', () => {
    const b = new ProgramBuilder();
    const n = b.input('n', [], { lo: -1000, hi: 1000 });
    const d = b.input('d', [], { lo: 0, hi: 2 ** 30 });
    const q = b.witness('q', []);
    const r = b.witness('r', []);
    const products = [product(form([b.whole(q, 2 ** 20)]), b.wholeForm(d), [], 2 ** 10)];
    const relation = b.zero([], form([b.whole(r), b.whole(n, 2 ** 30 + 1)]), products);
    b.divideStep(relation, q, r);
    const go = (nv: number, dv: number): Trace =>
      run(
        b.build(),
        new Map(),
        new Map([
          [n, Int32Array.of(nv)],
          [d, Int32Array.of(dv)],
        ]),
      );
    expect([go(-1, 1).get(q), go(-1, 1).get(r)]).toEqual([Int32Array.of(1), Int32Array.of(1)]);
    const remainder = failure(() => go(-3, 4));
    expect(remainder.code).toBe('ASSAY_VALUE_RANGE');
    expect(remainder.message).toContain('tensor "r"');
    expect(failure(() => go(-3, 2 ** 23)).code).toBe('ASSAY_INEXACT');

    const c = new ProgramBuilder();
    const x = c.input('x', [], { lo: -1000, hi: 1000 });
    const q1 = c.witness('q', []);
    const r1 = c.witness('r', []);
    const one = c.zero([], form([c.whole(r1), c.whole(x, 3_000_000)]), [
      product(c.wholeForm(q1), form([], 1)),
    ]);
    c.divideStep(one, q1, r1);
    const quotient = failure(() => run(c.build(), new Map(), new Map([[x, Int32Array.of(-1000)]])));
    expect(quotient.code).toBe('ASSAY_VALUE_RANGE');
    expect(quotient.message).toContain('tensor "q"');
  });

  it('refuses intermediates of 2^53, and computes those just below', () => {
    const { b, x } = scalar();
    // (2^30·x)·(2^23·x) = 2^53·x², split into three digits.
    const digits = ['h', 'm', 'l'].map((name) => b.witness(name, [])) as [
      TensorId,
      TensorId,
      TensorId,
    ];
    const [h, m, l] = digits;
    const factors = product(form([b.whole(x, 2 ** 30)]), form([b.whole(x, 2 ** 23)], -1));
    const relation = b.zero([], form([b.whole(h, -(2 ** 30)), b.whole(m, -1024), b.whole(l, -1)]), [
      factors,
    ]);
    b.digits(relation, [
      [h, 0],
      [m, 0],
      [l, 0],
    ]);
    const go = (v: number): Trace => run(b.build(), new Map(), new Map([[x, Int32Array.of(v)]]));
    // 2^30·(2^23 − 1) = 2^53 − 2^30.
    expect(digits.map((id) => go(1).get(id)?.[0])).toEqual([2 ** 23 - 1, 0, 0]);
    const error = failure(() => go(2));
    expect(error.code).toBe('ASSAY_INEXACT');
    expect(error.message).toContain('node "n" (Op)');
  });

  it('refuses forms that reach 2^53', () => {
    const b = new ProgramBuilder();
    b.node('n', 'Op');
    const x = b.input('x', [64], { lo: -(2 ** 30), hi: 2 ** 30 });
    const hot = b.witness('hot', [64]);
    b.onehotStep(form([b.whole(x, 2 ** 23)]), 0, hot);
    const go = (v: number): Trace =>
      run(b.build(), new Map(), new Map([[x, new Int32Array(64).fill(v)]]));
    expect(go(2 ** 30 - 1).get(hot)?.[0]).toBe(1);
    expect(failure(() => go(2 ** 30)).code).toBe('ASSAY_INEXACT');
  });
});

describe('execute', () => {
  it('reports progress, and stops when it is aborted', () => {
    const { program, weights, inputs } = mlpToy(seededDraw(1));
    const seen: (readonly [number, number])[] = [];
    const total = program.steps.length;
    execute(program, weights, inputs, null, { onProgress: (done, of) => seen.push([done, of]) });
    expect(seen).toEqual(program.steps.map((_, i) => [i + 1, total]));
    const controller = new AbortController();
    const stopped: number[] = [];
    const error = failure(() =>
      execute(program, weights, inputs, null, {
        signal: controller.signal,
        onProgress: (done) => {
          stopped.push(done);
          controller.abort();
        },
      }),
    );
    expect(error.code).toBe('ASSAY_ABORTED');
    expect(stopped).toEqual([1]);
  });
});
