/** Single operators with random shapes and attributes: the evaluator against onnxruntime. */
import { AssayError } from '@assay/core/errors';
import { describe, expect, test } from 'vitest';
import { generator } from '../../test/fuzz.ts';
import { importSpec, randomInputs, randomNumbers } from '../../test/graphs.ts';
import { evaluateGraph, type DenseTensor, type FloatGraph } from '../graph/index.ts';
import { encodeModel, type AttributeSpec, type ModelSpec, type TensorSpec } from '../onnx/index.ts';
import { FloatSession } from './index.ts';

type Random = (limit: number) => number;
type Attributes = Record<string, AttributeSpec>;

const product = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);
const tensor = (seed: number, ...dims: number[]): TensorSpec => ({
  dims,
  data: randomNumbers(seed, product(dims)),
});
const list = (data: readonly number[]): TensorSpec => ({
  dims: [data.length],
  data,
  dtype: 'int64',
});
const times = <T>(n: number, f: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => f(i));

const single = (
  operator: string,
  shape: readonly number[],
  initializers: Record<string, TensorSpec>,
  attributes: Attributes,
  opset = 17,
): ModelSpec => ({
  opset,
  inputs: [{ name: 'x', shape }],
  outputs: ['y'],
  initializers,
  nodes: [{ operator, inputs: ['x', ...Object.keys(initializers)], outputs: ['y'], attributes }],
});

/** strides, dilations, and pads or auto_pad for `rank` axes. */
const windowAttributes = (
  next: Random,
  rank: number,
  kernel: readonly number[],
  dilated: boolean,
): Attributes => {
  const attributes: Attributes = { kernel_shape: { ints: kernel } };
  if (next(2) === 0) attributes['strides'] = { ints: times(rank, () => 1 + next(3)) };
  const dilations = dilated && next(2) === 0 ? times(rank, () => 1 + next(2)) : null;
  if (dilations !== null) attributes['dilations'] = { ints: dilations };
  const mode = next(5);
  if (mode === 0 && dilations === null) attributes['auto_pad'] = { string: 'SAME_UPPER' };
  else if (mode === 1 && dilations === null) attributes['auto_pad'] = { string: 'SAME_LOWER' };
  else if (mode === 2) attributes['auto_pad'] = { string: 'VALID' };
  else if (mode === 3)
    attributes['pads'] = { ints: times(2 * rank, (i) => next(kernel[i % rank] ?? 1)) };
  return attributes;
};

const cases: Record<string, (next: Random, seed: number) => ModelSpec> = {
  Conv: (next, seed) => {
    const rank = 1 + next(3);
    const group = 1 + next(3);
    const perGroup = 1 + next(2);
    const kernel = times(rank, () => 1 + next(3));
    const outputs = group * (1 + next(2));
    const w = tensor(seed, outputs, perGroup, ...kernel);
    const b = tensor(seed + 1, outputs);
    const shape = [1 + next(2), group * perGroup, ...times(rank, () => 5 + next(3))];
    return single('Conv', shape, next(2) === 0 ? { w } : { w, b }, {
      group: { int: group },
      ...windowAttributes(next, rank, kernel, true),
    });
  },
  MaxPool: (next) => {
    const rank = 1 + next(3);
    const kernel = times(rank, () => 1 + next(3));
    const attributes = windowAttributes(next, rank, kernel, true);
    return single(
      'MaxPool',
      [2, 2, ...times(rank, () => 5 + next(3))],
      {},
      { ...attributes, ceil_mode: { int: next(2) } },
    );
  },
  AveragePool: (next) => {
    const rank = 1 + next(3);
    const kernel = times(rank, () => 1 + next(3));
    const attributes = windowAttributes(next, rank, kernel, false);
    const opset = [11, 19, 22][next(3)];
    return single(
      'AveragePool',
      [2, 2, ...times(rank, () => 5 + next(3))],
      {},
      { ...attributes, ceil_mode: { int: next(2) }, count_include_pad: { int: next(2) } },
      opset,
    );
  },
  Gemm: (next, seed) => {
    const [m, k, n] = [1 + next(3), 1 + next(4), 1 + next(4)];
    const [transA, transB] = [next(2), next(2)];
    const c = tensor(seed + 1, ...([[n], [m, 1], [1, n], [m, n], [], [1]][next(6)] ?? []));
    const b = transB === 1 ? tensor(seed, n, k) : tensor(seed, k, n);
    return single(
      'Gemm',
      transA === 1 ? [k, m] : [m, k],
      { b, c },
      {
        transA: { int: transA },
        transB: { int: transB },
        alpha: { float: 0.5 + next(3) },
        beta: { float: next(3) },
      },
    );
  },
  MatMul: (next, seed) => {
    const k = 1 + next(4);
    const left = [[k], [3, k], [2, 1, 3, k]][next(3)] ?? [k];
    const right = [[k], [k, 2], [4, k, 2]][next(3)] ?? [k];
    return single('MatMul', left, { w: tensor(seed, ...right) }, {});
  },
  Reduce: (next) => {
    const operator =
      [
        'ReduceSum',
        'ReduceMean',
        'ReduceMax',
        'ReduceMin',
        'ReduceL1',
        'ReduceL2',
        'ReduceSumSquare',
      ][next(7)] ?? '';
    const axes = [[0], [-1], [0, 2], [1, -3], [2, 1, 0]][next(5)] ?? [];
    const keepdims = { int: next(2) };
    return next(2) === 0
      ? single(operator, [2, 3, 4], {}, { axes: { ints: axes }, keepdims }, 11)
      : single(operator, [2, 3, 4], { axes: list(axes) }, { keepdims }, 18);
  },
  Softmax: (next) =>
    single(
      next(2) === 0 ? 'Softmax' : 'LogSoftmax',
      [2, 3, 4],
      {},
      next(4) === 0 ? {} : { axis: { int: next(6) - 3 } },
      next(2) === 0 ? 11 : 13,
    ),
  ArgMax: (next) =>
    single(
      next(2) === 0 ? 'ArgMax' : 'ArgMin',
      [2, 3, 4],
      {},
      {
        axis: { int: next(6) - 3 },
        keepdims: { int: next(2) },
        select_last_index: { int: next(2) },
      },
      13,
    ),
  Slice: (next) => {
    const steps = times(2, () => [1, 2, -1, -2, 3][next(5)] ?? 1);
    const backwards = steps.map((s) => s < 0);
    const starts = backwards.map(
      (b) => (b ? [5, -1, 100][next(3)] : [0, 1, -6, -100][next(4)]) ?? 0,
    );
    const ends = backwards.map(
      (b) => (b ? [0, -7, -(2 ** 31), 1][next(4)] : [6, 4, 2 ** 31, -1][next(4)]) ?? 0,
    );
    return single(
      'Slice',
      [6, 2, 6],
      { starts: list(starts), ends: list(ends), axes: list([0, -1]), steps: list(steps) },
      {},
    );
  },
  Pad: (next) => {
    const mode = ['constant', 'reflect', 'edge', 'wrap'][next(4)] ?? '';
    const pads = times(6, () => (mode === 'constant' ? next(5) - 1 : next(3)));
    const value: Record<string, TensorSpec> =
      mode === 'constant' ? { value: { dims: [], data: [0.5] } } : {};
    return single('Pad', [3, 4, 5], { pads: list(pads), ...value }, { mode: { string: mode } }, 19);
  },
  Gather: (next) =>
    single(
      'Gather',
      [3, 4, 5],
      { i: { dims: [2, 2], data: times(4, () => next(6) - 3), dtype: 'int64' } },
      { axis: { int: next(6) - 3 } },
    ),
  Split: (next) => {
    const lengths = [[1, 2, 3], [6], [2, 4]][next(3)] ?? [6];
    const base = single('Split', [6, 6], { sizes: list(lengths) }, { axis: { int: next(2) } });
    return {
      ...base,
      outputs: lengths.map((_, i) => `y${i}`),
      nodes: base.nodes.map((n) => ({ ...n, outputs: lengths.map((_, i) => `y${i}`) })),
    };
  },
  Elementwise: (next, seed) => {
    const operator =
      ['Add', 'Sub', 'Mul', 'Div', 'PRelu', 'Max', 'Min', 'Sum', 'Mean'][next(9)] ?? '';
    const dims = [[], [4], [3, 1], [2, 3, 4], [2, 1, 1]][next(5)] ?? [];
    const spec = single(operator, [2, 3, 4], { c: tensor(seed, ...dims) }, {}, 16);
    const swap = operator !== 'PRelu' && next(2) === 0;
    return swap ? { ...spec, nodes: spec.nodes.map((n) => ({ ...n, inputs: ['c', 'x'] })) } : spec;
  },
  Unary: (next) => {
    const operators = [
      'Relu',
      'LeakyRelu',
      'Elu',
      'Selu',
      'Celu',
      'ThresholdedRelu',
      'Sigmoid',
      'Tanh',
      'HardSigmoid',
      'HardSwish',
      'Softplus',
      'Softsign',
      'Mish',
      'Erf',
      'Gelu',
      'Exp',
      'Abs',
      'Neg',
      'Sin',
      'Cos',
      'Atan',
      'Floor',
      'Ceil',
      'Round',
      'Sign',
    ];
    const operator = operators[next(operators.length)] ?? '';
    const gelu: Attributes =
      operator === 'Gelu' && next(2) === 0 ? { approximate: { string: 'tanh' } } : {};
    return single(operator, [2, 3, 4], {}, gelu, 20);
  },
};

const difference = (a: DenseTensor, b: DenseTensor): number => {
  expect(a.dims).toEqual(b.dims);
  return a.data.reduce(
    (w, v, i) => Math.max(w, Math.abs(v - (b.data[i] ?? 0)) / Math.max(1, Math.abs(v))),
    0,
  );
};

describe.each(Object.entries(cases))('%s', (name, make) => {
  test('agrees with onnxruntime', async () => {
    let compared = 0;
    for (let seed = 1; seed <= 60; seed += 1) {
      const random = generator(seed * 7919 + name.length);
      const spec = make((limit) => random() % limit, seed);
      let graph: FloatGraph;
      let inputs: Map<string, DenseTensor>;
      let expected: Map<string, DenseTensor>;
      try {
        graph = importSpec(spec);
        inputs = randomInputs(graph, seed);
        const session = await FloatSession.create(encodeModel(spec));
        expected = await session.run(inputs);
        await session.release();
      } catch (error) {
        // A random combination without meaning (an empty slice), or not for onnxruntime (SAME with a stride above the kernel).
        if (error instanceof AssayError) continue;
        throw error;
      }
      const actual = evaluateGraph(graph, inputs);
      for (const output of graph.outputs) {
        const [a, b] = [actual.get(output), expected.get(output)];
        if (a === undefined || b === undefined) throw new Error(`no value for ${output}`);
        expect(
          difference(a, b),
          `seed ${seed}: ${JSON.stringify(spec.nodes[0]?.attributes)}`,
        ).toBeLessThan(1e-4);
      }
      compared += 1;
    }
    expect(compared).toBeGreaterThan(20);
  });
});

test('an input that is missing or of another shape is refused', () => {
  const graph = importSpec(single('Relu', [2, 3], {}, {}));
  expect(() => evaluateGraph(graph, new Map())).toThrow(
    'input "x": expected shape [2, 3], got nothing',
  );
  expect(() =>
    evaluateGraph(graph, new Map([['x', { dims: [3, 2], data: new Float64Array(6) }]])),
  ).toThrow('input "x": expected shape [2, 3], got [3, 2]');
});
