/** Small models that between them use most operators, in old and new opsets. */
import type { AttributeSpec, ModelSpec, NodeSpec, TensorSpec } from '../src/onnx/index.ts';
import { randomNumbers } from './graphs.ts';

export const tensor = (seed: number, ...dims: number[]): TensorSpec => ({
  dims,
  data: randomNumbers(
    seed,
    dims.reduce((a, b) => a * b, 1),
  ),
});

export const list = (...data: number[]): TensorSpec => ({
  dims: [data.length],
  data,
  dtype: 'int64',
});

export const scalar = (value: number): TensorSpec => ({ dims: [], data: [value] });

export const op = (
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes: Record<string, AttributeSpec> = {},
): NodeSpec => ({ operator, inputs, outputs: [output], attributes });

const cnn: ModelSpec = {
  opset: 9,
  inputs: [{ name: 'x', shape: ['n', 2, 6, 6] }],
  outputs: ['y'],
  initializers: {
    w: tensor(1, 4, 2, 3, 3),
    b: tensor(2, 4),
    s: tensor(3, 4),
    v: { dims: [4], data: [1, 2, 3, 4] },
    f: tensor(4, 16, 3),
    bias: tensor(5, 3),
    shape: list(0, -1),
  },
  nodes: [
    op('Conv', ['x', 'w', 'b'], 'c', {
      pads: { ints: [1, 0, 1, 0] },
      kernel_shape: { ints: [3, 3] },
    }),
    op('BatchNormalization', ['c', 's', 'b', 's', 'v'], 'n'),
    op('Clip', ['n'], 'r', { min: { float: 0 }, max: { float: 6 } }),
    op('MaxPool', ['r'], 'p', { kernel_shape: { ints: [3, 2] }, strides: { ints: [3, 2] } }),
    op('Reshape', ['p', 'shape'], 'g'),
    op('Gemm', ['g', 'f', 'bias'], 'm', { alpha: { float: 0.5 } }),
    op('Softmax', ['m'], 'y'),
  ],
};

const attention: ModelSpec = {
  opset: 17,
  inputs: [{ name: 'x', shape: [1, 4, 6] }],
  outputs: ['y', 'label'],
  initializers: {
    w: tensor(1, 6, 6),
    starts: list(0),
    ends: list(4),
    axes: list(2),
    two: scalar(2),
    sizes: list(2, 4),
  },
  nodes: [
    op('MatMul', ['x', 'w'], 'q'),
    {
      operator: 'Split',
      inputs: ['q', 'sizes'],
      outputs: ['a', 'b'],
      attributes: { axis: { int: 2 } },
    },
    op('Slice', ['b', 'starts', 'ends', 'axes'], 'e'),
    op('Transpose', ['e'], 't', { perm: { ints: [0, 2, 1] } }),
    op('Concat', ['a', 'a'], 'd', { axis: { int: -1 } }),
    op('MatMul', ['d', 't'], 'k'),
    op('Div', ['k', 'two'], 'h'),
    op('Softmax', ['h'], 'p', { axis: { int: -1 } }),
    op('ReduceMean', ['p'], 'o', { axes: { ints: [1] }, keepdims: { int: 0 } }),
    op('Unsqueeze', ['o', 'axes'], 'u'),
    op('Tanh', ['u'], 'y'),
    op('ArgMax', ['o'], 'index', { axis: { int: 1 } }),
    op('Identity', ['index'], 'label'),
  ],
};

const shapes: ModelSpec = {
  opset: 15,
  inputs: [{ name: 'x', shape: ['batch', 3, 4], dtype: 'float64' }],
  outputs: ['y'],
  initializers: {
    zero: list(0),
    one: list(1),
    minus: list(-1),
    pads: list(0, 1, 0, 0, 0, 2),
    half: { dims: [], data: [0.5], dtype: 'float64' },
    idx: { dims: [2, 2], data: [0, 1, -1, 2], dtype: 'int64' },
  },
  nodes: [
    op('Shape', ['x'], 's'),
    op('Gather', ['s', 'zero'], 'n'),
    op('Concat', ['n', 'minus'], 'target', { axis: { int: 0 } }),
    op('Pad', ['x', 'pads', 'half'], 'padded', { mode: { string: 'constant' } }),
    op('Gather', ['padded', 'idx'], 'g', { axis: { int: 1 } }),
    op('Reshape', ['g', 'target'], 'flat'),
    op('ConstantOfShape', ['one'], 'ones', {
      value: { tensor: { dims: [1], data: [2], dtype: 'float64' } },
    }),
    op('Expand', ['flat', 'one'], 'wide'),
    op('Mul', ['wide', 'ones'], 'm'),
    op('Max', ['m', 'half'], 'z'),
    op('Erf', ['z'], 'e'),
    op('Squeeze', ['e', 'zero'], 'y'),
  ],
};

export const smallModels: readonly ModelSpec[] = [cnn, attention, shapes];
