import type { AttributeSpec, NodeSpec, TensorSpec } from '@assay/compiler/onnx';
import { model, type ModelCase, op, scalar, toy, vector, weights } from './model-case.ts';

interface Activation {
  readonly operator: string;
  readonly opset: number;
  readonly span: number;
  readonly attributes?: Readonly<Record<string, AttributeSpec>>;
  readonly operands?: Readonly<Record<string, TensorSpec>>;
  readonly what?: string;
}

const activations: readonly Activation[] = [
  { operator: 'Relu', opset: 7, span: 1 },
  { operator: 'Relu', opset: 14, span: 1 },
  { operator: 'LeakyRelu', opset: 7, span: 1, attributes: { alpha: { float: 0.1 } } },
  { operator: 'LeakyRelu', opset: 16, span: 1, what: 'default alpha' },
  { operator: 'PRelu', opset: 9, span: 1, operands: { s: vector(0.5, -0.25, 1.5) } },
  { operator: 'PRelu', opset: 16, span: 1, operands: { s: scalar(0.25) }, what: 'one slope' },
  { operator: 'Elu', opset: 7, span: 2, attributes: { alpha: { float: 0.5 } } },
  { operator: 'Sigmoid', opset: 13, span: 4 },
  { operator: 'Tanh', opset: 7, span: 3 },
  { operator: 'HardSigmoid', opset: 7, span: 4, attributes: { alpha: { float: 0.25 } } },
  { operator: 'HardSwish', opset: 14, span: 4 },
  { operator: 'Softplus', opset: 7, span: 3 },
  { operator: 'Erf', opset: 13, span: 2 },
  { operator: 'Gelu', opset: 20, span: 3 },
  {
    operator: 'Gelu',
    opset: 20,
    span: 3,
    attributes: { approximate: { string: 'tanh' } },
    what: 'tanh',
  },
  {
    operator: 'Clip',
    opset: 7,
    span: 1,
    attributes: { min: { float: -0.5 }, max: { float: 0.25 } },
  },
  { operator: 'Clip', opset: 13, span: 1, operands: { a: scalar(-0.25), b: scalar(0.75) } },
];

const nodeOf = (a: Activation, input: string, output: string): NodeSpec =>
  op(a.operator, [input, ...Object.keys(a.operands ?? {})], output, a.attributes);

const both = (a: Activation): ModelCase[] => {
  const { operator, opset, span, operands = {}, what } = a;
  const name = `${operator}${what === undefined ? '' : `, ${what}`}, opset ${opset}`;
  return [
    // Alone it is a table of its own; behind a sum it is in the table of the rescale.
    model(`${name}, of an input`, operator, {
      opset,
      inputs: { x: [2, 3] },
      constants: operands,
      lo: -span,
      hi: span,
      nodes: [nodeOf(a, 'x', 'y')],
    }),
    model(`${name}, between layers`, operator, {
      opset,
      inputs: { x: [1, 4] },
      constants: { ...operands, w: weights(51, 4, 3), v: weights(52, 3, 2) },
      lo: -span,
      hi: span,
      nodes: [op('MatMul', ['x', 'w'], 'h'), nodeOf(a, 'h', 'a_'), op('MatMul', ['a_', 'v'], 'y')],
    }),
  ];
};

const toyOf = (a: Activation): ModelCase => {
  // The toy has one element: a slope for it.
  const operands = Object.fromEntries(
    Object.entries(a.operands ?? {}).map(([name, { data }]) => [name, vector(data[0] ?? 0)]),
  );
  const { operator, opset, span } = a;
  const bounds = operator === 'Clip';
  return toy(
    operator,
    {
      opset,
      inputs: { x: [1, 2] },
      constants: {
        ...(bounds ? a.operands : operands),
        w: { dims: [2, 1], data: [0.75, -1] },
      },
      lo: -span,
      hi: span,
      nodes: [op('MatMul', ['x', 'w'], 'h'), nodeOf(a, 'h', 'r'), op('Identity', ['r'], 'y')],
    },
    `${a.what === undefined ? '' : `, ${a.what}`}, opset ${opset}`,
  );
};

export const activationModels = (): ModelCase[] => [
  ...activations.flatMap((a) => [...both(a), toyOf(a)]),
  model('gelu written out', 'Gelu', {
    opset: 13,
    inputs: { x: [1, 4] },
    lo: -3,
    hi: 3,
    constants: { root: scalar(Math.SQRT2), one: scalar(1), half: scalar(0.5) },
    nodes: [
      op('Div', ['x', 'root'], 'd'),
      op('Erf', ['d'], 'e'),
      op('Add', ['e', 'one'], 'p'),
      op('Mul', ['x', 'p'], 'm'),
      op('Mul', ['m', 'half'], 'y'),
    ],
  }),
  model('clip with one bound', 'Clip', {
    opset: 12,
    inputs: { x: [2, 3] },
    constants: { a: scalar(-0.25) },
    nodes: [op('Clip', ['x', 'a'], 'y')],
  }),
];
