import type { AttributeSpec } from '@assay/compiler/onnx';
import { type CaseSpec, list, model, type ModelCase, op, relu, weights } from './model-case.ts';

const int = (value: number) => ({ int: value });

type Row = readonly [
  operator: string,
  lo: number,
  hi: number,
  rest?: Partial<CaseSpec> & { readonly attributes?: Readonly<Record<string, AttributeSpec>> },
];

/** A jump moves with the input's resolution: an element beside it is off by the whole jump. */
const jump = (height: number, span: number): { readonly bound: number } => ({
  bound: (1.01 * height) / span,
});

const functions: readonly Row[] = [
  ['Abs', -2, 2],
  ['Atan', -3, 3],
  ['Ceil', -5, 5, jump(1, 9)],
  ['Celu', -2, 2, { attributes: { alpha: { float: 2 } } }],
  ['Cos', -3, 3],
  ['Exp', -3, 1],
  ['Floor', -5, 5, jump(1, 9)],
  ['Log', 0.25, 4],
  ['Mish', -3, 3, { opset: 18 }],
  ['Reciprocal', 0.5, 4],
  ['Round', -5, 5, jump(1, 9)],
  ['Selu', -2, 2],
  ['Sign', -1, 1, jump(1, 2)],
  ['Sin', -3, 3],
  ['Softsign', -3, 3],
  ['Sqrt', 0.25, 4],
  ['ThresholdedRelu', -2, 2, { attributes: { alpha: { float: 0.5 } }, ...jump(0.5, 1.9) }],
];

const ofElements = (): ModelCase[] =>
  functions.map(([operator, lo, hi, { attributes, ...rest } = {}]) =>
    model(`${operator} of an input`, operator, {
      inputs: { x: [2, 3] },
      lo,
      hi,
      nodes: [op(operator, ['x'], 'y', attributes)],
      ...rest,
    }),
  );

/** Operators beyond those that are promised. */
export const otherModels = (): ModelCase[] => [
  ...ofElements(),
  model('square by pow', 'Pow', {
    inputs: { x: [2, 3] },
    constants: { e: { dims: [], data: [2] } },
    nodes: [op('Pow', ['x', 'e'], 'y')],
  }),
  model('argmin', 'ArgMin', {
    inputs: { x: [3, 4] },
    nodes: [op('ArgMin', ['x'], 'y', { axis: int(1) })],
    options: { inputBits: 14 },
    bound: 0,
  }),
  model('cast like another', 'CastLike', {
    inputs: { x: [2, 3] },
    constants: { like: weights(91, 1) },
    nodes: [op('CastLike', ['x', 'like'], 'v'), relu('v')],
  }),
  model('depth to space', 'DepthToSpace', {
    inputs: { x: [1, 4, 2, 3] },
    nodes: [op('DepthToSpace', ['x'], 'v', { blocksize: int(2) }), relu('v')],
  }),
  model('depth to space, CRD', 'DepthToSpace', {
    inputs: { x: [1, 4, 1, 2] },
    nodes: [
      op('DepthToSpace', ['x'], 'v', { blocksize: int(2), mode: { string: 'CRD' } }),
      relu('v'),
    ],
  }),
  model('space to depth', 'SpaceToDepth', {
    inputs: { x: [1, 1, 2, 4] },
    nodes: [op('SpaceToDepth', ['x'], 'v', { blocksize: int(2) }), relu('v')],
  }),
  model('tile', 'Tile', {
    inputs: { x: [1, 3] },
    constants: { r: list(2, 2) },
    nodes: [op('Tile', ['x', 'r'], 'v'), relu('v')],
  }),
  ...(['ReduceMax', 'ReduceMin', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare'] as const).map(
    (operator) =>
      model(`${operator} of rows`, operator, {
        inputs: { x: [2, 4] },
        nodes: [op(operator, ['x'], 's', { axes: { ints: [1] } }), relu('s')],
      }),
  ),
  model('ReduceLogSum of rows', 'ReduceLogSum', {
    inputs: { x: [2, 4] },
    lo: 0.25,
    hi: 2,
    nodes: [op('ReduceLogSum', ['x'], 'y', { axes: { ints: [1] } })],
  }),
];
