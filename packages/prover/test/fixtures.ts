import type { Engine } from '@assay/core/engine';
import {
  accumulatorRange,
  type Form,
  identityView,
  type Program,
  type Range,
  type Relation,
  rangeTable,
  type Step,
  type Table,
  type Tensor,
  type TensorId,
  type Weights,
} from '@assay/program';
import { seededDraw } from '@assay/runtime/testing';
import { prepareArgument } from '@assay/verifier';
import { type ProvingKey, setup } from '../src/index.ts';

const whole = (tensor: TensorId, shape: readonly number[], coefficient = 1): Form => ({
  terms: [{ tensor, coefficient, view: identityView(shape), sums: [] }],
  constant: 0,
});
const axis = (a: number) =>
  ({ kind: 'affine', offset: 0, strides: [{ axis: a, stride: 1 }] }) as const;

export interface Mlp {
  readonly program: Program;
  readonly weights: Weights;
}

/** inputs → hidden (relu) → outputs, every layer: acc + bias + 2^(s−1) = 2^s·hi + rem, out = clamp(hi). */
export function mlp(sizes: readonly [number, number, number] = [5, 7, 3], seed = 7): Mlp {
  const random = seededDraw(seed);
  const [n, h, m] = sizes;
  const shift = 4;
  const wMax = 15;
  const xRange: Range = { lo: -20, hi: 20 };
  const hiddenMax = 31;
  const tensors: Tensor[] = [];
  const weights = new Map<TensorId, Int32Array>();
  const tensor = (t: Partial<Tensor> & Pick<Tensor, 'name' | 'role' | 'shape'>): TensorId => {
    tensors.push({ range: null, data: null, node: 0, ...t });
    return tensors.length - 1;
  };
  const model = (name: string, shape: readonly number[], bound: number): TensorId => {
    const id = tensor({ name, role: 'model', shape, range: { lo: -bound, hi: bound } });
    const count = shape.reduce((a, b) => a * b, 1);
    weights.set(
      id,
      Int32Array.from({ length: count }, () => random(-bound, bound)),
    );
    return id;
  };
  const x = tensor({ name: 'x', role: 'input', shape: [n], range: xRange });
  const relations: Relation[] = [];
  const steps: Step[] = [];
  const tables: Table[] = [rangeTable('remainder', { lo: 0, hi: 2 ** shift - 1 })];
  const draft = (): Program => ({
    name: 'toy mlp',
    tensors,
    tables,
    relations,
    steps,
    inputs: [],
    outputs: [],
    nodes: [{ name: 'n', operator: 'Gemm' }],
  });

  const layer = (
    input: TensorId,
    k: number,
    out: number,
    role: 'witness' | 'output',
    inputRange: Range,
    lo: number,
    hi: number,
  ): TensorId => {
    const w = model('w', [k, out], wMax);
    const b = model('b', [out], 100);
    const hiT = tensor({ name: 'hi', role: 'witness', shape: [out] });
    const rem = tensor({ name: 'rem', role: 'witness', shape: [out] });
    const y = tensor({
      name: 'y',
      role,
      shape: [out],
      range: role === 'output' ? { lo, hi } : null,
    });
    const zero = {
      kind: 'zero' as const,
      dims: [out],
      form: {
        terms: [
          { tensor: b, coefficient: 1, view: [axis(0)], sums: [] },
          { tensor: hiT, coefficient: -(2 ** shift), view: [axis(0)], sums: [] },
          { tensor: rem, coefficient: -1, view: [axis(0)], sums: [] },
        ],
        constant: 2 ** (shift - 1),
      },
      products: [
        {
          coefficient: 1,
          sums: [k],
          left: {
            terms: [{ tensor: input, coefficient: 1, view: [axis(1)], sums: [] }],
            constant: 0,
          },
          right: {
            terms: [{ tensor: w, coefficient: 1, view: [axis(1), axis(0)], sums: [] }],
            constant: 0,
          },
        },
      ],
      declared: { lo: 0, hi: 0 },
      node: 0,
    };
    const ranges = tensors.map((t) => t.range);
    ranges[input] = inputRange;
    const declared = accumulatorRange(draft(), zero, weights, ranges);
    if (declared === null) throw new Error('no bound');
    const hiRange = {
      lo: Math.floor((declared.lo + 8) / 16),
      hi: Math.floor((declared.hi + 8) / 16),
    };
    const below = Math.max(0, Math.min(lo, hiRange.hi + 1) - hiRange.lo);
    const middle = Math.max(0, Math.min(hi, hiRange.hi) - Math.max(lo, hiRange.lo) + 1);
    const above = hiRange.hi - hiRange.lo + 1 - below - middle;
    const segments = [
      { rows: below, start: lo, slope: 0 },
      { rows: middle, start: Math.max(lo, hiRange.lo), slope: 1 },
      { rows: above, start: hi, slope: 0 },
    ].filter((s) => s.rows > 0);
    const rows = hiRange.hi - hiRange.lo + 1;
    tables.push({
      name: 'clamp',
      rows,
      keys: 1,
      columns: [
        { kind: 'segments', segments: [{ rows, start: hiRange.lo, slope: 1 }] },
        { kind: 'segments', segments },
      ],
    });
    relations.push({ ...zero, declared });
    steps.push({
      kind: 'digits',
      relation: relations.length - 1,
      outputs: [
        { tensor: hiT, low: 0 },
        { tensor: rem, low: 0 },
      ],
    });
    relations.push({
      kind: 'lookup',
      dims: [out],
      table: 0,
      entries: [whole(rem, [out])],
      node: 0,
    });
    relations.push({
      kind: 'lookup',
      dims: [out],
      table: tables.length - 1,
      entries: [whole(hiT, [out]), whole(y, [out])],
      node: 0,
    });
    steps.push({
      kind: 'lookup',
      relation: relations.length - 1,
      outputs: [{ column: 1, tensor: y }],
    });
    return y;
  };
  const hidden = layer(x, n, h, 'witness', xRange, 0, hiddenMax);
  const y = layer(hidden, h, m, 'output', { lo: 0, hi: hiddenMax }, -128, 127);
  const program: Program = {
    ...draft(),
    inputs: [{ name: 'x', tensor: x, shape: [n], scale: 1, zero: 0, meaning: 'number' }],
    outputs: [{ name: 'y', tensor: y, shape: [m], scale: 1, zero: 0, meaning: 'number' }],
  };
  return { program, weights };
}

/** Sets a model up in the engine's memory and keeps it there. */
export function provingKeyOf(
  engine: Engine,
  program: Program,
  weights: Weights,
  options: Parameters<typeof setup>[3] = {},
): ProvingKey {
  const made = setup(engine, program, weights, options);
  const argument = prepareArgument(made.key);
  if (!argument.ok) throw new Error(JSON.stringify(argument.error));
  return { argument: argument.value, weights, tree: made.commitment.opened };
}
