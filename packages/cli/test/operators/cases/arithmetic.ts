import {
  list,
  model,
  type ModelCase,
  op,
  relu,
  scalar,
  toy,
  vector,
  weights,
} from './model-case.ts';

const ints = (...values: number[]) => ({ ints: values });

const elementwise = (): ModelCase[] => [
  model('add of inputs, broadcast', 'Add', {
    opset: 7,
    inputs: { a: [2, 3], b: [3] },
    nodes: [op('Add', ['a', 'b'], 's'), relu('s')],
  }),
  model('add of a constant and of a residual', 'Add', {
    opset: 14,
    inputs: { x: [1, 4] },
    constants: { w: weights(61, 4, 4), c: weights(62, 4) },
    nodes: [
      op('MatMul', ['x', 'w'], 'h'),
      op('Add', ['h', 'c'], 'b'),
      op('Add', ['b', 'x'], 's'),
      relu('s'),
    ],
  }),
  toy('Add', {
    inputs: { a: [2], b: [1] },
    constants: { half: scalar(0.5) },
    nodes: [op('Mul', ['a', 'half'], 'm'), op('Add', ['m', 'b'], 's'), relu('s')],
  }),
  model('sub both ways', 'Sub', {
    opset: 7,
    inputs: { a: [2, 3], b: [2, 1] },
    constants: { c: weights(63, 3) },
    nodes: [op('Sub', ['a', 'b'], 'd'), op('Sub', ['c', 'd'], 'e'), relu('e')],
  }),
  toy('Sub', { inputs: { a: [2], b: [2] }, nodes: [op('Sub', ['a', 'b'], 'd'), relu('d')] }),
  model('mul of inputs', 'Mul', {
    opset: 13,
    inputs: { a: [2, 3], b: [2, 1] },
    nodes: [op('Mul', ['a', 'b'], 'm'), relu('m')],
  }),
  model('mul by constants', 'Mul', {
    opset: 7,
    inputs: { a: [2, 3] },
    constants: { c: weights(64, 3), d: scalar(-2) },
    nodes: [op('Mul', ['c', 'a'], 'm'), op('Mul', ['m', 'd'], 'n'), relu('n')],
  }),
  model('mul by itself and a gate', 'Mul', {
    inputs: { a: [1, 4] },
    nodes: [op('Sigmoid', ['a'], 's'), op('Mul', ['a', 's'], 'm'), op('Mul', ['m', 'm'], 'y')],
  }),
  toy('Mul', {
    inputs: { a: [1], b: [1] },
    nodes: [op('Mul', ['a', 'b'], 'm'), relu('m')],
  }),
  model('div by constants', 'Div', {
    opset: 7,
    inputs: { a: [2, 3] },
    constants: { c: vector(0.5, -2, 3), d: scalar(4) },
    nodes: [op('Div', ['a', 'c'], 'm'), op('Div', ['m', 'd'], 'n'), relu('n')],
  }),
  toy('Div', {
    inputs: { a: [2] },
    constants: { c: vector(0.5, -2) },
    nodes: [op('Div', ['a', 'c'], 'm'), relu('m')],
  }),
  model('neg of a sum', 'Neg', {
    opset: 7,
    inputs: { x: [1, 3] },
    constants: { w: weights(65, 3, 3) },
    nodes: [op('MatMul', ['x', 'w'], 'h'), op('Neg', ['h'], 'n'), relu('n')],
  }),
  toy('Neg', { inputs: { x: [2] }, nodes: [op('Neg', ['x'], 'n'), relu('n')] }),
  model('sum of three', 'Sum', {
    opset: 8,
    inputs: { a: [2, 3], b: [3], c: [2, 1] },
    nodes: [op('Sum', ['a', 'b', 'c'], 's'), relu('s')],
  }),
  toy('Sum', {
    inputs: { a: [1], b: [1], c: [1] },
    nodes: [op('Sum', ['a', 'b', 'c'], 's'), relu('s')],
  }),
  model('mean of three', 'Mean', {
    opset: 8,
    inputs: { a: [2, 3], b: [3], c: [2, 3] },
    nodes: [op('Mean', ['a', 'b', 'c'], 's'), relu('s')],
  }),
  toy('Mean', {
    inputs: { a: [1], b: [1], c: [1] },
    nodes: [op('Mean', ['a', 'b', 'c'], 's'), relu('s')],
  }),
];

const extrema = (): ModelCase[] =>
  (['Max', 'Min'] as const).flatMap((operator) => [
    model(`${operator} of three`, operator, {
      opset: 8,
      inputs: { a: [2, 3], b: [3], c: [2, 1] },
      nodes: [op(operator, ['a', 'b', 'c'], 'y')],
    }),
    model(`${operator} with constants`, operator, {
      opset: 13,
      inputs: { a: [2, 3] },
      constants: { c: weights(66, 3) },
      nodes: [op(operator, ['a', 'c'], 'y')],
    }),
    model(`${operator} with a number`, operator, {
      inputs: { a: [2, 3] },
      constants: { c: scalar(0.25) },
      nodes: [op(operator, ['a', 'c'], 'y')],
    }),
    toy(operator, { inputs: { a: [2], b: [2] }, nodes: [op(operator, ['a', 'b'], 'y')] }),
  ]);

const reductions = (): ModelCase[] => [
  model('reduce sum, axes by attribute', 'ReduceSum', {
    opset: 11,
    inputs: { x: [2, 3, 2] },
    nodes: [op('ReduceSum', ['x'], 's', { axes: ints(0, -1), keepdims: { int: 0 } }), relu('s')],
  }),
  model('reduce sum, axes by operand', 'ReduceSum', {
    opset: 13,
    inputs: { x: [2, 3, 2] },
    constants: { axes: list(1) },
    nodes: [op('ReduceSum', ['x', 'axes'], 's'), relu('s')],
  }),
  toy('ReduceSum', {
    inputs: { x: [2, 2] },
    constants: { axes: list(1) },
    nodes: [op('ReduceSum', ['x', 'axes'], 's', { keepdims: { int: 0 } }), relu('s')],
  }),
  model('reduce mean, axes by attribute', 'ReduceMean', {
    opset: 13,
    inputs: { x: [1, 3, 4] },
    nodes: [op('ReduceMean', ['x'], 's', { axes: ints(-1), keepdims: { int: 0 } }), relu('s')],
  }),
  model('reduce mean, all axes', 'ReduceMean', {
    opset: 18,
    inputs: { x: [2, 3] },
    nodes: [op('ReduceMean', ['x'], 's', { keepdims: { int: 1 } }), relu('s')],
  }),
  toy('ReduceMean', {
    inputs: { x: [3] },
    nodes: [op('ReduceMean', ['x'], 'm', { axes: ints(0), keepdims: { int: 0 } }), relu('m')],
  }),
];

/** Labels are equal, as the inputs' resolution tells the best two apart. */
const labels = { bound: 0, options: { inputBits: 14 } };

const rows = (): ModelCase[] => [
  ...(['Softmax', 'LogSoftmax'] as const).flatMap((operator) => [
    model(`${operator} of rows`, operator, {
      opset: 13,
      inputs: { x: [2, 5] },
      lo: -3,
      hi: 3,
      nodes: [op(operator, ['x'], 'y', { axis: { int: -1 } })],
    }),
    model(`${operator} of what follows an axis`, operator, {
      opset: 11,
      inputs: { x: [2, 2, 2] },
      lo: -2,
      hi: 2,
      nodes: [op(operator, ['x'], 'y', { axis: { int: 1 } })],
    }),
    model(`${operator} after a layer`, operator, {
      inputs: { x: [1, 4] },
      constants: { w: weights(71, 4, 5) },
      nodes: [op('MatMul', ['x', 'w'], 'h'), op(operator, ['h'], 'y')],
    }),
    toy(operator, {
      inputs: { x: [2] },
      lo: -2,
      hi: 2,
      nodes: [op(operator, ['x'], 'y')],
      options: { limbBits: operator === 'Softmax' ? 16 : 12 },
    }),
  ]),
  model('softmax between matrix products', 'Softmax', {
    inputs: { x: [1, 3, 4] },
    constants: { w: weights(72, 4, 4) },
    nodes: [
      op('MatMul', ['x', 'w'], 'q'),
      op('Transpose', ['x'], 't', { perm: ints(0, 2, 1) }),
      op('MatMul', ['q', 't'], 's'),
      op('Softmax', ['s'], 'p'),
      op('MatMul', ['p', 'x'], 'y'),
    ],
    bound: 2 ** -6,
  }),
  model('argmax of rows', 'ArgMax', {
    opset: 7,
    inputs: { x: [3, 5] },
    nodes: [op('ArgMax', ['x'], 'y', { axis: { int: 1 }, keepdims: { int: 0 } })],
    ...labels,
  }),
  model('argmax after a layer', 'ArgMax', {
    opset: 13,
    inputs: { x: [1, 4] },
    constants: { w: weights(73, 4, 6) },
    nodes: [op('MatMul', ['x', 'w'], 'h'), op('ArgMax', ['h'], 'y', { axis: { int: -1 } })],
    ...labels,
  }),
  model('argmax, last of equals', 'ArgMax', {
    opset: 12,
    inputs: { x: [2, 4] },
    nodes: [op('ArgMax', ['x'], 'y', { axis: { int: 1 }, select_last_index: { int: 1 } })],
    ...labels,
  }),
  toy('ArgMax', {
    inputs: { x: [3] },
    nodes: [op('ArgMax', ['x'], 'y', { axis: { int: 0 } })],
  }),
];

export const arithmeticModels = (): ModelCase[] => [
  ...elementwise(),
  ...extrema(),
  ...reductions(),
  ...rows(),
];
