import type { NodeSpec } from '@assay/compiler/onnx';
import {
  type CaseSpec,
  list,
  model,
  type ModelCase,
  op,
  relu,
  scalar,
  toy,
  weights,
} from './model-case.ts';

const ints = (...values: number[]) => ({ ints: values });
const int = (value: number) => ({ int: value });

/** One view between an input and a Relu. */
const view = (
  name: string,
  operator: string,
  shape: readonly number[],
  node: NodeSpec,
  rest: Partial<CaseSpec> = {},
): ModelCase => model(name, operator, { inputs: { x: shape }, nodes: [node, relu('v')], ...rest });

/** A toy: the view of a rescaled value of two elements, rescaled again. */
const toyView = (
  operator: string,
  shape: readonly number[],
  nodes: readonly NodeSpec[],
  rest: Partial<CaseSpec> = {},
): ModelCase => toy(operator, { inputs: { x: shape }, nodes: [...nodes, relu('v')], ...rest });

const shapes = (): ModelCase[] => [
  view('flatten of a volume', 'Flatten', [2, 3, 2], op('Flatten', ['x'], 'v', { axis: int(2) }), {
    opset: 9,
  }),
  model('flatten between conv and gemm', 'Flatten', {
    inputs: { x: [1, 1, 4, 4] },
    constants: { w: weights(81, 3, 1, 2, 2), u: weights(82, 27, 2) },
    nodes: [
      op('Conv', ['x', 'w'], 'h'),
      relu('h', 'a'),
      op('Flatten', ['a'], 'f'),
      op('Gemm', ['f', 'u'], 'y'),
    ],
  }),
  toyView('Flatten', [1, 2, 1], [op('Flatten', ['x'], 'v')]),
  view('reshape with zero and minus one', 'Reshape', [2, 6], op('Reshape', ['x', 's'], 'v'), {
    opset: 7,
    constants: { s: list(0, 3, -1) },
  }),
  view('reshape across axes', 'Reshape', [3, 4], op('Reshape', ['x', 's'], 'v'), {
    opset: 14,
    constants: { s: list(2, 6) },
  }),
  model('reshape before a transpose', 'Reshape', {
    inputs: { x: [4, 3] },
    constants: { s: list(2, 6) },
    nodes: [
      op('Reshape', ['x', 's'], 'r'),
      op('Transpose', ['r'], 'v', { perm: ints(1, 0) }),
      relu('v'),
    ],
  }),
  toyView('Reshape', [2], [op('Reshape', ['x', 's'], 'v')], { constants: { s: list(2, 1) } }),
  view(
    'squeeze, axes by attribute',
    'Squeeze',
    [1, 3, 1],
    op('Squeeze', ['x'], 'v', { axes: ints(2) }),
    {
      opset: 11,
    },
  ),
  view('squeeze, axes by operand', 'Squeeze', [1, 3, 1], op('Squeeze', ['x', 'a'], 'v'), {
    opset: 13,
    constants: { a: list(0) },
  }),
  view('squeeze of all', 'Squeeze', [1, 3, 1], op('Squeeze', ['x'], 'v'), { opset: 13 }),
  toyView('Squeeze', [1, 2], [op('Squeeze', ['x', 'a'], 'v')], { constants: { a: list(0) } }),
  view(
    'unsqueeze, axes by attribute',
    'Unsqueeze',
    [2, 3],
    op('Unsqueeze', ['x'], 'v', { axes: ints(0, 2) }),
    {
      opset: 11,
    },
  ),
  view('unsqueeze, axes by operand', 'Unsqueeze', [2, 3], op('Unsqueeze', ['x', 'a'], 'v'), {
    opset: 13,
    constants: { a: list(-1) },
  }),
  toyView('Unsqueeze', [2], [op('Unsqueeze', ['x', 'a'], 'v')], { constants: { a: list(0) } }),
  view('expand', 'Expand', [2, 1, 3], op('Expand', ['x', 's'], 'v'), {
    opset: 8,
    constants: { s: list(2, 2, 1) },
  }),
  view('expand to more axes', 'Expand', [3, 1], op('Expand', ['x', 's'], 'v'), {
    opset: 13,
    constants: { s: list(2, 1, 2) },
  }),
  toyView('Expand', [1], [op('Expand', ['x', 's'], 'v')], { constants: { s: list(2) } }),
  model('shape of a static shape', 'Shape', {
    opset: 15,
    inputs: { x: [2, 3, 2] },
    constants: { i: list(0), m: list(-1) },
    nodes: [
      op('Shape', ['x'], 's'),
      op('Gather', ['s', 'i'], 'n'),
      op('Concat', ['n', 'm'], 't', { axis: int(0) }),
      op('Reshape', ['x', 't'], 'v'),
      relu('v'),
    ],
  }),
  toyView('Shape', [2], [op('Shape', ['x'], 's'), op('Reshape', ['x', 's'], 'v')]),
  model('constant nodes', 'Constant', {
    opset: 13,
    inputs: { x: [1, 3] },
    nodes: [
      {
        operator: 'Constant',
        inputs: [],
        outputs: ['w'],
        attributes: { value: { tensor: weights(83, 3, 3) } },
      },
      {
        operator: 'Constant',
        inputs: [],
        outputs: ['c'],
        attributes: { value_floats: { floats: [0.5, -0.25, 1] } },
      },
      op('MatMul', ['x', 'w'], 'h'),
      op('Add', ['h', 'c'], 'v'),
      relu('v'),
    ],
  }),
  toy('Constant', {
    opset: 13,
    inputs: { x: [2] },
    nodes: [
      {
        operator: 'Constant',
        inputs: [],
        outputs: ['c'],
        attributes: { value_float: { float: 0.5 } },
      },
      op('Add', ['x', 'c'], 'v'),
      relu('v'),
    ],
  }),
];

const selections = (): ModelCase[] => [
  view('transpose', 'Transpose', [2, 3, 2], op('Transpose', ['x'], 'v', { perm: ints(2, 0, 1) }), {
    opset: 7,
  }),
  view('transpose reversing all axes', 'Transpose', [2, 3], op('Transpose', ['x'], 'v'), {
    opset: 13,
  }),
  toyView('Transpose', [1, 2], [op('Transpose', ['x'], 'v')]),
  model('concat of inputs and a constant', 'Concat', {
    opset: 13,
    inputs: { a: [2, 3], b: [2, 1] },
    constants: { c: weights(84, 2, 2) },
    nodes: [op('Concat', ['a', 'c', 'b'], 'v', { axis: int(-1) }), relu('v')],
  }),
  model('concat of branches', 'Concat', {
    opset: 7,
    inputs: { x: [1, 2, 3] },
    constants: { w: weights(85, 2, 2, 1), u: weights(86, 3, 2, 1) },
    nodes: [
      op('Conv', ['x', 'w'], 'h'),
      relu('h', 'a'),
      op('Conv', ['x', 'u'], 'g'),
      op('Sigmoid', ['g'], 'b'),
      op('Concat', ['a', 'b'], 'y', { axis: int(1) }),
    ],
  }),
  toy('Concat', {
    inputs: { a: [1], b: [1] },
    nodes: [op('Concat', ['a', 'b'], 'v', { axis: int(0) }), relu('v')],
  }),
  view(
    'slice by attributes',
    'Slice',
    [4, 5],
    op('Slice', ['x'], 'v', { starts: ints(1, -3), ends: ints(3, 100), axes: ints(0, 1) }),
    { opset: 9 },
  ),
  view(
    'slice by operands, backwards',
    'Slice',
    [4, 5],
    op('Slice', ['x', 's', 'e', 'a', 't'], 'v'),
    {
      opset: 13,
      constants: { s: list(3, 0), e: list(-100, 5), a: list(0, 1), t: list(-2, 2) },
    },
  ),
  toyView('Slice', [4], [op('Slice', ['x', 's', 'e'], 'v')], {
    constants: { s: list(1), e: list(3) },
  }),
  ...[
    { opset: 11, attributes: { axis: int(1), split: ints(2, 3) }, operands: [] },
    { opset: 13, attributes: { axis: int(1) }, operands: ['n'] },
    { opset: 18, attributes: { axis: int(1), num_outputs: int(2) }, operands: [] },
  ].map(({ opset, attributes, operands }) =>
    model(`split, opset ${opset}`, 'Split', {
      opset,
      inputs: { x: [2, opset === 18 ? 4 : 5] },
      constants: operands.length > 0 ? { n: list(2, 3) } : {},
      nodes: [
        { operator: 'Split', inputs: ['x', ...operands], outputs: ['a', 'b'], attributes },
        relu('a', 'c'),
        op('Neg', ['b'], 'd'),
        op('Concat', ['c', 'd'], 'y', { axis: int(1) }),
      ],
    }),
  ),
  toy('Split', {
    inputs: { x: [2] },
    nodes: [
      { operator: 'Split', inputs: ['x'], outputs: ['a', 'b'], attributes: { axis: int(0) } },
      op('Sub', ['a', 'b'], 'v'),
      relu('v'),
    ],
    opset: 13,
  }),
  view(
    'pad by attributes',
    'Pad',
    [2, 3],
    op('Pad', ['x'], 'v', { pads: ints(1, 0, 0, 2), value: { float: 0.5 } }),
    { opset: 7 },
  ),
  view('pad by operands', 'Pad', [2, 3], op('Pad', ['x', 'p', 'c'], 'v'), {
    opset: 13,
    constants: { p: list(0, 1, 1, -1), c: scalar(-0.5) },
  }),
  ...(['edge', 'reflect'] as const).map((mode) =>
    view(`pad ${mode}`, 'Pad', [2, 3], op('Pad', ['x', 'p'], 'v', { mode: { string: mode } }), {
      opset: 11,
      constants: { p: list(1, 0, 0, 2) },
    }),
  ),
  toyView('Pad', [2], [op('Pad', ['x', 'p', 'c'], 'v')], {
    constants: { p: list(1, 0), c: scalar(0.5) },
  }),
  view('gather of rows', 'Gather', [3, 2], op('Gather', ['x', 'i'], 'v'), {
    opset: 7,
    constants: { i: { dims: [2, 2], data: [2, 0, -1, 1], dtype: 'int64' } },
  }),
  view(
    'gather along the last axis',
    'Gather',
    [2, 4],
    op('Gather', ['x', 'i'], 'v', { axis: int(1) }),
    {
      opset: 13,
      constants: { i: list(3, 0, 0) },
    },
  ),
  toyView('Gather', [3], [op('Gather', ['x', 'i'], 'v')], { constants: { i: list(2, 0) } }),
  view('identity', 'Identity', [2, 3], op('Identity', ['x'], 'v'), { opset: 14 }),
  model('identity as the whole model', 'Identity', {
    opset: 7,
    inputs: { x: [2, 3] },
    nodes: [op('Identity', ['x'], 'y')],
  }),
  toyView('Identity', [2], [op('Identity', ['x'], 'v')]),
  view(
    'dropout with a ratio',
    'Dropout',
    [2, 3],
    op('Dropout', ['x'], 'v', { ratio: { float: 0.3 } }),
    {
      opset: 10,
    },
  ),
  view('dropout, ratio by operand', 'Dropout', [2, 3], op('Dropout', ['x', 'r'], 'v'), {
    opset: 13,
    constants: { r: scalar(0.3) },
  }),
  toyView('Dropout', [2], [op('Dropout', ['x'], 'v')], { opset: 7 }),
  view('cast from double', 'Cast', [2, 3], op('Cast', ['x'], 'v', { to: int(1) }), {
    opset: 13,
    inputType: 'float64',
  }),
  model('cast to an integer and back', 'Cast', {
    opset: 9,
    inputs: { x: [2, 3] },
    lo: -5,
    hi: 5,
    nodes: [
      op('Cast', ['x'], 'i', { to: int(7) }),
      op('Cast', ['i'], 'v', { to: int(1) }),
      relu('v'),
    ],
    // Where a value lies within the input's resolution of an integer, the integers differ by one.
    bound: 0.2,
  }),
  toyView('Cast', [2], [op('Cast', ['x'], 'v', { to: int(1) })], { inputType: 'float64' }),
];

export const viewModels = (): ModelCase[] => [...shapes(), ...selections()];
