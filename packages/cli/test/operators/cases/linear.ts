import { model, type ModelCase, op, relu, scalar, toy, vector, weights } from './model-case.ts';

const ints = (...values: number[]) => ({ ints: values });

const products = (): ModelCase[] => [
  model('matmul, relu, matmul', 'MatMul', {
    opset: 9,
    inputs: { x: [2, 6] },
    constants: { w: weights(1, 6, 5), v: weights(2, 5, 3) },
    nodes: [op('MatMul', ['x', 'w'], 'h'), relu('h', 'a'), op('MatMul', ['a', 'v'], 'y')],
  }),
  model('matmul of a vector and a batch', 'MatMul', {
    opset: 13,
    inputs: { x: [4] },
    constants: { w: weights(3, 2, 4, 3) },
    nodes: [op('MatMul', ['x', 'w'], 'h'), relu('h')],
  }),
  model('matmul of two inputs', 'MatMul', {
    inputs: { a: [2, 2, 3], b: [2, 3, 2] },
    nodes: [op('MatMul', ['a', 'b'], 'h'), relu('h')],
  }),
  toy('MatMul', {
    inputs: { x: [1, 2] },
    constants: { w: { dims: [2, 1], data: [0.75, -1] } },
    nodes: [op('MatMul', ['x', 'w'], 'h'), relu('h')],
  }),
  model('gemm with all attributes', 'Gemm', {
    opset: 7,
    inputs: { x: [4, 2] },
    constants: { w: weights(4, 3, 4), c: weights(5, 1, 3) },
    nodes: [
      op('Gemm', ['x', 'w', 'c'], 'h', {
        transA: { int: 1 },
        transB: { int: 1 },
        alpha: { float: 0.5 },
        beta: { float: 2 },
      }),
      relu('h'),
    ],
  }),
  model('gemm without a bias', 'Gemm', {
    opset: 11,
    inputs: { x: [1, 4] },
    constants: { w: weights(6, 4, 3), v: weights(7, 3, 2) },
    nodes: [op('Gemm', ['x', 'w'], 'h'), relu('h', 'a'), op('Gemm', ['a', 'v'], 'y')],
  }),
  model('gemm of two inputs', 'Gemm', {
    opset: 13,
    inputs: { a: [2, 3], b: [3, 2] },
    constants: { c: scalar(0.25) },
    nodes: [op('Gemm', ['a', 'b', 'c'], 'h', { alpha: { float: 0.5 } }), relu('h')],
  }),
  toy('Gemm', {
    inputs: { x: [1, 2] },
    constants: { w: { dims: [1, 2], data: [0.5, -1] }, c: vector(0.25) },
    nodes: [op('Gemm', ['x', 'w', 'c'], 'h', { transB: { int: 1 } }), relu('h')],
  }),
];

const convolutions = (): ModelCase[] => [
  model('conv 1-D, strided, padded', 'Conv', {
    opset: 11,
    inputs: { x: [1, 2, 7] },
    constants: { w: weights(11, 3, 2, 3), b: weights(12, 3) },
    nodes: [op('Conv', ['x', 'w', 'b'], 'h', { strides: ints(2), pads: ints(2, 1) }), relu('h')],
  }),
  model('conv 2-D, dilated, asymmetric pads', 'Conv', {
    opset: 7,
    inputs: { x: [1, 2, 5, 5] },
    constants: { w: weights(13, 2, 2, 2, 3) },
    nodes: [
      op('Conv', ['x', 'w'], 'h', {
        kernel_shape: ints(2, 3),
        dilations: ints(2, 1),
        pads: ints(1, 0, 0, 2),
      }),
      relu('h'),
    ],
  }),
  model('conv 3-D', 'Conv', {
    inputs: { x: [1, 1, 3, 3, 3] },
    constants: { w: weights(14, 2, 1, 2, 2, 2), b: weights(15, 2) },
    nodes: [
      op('Conv', ['x', 'w', 'b'], 'h', { pads: ints(0, 1, 0, 0, 0, 1), strides: ints(1, 2, 1) }),
      relu('h'),
    ],
  }),
  model('conv in groups', 'Conv', {
    inputs: { x: [1, 4, 3, 3] },
    constants: { w: weights(16, 6, 2, 2, 2) },
    nodes: [op('Conv', ['x', 'w'], 'h', { group: { int: 2 } }), relu('h')],
  }),
  model('conv depthwise and pointwise', 'Conv', {
    opset: 22,
    inputs: { x: [1, 3, 4, 4] },
    constants: { w: weights(17, 3, 1, 3, 3), b: weights(18, 3), v: weights(19, 2, 3, 1, 1) },
    nodes: [
      op('Conv', ['x', 'w', 'b'], 'h', { group: { int: 3 }, pads: ints(1, 1, 1, 1) }),
      relu('h', 'a'),
      op('Conv', ['a', 'v'], 'y'),
    ],
  }),
  model('conv depthwise with a multiplier', 'Conv', {
    inputs: { x: [1, 2, 4] },
    constants: { w: weights(20, 4, 1, 2) },
    nodes: [op('Conv', ['x', 'w'], 'h', { group: { int: 2 } }), relu('h')],
  }),
  ...(['SAME_UPPER', 'SAME_LOWER', 'VALID'] as const).map((pad) =>
    model(`conv ${pad}`, 'Conv', {
      inputs: { x: [1, 1, 5, 4] },
      constants: { w: weights(21, 2, 1, 2, 3) },
      nodes: [
        op('Conv', ['x', 'w'], 'h', { auto_pad: { string: pad }, strides: ints(2, 1) }),
        relu('h'),
      ],
    }),
  ),
  model('conv of a batch', 'Conv', {
    inputs: { x: [2, 1, 3, 3] },
    constants: { w: weights(22, 2, 1, 2, 2) },
    nodes: [op('Conv', ['x', 'w'], 'h'), relu('h')],
  }),
  toy(
    'Conv',
    {
      inputs: { x: [1, 1, 3] },
      constants: { w: { dims: [1, 1, 2], data: [0.75, -1] } },
      nodes: [op('Conv', ['x', 'w'], 'h', { pads: ints(1, 0), strides: ints(2) }), relu('h')],
    },
    ' 1-D',
  ),
  toy(
    'Conv',
    {
      inputs: { x: [1, 1, 2, 2] },
      constants: { w: { dims: [1, 1, 2, 2], data: [0.75, -0.25, 0.5, -1] }, b: vector(0.25) },
      nodes: [op('Conv', ['x', 'w', 'b'], 'h'), relu('h')],
    },
    ' 2-D',
  ),
  toy(
    'Conv',
    {
      inputs: { x: [1, 1, 3, 1, 1] },
      constants: { w: { dims: [1, 1, 2, 1, 1], data: [0.5, -1] } },
      nodes: [op('Conv', ['x', 'w'], 'h', { dilations: ints(2, 1, 1) }), relu('h')],
    },
    ' 3-D',
  ),
  toy(
    'Conv',
    {
      inputs: { x: [1, 2, 1] },
      constants: { w: { dims: [2, 1, 1], data: [0.75, -1] } },
      nodes: [op('Conv', ['x', 'w'], 'h', { group: { int: 2 } }), relu('h')],
    },
    ' depthwise',
  ),
];

const normalizations = (): ModelCase[] => {
  const statistics = {
    s: weights(31, 2),
    o: weights(32, 2),
    m: weights(33, 2),
    v: vector(0.5, 2),
  };
  const normalize = (input: string, output: string) =>
    op('BatchNormalization', [input, 's', 'o', 'm', 'v'], output, { epsilon: { float: 1e-3 } });
  return [
    model('batch normalization after a conv', 'BatchNormalization', {
      opset: 7,
      inputs: { x: [1, 1, 3, 3] },
      constants: { ...statistics, w: weights(34, 2, 1, 2, 2) },
      nodes: [op('Conv', ['x', 'w'], 'h'), normalize('h', 'n'), relu('n')],
    }),
    ...[9, 14, 15].map((opset) =>
      model(`batch normalization alone, opset ${opset}`, 'BatchNormalization', {
        opset,
        inputs: { x: [1, 2, 3] },
        constants: statistics,
        nodes: [normalize('x', 'n'), relu('n')],
      }),
    ),
    model('batch normalization after a gemm and an activation', 'BatchNormalization', {
      inputs: { x: [1, 3] },
      constants: { ...statistics, w: weights(35, 3, 2), u: weights(36, 2, 2) },
      nodes: [
        op('Gemm', ['x', 'w'], 'h'),
        relu('h', 'a'),
        normalize('a', 'n'),
        op('Gemm', ['n', 'u'], 'y'),
      ],
    }),
    toy('BatchNormalization', {
      inputs: { x: [1, 2] },
      constants: { s: vector(1, -0.5), o: vector(0.25, 0), m: vector(0, 0.5), v: vector(1, 2) },
      nodes: [normalize('x', 'n'), relu('n')],
    }),
  ];
};

export const linearModels = (): ModelCase[] => [
  ...products(),
  ...convolutions(),
  ...normalizations(),
];
