import { model, type ModelCase, op, relu, toy, weights } from './model-case.ts';

const ints = (...values: number[]) => ({ ints: values });

export const windowModels = (): ModelCase[] => [
  model('max pool with ceil_mode', 'MaxPool', {
    opset: 10,
    inputs: { x: [1, 2, 5, 5] },
    nodes: [
      op('MaxPool', ['x'], 'y', {
        kernel_shape: ints(2, 2),
        strides: ints(2, 2),
        ceil_mode: { int: 1 },
      }),
    ],
  }),
  model('max pool padded, dilated', 'MaxPool', {
    opset: 12,
    inputs: { x: [1, 1, 5, 4] },
    nodes: [
      op('MaxPool', ['x'], 'y', {
        kernel_shape: ints(2, 3),
        dilations: ints(2, 1),
        pads: ints(1, 1, 1, 1),
      }),
    ],
  }),
  model('max pool 1-D after a conv', 'MaxPool', {
    opset: 8,
    inputs: { x: [1, 1, 8] },
    constants: { w: weights(41, 2, 1, 3) },
    nodes: [
      op('Conv', ['x', 'w'], 'h'),
      relu('h', 'a'),
      op('MaxPool', ['a'], 'y', { kernel_shape: ints(3), strides: ints(2), pads: ints(1, 0) }),
    ],
  }),
  model('max pool 3-D', 'MaxPool', {
    inputs: { x: [1, 1, 2, 3, 2] },
    nodes: [op('MaxPool', ['x'], 'y', { kernel_shape: ints(2, 2, 1) })],
  }),
  model('max pool SAME_LOWER', 'MaxPool', {
    inputs: { x: [1, 1, 4, 4] },
    nodes: [
      op('MaxPool', ['x'], 'y', {
        kernel_shape: ints(3, 2),
        strides: ints(2, 2),
        auto_pad: { string: 'SAME_LOWER' },
      }),
    ],
  }),
  toy('MaxPool', {
    inputs: { x: [1, 1, 4] },
    nodes: [op('MaxPool', ['x'], 'y', { kernel_shape: ints(3), pads: ints(1, 0) })],
  }),
  model('average pool, padding counted', 'AveragePool', {
    opset: 7,
    inputs: { x: [1, 2, 4, 4] },
    nodes: [
      op('AveragePool', ['x'], 'h', {
        kernel_shape: ints(3, 3),
        pads: ints(1, 1, 1, 1),
        strides: ints(2, 2),
        count_include_pad: { int: 1 },
      }),
      relu('h'),
    ],
  }),
  model('average pool, padding not counted', 'AveragePool', {
    opset: 11,
    inputs: { x: [1, 1, 4, 3] },
    nodes: [
      op('AveragePool', ['x'], 'h', { kernel_shape: ints(2, 2), pads: ints(1, 0, 0, 1) }),
      relu('h'),
    ],
  }),
  model('average pool, ceil_mode, dilated', 'AveragePool', {
    opset: 19,
    inputs: { x: [1, 1, 7] },
    nodes: [
      op('AveragePool', ['x'], 'h', {
        kernel_shape: ints(2),
        strides: ints(2),
        dilations: ints(2),
        ceil_mode: { int: 1 },
      }),
      relu('h'),
    ],
  }),
  toy('AveragePool', {
    inputs: { x: [1, 1, 3] },
    nodes: [
      op('AveragePool', ['x'], 'h', { kernel_shape: ints(2), pads: ints(1, 0), strides: ints(2) }),
      relu('h'),
    ],
  }),
  model('global average pool', 'GlobalAveragePool', {
    opset: 11,
    inputs: { x: [1, 3, 3, 3] },
    constants: { w: weights(42, 3, 2) },
    nodes: [
      relu('x', 'a'),
      op('GlobalAveragePool', ['a'], 'g'),
      op('Flatten', ['g'], 'f'),
      op('Gemm', ['f', 'w'], 'y'),
    ],
  }),
  toy('GlobalAveragePool', {
    inputs: { x: [1, 1, 3] },
    nodes: [op('GlobalAveragePool', ['x'], 'g'), relu('g')],
  }),
  model('global max pool', 'GlobalMaxPool', {
    inputs: { x: [1, 2, 3, 3] },
    nodes: [op('GlobalMaxPool', ['x'], 'y')],
  }),
  toy('GlobalMaxPool', {
    opset: 7,
    inputs: { x: [1, 1, 3] },
    nodes: [op('GlobalMaxPool', ['x'], 'g'), relu('g')],
  }),
];
