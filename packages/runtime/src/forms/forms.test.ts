import { describe, expect, it } from 'vitest';
import { evaluateForm, formEvaluator } from '../index.ts';
import {
  affine,
  along,
  fill,
  form,
  gather,
  ProgramBuilder,
  reshape,
  seededDraw,
  term,
} from '../testing/index.ts';

const b = new ProgramBuilder();
const x = b.input('x', [2, 3], { lo: -50, hi: 50 });
const big = b.input('big', [2], { lo: 2 ** 30 + 1, hi: 2 ** 30 + 5 });
const { program, inputs: trace } = fill(b.build(), seededDraw(9));
const data = trace.get(x) ?? new Int32Array();

describe('evaluateForm', () => {
  it('gives a whole tensor without copying it, also through reshapes', () => {
    expect(evaluateForm(program, trace, form([b.whole(x)]), [2, 3])).toBe(data);
    expect(evaluateForm(program, trace, form([term(x, [reshape(2, [0])])]), [6])).toBe(data);
    expect(evaluateForm(program, trace, form([term(x, [affine(0), along(1)])]), [1, 3])).not.toBe(
      data,
    );
  });

  it('copies whatever is not the tensor itself', () => {
    expect(evaluateForm(program, trace, form([b.whole(x, -1)]), [2, 3])).toEqual(
      data.map((v) => -v),
    );
    expect(evaluateForm(program, trace, form([b.whole(x)], 5), [2, 3])).toEqual(
      data.map((v) => v + 5),
    );
    expect(evaluateForm(program, trace, form([], 7), [2, 2])).toEqual(Int32Array.of(7, 7, 7, 7));
    expect(evaluateForm(program, trace, form([]), [])).toEqual(Int32Array.of(0));
  });

  it('reads gathers, padding and sums', () => {
    const [a, c, d, e, f, g] = data as unknown as [number, number, number, number, number, number];
    const picked = form([term(x, [gather(0, [1, -1, 0]), affine(-1, [1, 1])], 2)], 1);
    expect([...evaluateForm(program, trace, picked, [3, 2])]).toEqual([
      1,
      2 * e + 1,
      1,
      1,
      1,
      2 * a + 1,
    ]);
    const sums = form([term(x, [along(1), along(0)], -1, [2])]);
    expect([...evaluateForm(program, trace, sums, [3])]).toEqual([-a - e, -c - f, -d - g]);
    const total = form([term(x, [along(0), along(1)], 1, [2, 3])]);
    expect([...evaluateForm(program, trace, total, [])]).toEqual([a + c + d + e + f + g]);
  });

  it('gives doubles where int32 may not be enough', () => {
    const doubled = evaluateForm(program, trace, form([b.whole(big, 3)]), [2]);
    expect(doubled).toBeInstanceOf(Float64Array);
    expect([...doubled]).toEqual([...(trace.get(big) ?? [])].map((v) => 3 * v));
  });

  it('counts on padding where values are far from zero', () => {
    // 2·(big, shifted) − 2·big is small, but −2·big where the shifted one reads zero.
    const difference = form([term(big, [affine(-1, [0, 1])], 2), b.whole(big, -2)]);
    const [first = 0, second = 0] = trace.get(big) ?? [];
    expect([...evaluateForm(program, trace, difference, [2])]).toEqual([
      -2 * first,
      2 * first - 2 * second,
    ]);
  });

  it('reads views that leave their tensor far behind', () => {
    const far = 2 ** 24;
    const view = [affine(0, [0, far], [1, 1]), affine(-far, [2, far], [3, 1])];
    const found = evaluateForm(program, trace, form([term(x, view)], 1), [2, 2, 2, 3]);
    const expected = new Int32Array(24).fill(1);
    for (const i of [0, 1])
      for (const j of [0, 1, 2]) expected[(i * 2 + 1) * 3 + j] = (data[i * 3 + j] ?? 0) + 1;
    expect(found).toEqual(expected);
  });

  it('refuses values of 2^53', () => {
    expect(() => evaluateForm(program, trace, form([b.whole(big, 2 ** 24)]), [2])).toThrow(
      expect.objectContaining({ code: 'ASSAY_INEXACT' }),
    );
  });

  it('refuses tensors that the trace does not have', () => {
    expect(() => evaluateForm(program, new Map(), form([b.whole(x)]), [2, 3])).toThrow(
      expect.objectContaining({ code: 'ASSAY_PROGRAM_STEP' }),
    );
  });

  it('is the same with one evaluator for many forms', () => {
    const evaluate = formEvaluator(program, trace);
    for (const c of [1, -2, 3]) {
      const scaled = form([b.whole(x, c)]);
      expect(evaluate(scaled, [2, 3])).toEqual(evaluateForm(program, trace, scaled, [2, 3]));
    }
  });
});
