import { testEngine } from '@assay/core/engine';
import {
  elementCount,
  type Form,
  type Product,
  type Program,
  type Range,
  type TensorId,
} from '@assay/program';
import { describe, expect, it } from 'vitest';
import { Evaluator } from '../forms/evaluator.ts';
import { indices, zeroAt } from '../reference/evaluate.ts';
import { BIG_INTEGERS } from '../reference/ring.ts';
import {
  affine,
  along,
  drawTensor,
  fill,
  form,
  product,
  ProgramBuilder,
  seededDraw,
  term,
} from '../testing/index.ts';
import type { MatmulEngine } from './matmul.ts';
import { evaluateSum, planSum } from './zero.ts';

/** Counts what it is asked for. */
function countingEngine(): MatmulEngine & { calls: string[] } {
  const engine = testEngine();
  const calls: string[] = [];
  return {
    calls,
    mark: () => engine.mark(),
    release: (mark) => engine.release(mark),
    allocInt: (length) => engine.allocInt(length),
    allocI16: (length) => engine.allocI16(length),
    ints: (v) => engine.ints(v),
    matmulInts(...args) {
      calls.push('int32');
      engine.matmulInts(...args);
    },
    matmulI16(...args) {
      calls.push('int16');
      engine.matmulI16(...args);
    },
  };
}

interface Case {
  readonly program: Program;
  readonly tensors: ReadonlyMap<TensorId, Int32Array>;
}

function given(b: ProgramBuilder, seed = 1): Case {
  const { program, weights, inputs } = fill(b.build(), seededDraw(seed));
  return { program, tensors: new Map([...weights, ...inputs]) };
}

/** Σ products over dims, both ways; and how it was planned. */
function both(
  { program, tensors }: Case,
  dims: readonly number[],
  products: readonly Product[],
  rest: Form = form([]),
) {
  const evaluator = new Evaluator(program, tensors);
  const sum = { dims, products, form: rest, node: 0 };
  const plan = planSum(evaluator, sum);
  const engine = countingEngine();
  const fast = evaluateSum(evaluator, engine, sum);
  const plain = evaluateSum(evaluator, null, sum);
  expect([...plain]).toEqual([...fast]);
  return { fast, plan, calls: engine.calls, sum };
}

function expectReference(
  given: Case,
  dims: readonly number[],
  products: readonly Product[],
  fast: ArrayLike<number>,
): void {
  const sum = { dims, products, form: form([]), node: 0 };
  const expected = Array.from(indices(dims), (index) =>
    Number(zeroAt(given, BIG_INTEGERS, sum, index)),
  );
  expect(Array.from(fast)).toEqual(expected);
}

/** x[m][k]·w[k][n]. */
function matmul(m: number, k: number, n: number, x: number | Range, w: number) {
  const b = new ProgramBuilder();
  const a = b.input('x', [m, k], typeof x === 'number' ? { lo: -x, hi: x } : x);
  const c = b.model('w', [k, n], { lo: -w, hi: w });
  const p = product(form([term(a, [along(0), along(2)])]), form([term(c, [along(2), along(1)])]), [
    k,
  ]);
  return { b, a, c, p };
}

describe('products', () => {
  it('use int16 kernels where operands fit, int32 kernels where they do not', () => {
    for (const [x, kernel] of [
      [{ lo: -100, hi: 100 }, 'int16'],
      [{ lo: 0, hi: 2 ** 16 }, 'int32'],
      [{ lo: -(2 ** 16), hi: 0 }, 'int32'],
    ] as const) {
      const { b, p } = matmul(20, 40, 30, x, 500);
      const values = given(b);
      const { fast, plan, calls } = both(values, [20, 30], [p]);
      expect(plan.products[0]?.arithmetic).toBe('int32');
      expect(fast).toBeInstanceOf(Int32Array);
      expect(calls).toEqual([kernel]);
      expectReference(values, [20, 30], [p], fast);
    }
  });

  it('find by the signed sums of the weights that int32 is enough where ranges alone do not show it', () => {
    const b = new ProgramBuilder();
    const k = 64;
    const a = b.input('x', [8, k], { lo: 0, hi: 2 ** 14 });
    const c = b.model('w', [k, 8], { lo: -(2 ** 12), hi: 2 ** 12 });
    const p = product(
      form([term(a, [along(0), along(2)])]),
      form([term(c, [along(2), along(1)])]),
      [k],
    );
    // Half of the weights positive, half negative: |Σ| <= 32·2^26 = 2^31 by sign, 2^32 by magnitude.
    const weights = Int32Array.from({ length: k * 8 }, (_, i) =>
      i % 16 < 8 ? 2 ** 12 - 1 : -(2 ** 12 - 1),
    );
    const values = {
      program: b.build(),
      tensors: new Map([
        [a, drawTensor([8, k], { lo: 0, hi: 2 ** 14 }, seededDraw(3))],
        [c, weights],
      ]),
    };
    const { fast, plan } = both(values, [8, 8], [p]);
    expect(plan.products[0]?.arithmetic).toBe('int32');
    expectReference(values, [8, 8], [p], fast);
  });

  it('add in doubles where int32 is not enough, and exactly where doubles are not', () => {
    for (const [x, w, arithmetic] of [
      [2 ** 20, 2 ** 20, 'float64'],
      [2 ** 27, 2 ** 24, 'checked'],
    ] as const) {
      const { b, p } = matmul(5, 6, 7, x, w);
      const values = given(b);
      const { fast, plan, calls } = both(values, [5, 7], [p]);
      expect(plan.products[0]?.arithmetic).toBe(arithmetic);
      expect(calls).toEqual([]);
      expect(fast).toBeInstanceOf(Float64Array);
      expectReference(values, [5, 7], [p], fast);
    }
  });

  it('are exact on operands that leave int32', () => {
    const b = new ProgramBuilder();
    const x = b.input('x', [4], { lo: -(2 ** 30), hi: 2 ** 30 });
    const w = b.model('w', [4, 3], { lo: -5, hi: 5 });
    const wide = form([term(x, [along(1)], 3)], 1);
    const p = product(wide, form([term(w, [along(1), along(0)])]), [4]);
    const values = given(b);
    const { fast, plan } = both(values, [3], [p]);
    expect(plan.products[0]?.arithmetic).toBe('checked');
    expectReference(values, [3], [p], fast);
  });

  it('take operands of several terms to the kernels (a concatenation)', () => {
    const b = new ProgramBuilder();
    const first = b.input('x', [16, 20], { lo: -99, hi: 99 });
    const second = b.input('z', [16, 20], { lo: -99, hi: 99 });
    const c = b.model('w', [40, 24], { lo: -99, hi: 99 });
    const joined = form([
      term(first, [along(0), along(2)]),
      term(second, [along(0), affine(-20, [2, 1])]),
    ]);
    const p = product(joined, form([term(c, [along(2), along(1)])]), [40]);
    const values = given(b);
    const { fast, calls } = both(values, [16, 24], [p]);
    expect(calls).toEqual(['int16']);
    expectReference(values, [16, 24], [p], fast);
  });

  it('take sums of terms to the kernels, on memory that is not clean', () => {
    const b = new ProgramBuilder();
    const first = b.input('x', [16, 40], { lo: -99, hi: 99 });
    const second = b.input('z', [16, 38], { lo: -99, hi: 99 });
    const c = b.model('w', [40, 24], { lo: -99, hi: 99 });
    const weights = form([term(c, [along(2), along(1)])]);
    const added = form([
      term(first, [along(0), along(2)]),
      term(second, [along(0), affine(-1, [2, 1])], -2),
    ]);
    const padded = form([term(second, [along(0), affine(-1, [2, 1])])]);
    const products = [product(added, weights, [40]), product(padded, weights, [40])];
    const values = given(b);
    const dirty = countingEngine();
    const clean = dirty.mark();
    dirty.ints(dirty.allocInt(5000)).fill(-1);
    dirty.release(clean);
    const evaluator = new Evaluator(values.program, values.tensors);
    const fast = evaluateSum(evaluator, dirty, {
      dims: [16, 24],
      products,
      form: form([]),
      node: 0,
    });
    expect(dirty.calls).toEqual(['int16', 'int16']);
    expectReference(values, [16, 24], products, fast);
  });

  it('read shifted vectors, which no part of the tensor is', () => {
    for (const offset of [-1, 1]) {
      const b = new ProgramBuilder();
      const x = b.input('x', [40], { lo: -99, hi: 99 });
      const c = b.model('w', [40, 24], { lo: -99, hi: 99 });
      const p = product(
        form([term(x, [affine(offset, [1, 1])])]),
        form([term(c, [along(1), along(0)])]),
        [40],
      );
      const values = given(b);
      const { fast } = both(values, [24], [p]);
      expectReference(values, [24], [p], fast);
    }
  });

  it('add products of doubles to a sum that fits int32 by its constant', () => {
    const b = new ProgramBuilder();
    const x = b.input('x', [4], { lo: 0, hi: 46341 });
    const p = product(b.wholeForm(x), b.wholeForm(x));
    const values = { program: b.build(), tensors: new Map([[x, Int32Array.of(46341, 3, 2, 1)]]) };
    const { fast, plan } = both(values, [4], [p], form([], -10_000));
    expect(plan.products[0]?.arithmetic).toBe('float64');
    expect([...fast]).toEqual([46341 * 46341 - 10_000, -9991, -9996, -9999]);
  });

  it('loop over axes that both operands and the output share', () => {
    const b = new ProgramBuilder();
    const a = b.input('x', [3, 16, 32], { lo: -99, hi: 99 });
    const c = b.input('y', [3, 18, 32], { lo: -99, hi: 99 });
    const p = product(
      form([term(a, [along(1), along(0), along(3)])]),
      form([term(c, [along(1), along(2), along(3)])]),
      [32],
      -3,
    );
    const values = given(b);
    const { fast, calls } = both(values, [16, 3, 18], [p]);
    expect(calls).toEqual(['int16', 'int16', 'int16']);
    expectReference(values, [16, 3, 18], [p], fast);
  });

  it('add several products and terms, in doubles when only their sum leaves int32', () => {
    const { b, a, c, p } = matmul(4, 5, 6, 2 ** 14, 2 ** 14);
    const values = given(b);
    const rest = form([
      term(a, [along(0), affine(0)], 2 ** 14),
      term(c, [affine(0), along(1)], -(2 ** 14)),
    ]);
    const once = both(values, [4, 6], [p]);
    expect(once.fast).toBeInstanceOf(Int32Array);
    const { fast, sum } = both(values, [4, 6], [p, p, p], rest);
    expect(fast).toBeInstanceOf(Float64Array);
    const expected = Array.from(indices([4, 6]), (index) =>
      Number(zeroAt(values, BIG_INTEGERS, sum, index)),
    );
    expect([...fast]).toEqual(expected);
  });

  it('arrange windows piece by piece when they are large', () => {
    // A 1-D convolution: 6 filters of 64 over 70,000 positions, 4.5 million window elements.
    const [filters, size, kernel] = [6, 70_000, 64];
    const b = new ProgramBuilder();
    const x = b.input('x', [size], { lo: -99, hi: 99 });
    const w = b.model('w', [kernel, filters], { lo: -9, hi: 9 });
    const windows = form([term(x, [affine(-32, [1, 1], [2, 1])])]);
    const p = product(windows, form([term(w, [along(2), along(0)])]), [kernel]);
    const values = given(b);
    const evaluator = new Evaluator(values.program, values.tensors);
    const fast = evaluateSum(evaluator, null, {
      dims: [filters, size],
      products: [p],
      form: form([]),
      node: 0,
    });
    const xs = values.tensors.get(x) ?? new Int32Array();
    const ws = values.tensors.get(w) ?? new Int32Array();
    const expected = new Int32Array(filters * size);
    for (let f = 0; f < filters; f++) {
      for (let i = 0; i < size; i++) {
        let sum = 0;
        for (let k = 0; k < kernel; k++) sum += (xs[i + k - 32] ?? 0) * (ws[k * filters + f] ?? 0);
        expected[f * size + i] = sum;
      }
    }
    expect(Buffer.compare(Buffer.from(fast.buffer), Buffer.from(expected.buffer))).toBe(0);
  });

  it('arrange batches piece by piece, with weights that were looked through', () => {
    // Ranges alone leave int32; the weights' signs keep each sum inside it.
    const [batch, rows, size, kernel] = [2, 5, 35_000, 64];
    const b = new ProgramBuilder();
    const x = b.input('x', [batch, size], { lo: 0, hi: 2 ** 14 });
    const w = b.model('w', [batch, kernel, rows], { lo: -(2 ** 12), hi: 2 ** 12 });
    const windows = form([term(x, [along(0), affine(-32, [2, 1], [3, 1])])]);
    const weights = form([term(w, [along(0), along(3), along(1)])]);
    const p = product(windows, weights, [kernel]);
    const xs = drawTensor([batch, size], { lo: 0, hi: 2 ** 14 }, seededDraw(5));
    const ws = Int32Array.from(
      { length: batch * kernel * rows },
      (_, i) => (Math.floor(i / rows) % 2 === 0 ? 1 : -1) * (4000 + (i % 90)),
    );
    const evaluator = new Evaluator(
      b.build(),
      new Map([
        [x, xs],
        [w, ws],
      ]),
    );
    const sum = { dims: [batch, rows, size], products: [p], form: form([]), node: 0 };
    expect(planSum(evaluator, sum).products[0]?.arithmetic).toBe('int32');
    const fast = evaluateSum(evaluator, null, sum);
    const expected = new Int32Array(batch * rows * size);
    for (let i = 0, at = 0; i < batch; i++) {
      for (let r = 0; r < rows; r++) {
        for (let j = 0; j < size; j++) {
          let total = 0;
          for (let k = 0; k < kernel; k++) {
            const u = j + k - 32;
            if (u >= 0 && u < size)
              total += (xs[i * size + u] ?? 0) * (ws[(i * kernel + k) * rows + r] ?? 0);
          }
          expected[at++] = total;
        }
      }
    }
    expect(Buffer.compare(Buffer.from(fast.buffer), Buffer.from(expected.buffer))).toBe(0);
  });

  it('read a large matrix where it lies when it meets one vector', () => {
    const [k, n] = [64, 70_000];
    const { b, a, c, p } = matmul(1, k, n, 99, 99);
    const values = given(b);
    const { fast, calls } = both(values, [1, n], [p]);
    expect(calls).toEqual([]);
    const x = values.tensors.get(a) ?? new Int32Array();
    const w = values.tensors.get(c) ?? new Int32Array();
    const expected = new Int32Array(n);
    for (let i = 0; i < k; i++)
      for (let j = 0; j < n; j++)
        expected[j] = (expected[j] ?? 0) + (x[i] ?? 0) * (w[i * n + j] ?? 0);
    expect(Buffer.compare(Buffer.from(fast.buffer), Buffer.from(expected.buffer))).toBe(0);
  });

  it('count summed axes that an operand does not read', () => {
    const b = new ProgramBuilder();
    const x = b.input('x', [3], { lo: -9, hi: 9 });
    const p = product(form([term(x, [along(0)])]), form([], 2), [5]);
    const q = product(form([], 3), form([], 2), [5, 2], -1);
    const values = given(b);
    const { fast } = both(values, [3, 2], [p, q]);
    expectReference(values, [3, 2], [p, q], fast);
    expect(elementCount([3, 2])).toBe(fast.length);
  });
});
