/** Pools, reductions and row operators. */
import type { Reduction } from '../../graph/operators.ts';
import { sizeOf } from '../../graph/shape.ts';
import type { GraphValue } from '../../graph/types.ts';
import type { Handler, NodeContext } from '../context.ts';
import { readWindows } from './windows.ts';

const spatialOf = (node: NodeContext): readonly number[] => {
  const { shape } = node.input(0);
  if (shape.length < 3 || shape.length > 5)
    node.fail('shape', `${shape.length - 2} spatial axes: 1 to 3 are supported`);
  return shape.slice(2);
};

const maxPool: Handler = (node) => {
  if (node.usedOutputs[1] === true) node.fail('attribute', 'its second output, the indices');
  node.attributes.ignore('storage_order'); // orders the indices only
  const { declaredEnd: _, ...windows } = readWindows(node, spatialOf(node), null, true);
  return node.emit('MaxPool', windows, [node.input(0)]);
};

const averagePool: Handler = (node) => {
  const spatial = spatialOf(node);
  const includePad = node.attributes.flag('count_include_pad', false);
  const { declaredEnd, ...windows } = readWindows(node, spatial, null, true);
  // The shape rule checks the windows; the divisors cannot be made before they are known to be sane.
  const divisors = spatial.map((length, i) => {
    const begin = windows.padsBegin[i] ?? 0;
    const stride = windows.strides[i] ?? 1;
    const dilation = windows.dilations[i] ?? 1;
    const size = windows.kernel[i] ?? 1;
    const count =
      Math.floor(
        (length + begin + (windows.padsEnd[i] ?? 0) - (size - 1) * dilation - 1) / stride,
      ) + 1;
    node.charge([count]);
    const [low, high] = includePad ? [-begin, length + (declaredEnd[i] ?? 0)] : [0, length];
    return Array.from({ length: Math.max(0, count) }, (_, o) => {
      const first = o * stride - begin;
      const from = Math.max(0, Math.ceil((low - first) / dilation));
      const to = Math.min(size, Math.floor((high - 1 - first) / dilation) + 1);
      return Math.max(0, to - from);
    });
  });
  return node.emit('AveragePool', { ...windows, divisors }, [node.input(0)]);
};

const global =
  (operator: 'ReduceMean' | 'ReduceMax'): Handler =>
  (node) => {
    const axes = spatialOf(node).map((_, i) => i + 2);
    return node.emit(operator, { axes, keepDims: true }, [node.input(0)]);
  };

/** Axes by attribute or, in later opsets, by operand; none means all, or nothing if so declared. */
export const reductionOf = (node: NodeContext, axesByInput: boolean): Reduction | null => {
  const rank = node.input(0).shape.length;
  const keepDims = node.attributes.flag('keepdims', true);
  const noop = axesByInput && node.attributes.flag('noop_with_empty_axes', false);
  const given =
    (axesByInput ? node.optionalInts(1, 'the list of axes') : node.attributes.ints('axes')) ?? [];
  if (given.length === 0 && noop) return null;
  const axes =
    given.length === 0 ? Array.from({ length: rank }, (_, i) => i) : node.axes(given, rank);
  return axes.length === 0 ? null : { axes, keepDims };
};

const isFloat = (v: GraphValue): boolean => v.dtype.startsWith('float');

const reduce =
  (
    operator: 'ReduceSum' | 'ReduceMean' | 'ReduceMax' | 'ReduceMin',
    before: (node: NodeContext, x: GraphValue) => GraphValue = (_, x) => x,
    after: (node: NodeContext, x: GraphValue) => GraphValue = (_, x) => x,
  ): Handler =>
  (node) => {
    const x = node.input(0);
    const axesByInput = node.opset >= (node.operator === 'ReduceSum' ? 13 : 18);
    if (operator === 'ReduceMean' && !isFloat(x)) node.fail('dtype', `mean of ${x.dtype}`);
    const reduction = reductionOf(node, axesByInput);
    const prepared = before(node, x);
    return after(node, reduction === null ? prepared : node.emit(operator, reduction, [prepared]));
  };

const square = (node: NodeContext, x: GraphValue): GraphValue => node.emit('Mul', {}, [x, x]);
const unary =
  (operator: 'Abs' | 'Sqrt' | 'Log') =>
  (node: NodeContext, x: GraphValue): GraphValue =>
    node.emit(operator, {}, [x]);

const argMax =
  (minimum: boolean): Handler =>
  (node) => {
    const x = node.input(0);
    const axis = node.axis(node.attributes.int('axis', 0), x.shape.length);
    const keepDims = node.attributes.flag('keepdims', true);
    const last = node.attributes.flag('select_last_index', false);
    const operand = minimum ? node.emit('Neg', {}, [x]) : x;
    if (!last) return node.emit('ArgMax', { axis, keepDims }, [operand], 'int64');
    const length = x.shape[axis] ?? 1;
    const reversed = node.emit(
      'Slice',
      {
        starts: x.shape.map((_, a) => (a === axis ? length - 1 : 0)),
        steps: x.shape.map((_, a) => (a === axis ? -1 : 1)),
        sizes: x.shape,
      },
      [operand],
    );
    const index = node.emit('ArgMax', { axis, keepDims }, [reversed], 'int64');
    return node.emit('Sub', {}, [node.make([], [length - 1], 'int64'), index], 'int64');
  };

/** On the last axis; before opset 13 all axes from `axis` on are one row. */
const softmax =
  (operator: 'Softmax' | 'LogSoftmax'): Handler =>
  (node) => {
    const x = node.input(0);
    const rank = x.shape.length;
    const flattens = node.opset < 13;
    const axis = node.axis(node.attributes.int('axis', flattens ? 1 : -1), rank);
    if (axis === rank - 1) return node.emit(operator, {}, [x]);
    if (flattens) {
      const rows = node.reshape(x, [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis))]);
      return node.reshape(node.emit(operator, {}, [rows]), x.shape);
    }
    const permutation = x.shape.map((_, i) => (i === axis ? rank - 1 : i === rank - 1 ? axis : i));
    const swapped = node.emit('Transpose', { permutation }, [x]);
    return node.emit('Transpose', { permutation }, [node.emit(operator, {}, [swapped])]);
  };

export const reduceHandlers: Readonly<Record<string, Handler>> = {
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: global('ReduceMean'),
  GlobalMaxPool: global('ReduceMax'),
  ReduceSum: reduce('ReduceSum'),
  ReduceMean: reduce('ReduceMean'),
  ReduceMax: reduce('ReduceMax'),
  ReduceMin: reduce('ReduceMin'),
  ReduceL1: reduce('ReduceSum', unary('Abs')),
  ReduceL2: reduce('ReduceSum', square, unary('Sqrt')),
  ReduceSumSquare: reduce('ReduceSum', square),
  ReduceLogSum: reduce('ReduceSum', undefined, unary('Log')),
  ArgMax: argMax(false),
  ArgMin: argMax(true),
  Softmax: softmax('Softmax'),
  LogSoftmax: softmax('LogSoftmax'),
};
