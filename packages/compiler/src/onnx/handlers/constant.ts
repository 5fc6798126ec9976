/** Operators whose result is constant, and those that exist only to compute shapes and masks. */
import { constantTensor } from '../../graph/evaluate/index.ts';
import { binary } from '../../graph/evaluate/view.ts';
import { reduceProduct } from '../../graph/evaluate/window.ts';
import { inferShape } from '../../graph/infer.ts';
import { broadcastShapes, sizeOf } from '../../graph/shape.ts';
import type { DType, GraphValue } from '../../graph/types.ts';
import type { Handler, NodeContext } from '../context.ts';
import { decodeTensor, dtypeName, dtypeOf, roundToHalf } from '../tensor.ts';
import type { TensorProto } from '../proto/onnx_pb.js';
import { foldBinary } from './elementwise.ts';
import { reductionOf } from './reduce.ts';

const fromProto = (node: NodeContext, proto: TensorProto): GraphValue => {
  const tensor = decodeTensor(proto, node.maxElements);
  if (!tensor.ok) return node.fail('dtype', tensor.error);
  return node.make(tensor.value.dims, tensor.value.data, tensor.value.dtype);
};

const constant: Handler = (node) => {
  const { attributes } = node;
  const tensor = attributes.tensor('value');
  if (tensor !== null) return fromProto(node, tensor);
  const float = attributes.float('value_float', null);
  if (float !== null) return node.make([], [float], 'float32');
  const int = attributes.int('value_int', null);
  if (int !== null) return node.make([], [int], 'int64');
  const floats = attributes.floats('value_floats');
  if (floats !== null) return node.make([floats.length], floats, 'float32');
  const ints = attributes.ints('value_ints');
  if (ints !== null) return node.make([ints.length], ints, 'int64');
  attributes.finish();
  return node.fail('attribute', 'it has no value');
};

const shape: Handler = (node) => {
  const lengths = node.input(0).shape;
  const bound = (name: string, fallback: number): number => {
    const v = node.attributes.int(name, fallback);
    return Math.min(Math.max(v < 0 ? v + lengths.length : v, 0), lengths.length);
  };
  const part = lengths.slice(bound('start', 0), bound('end', lengths.length));
  return node.make([part.length], part, 'int64');
};

const constantOfShape: Handler = (node) => {
  const dims = node.ints(0, 'the shape');
  if (dims.some((d) => d < 0)) node.fail('operand', `shape ${dims.join(', ')}`);
  const proto = node.attributes.tensor('value');
  const value = proto === null ? null : fromProto(node, proto);
  node.charge(dims);
  return node.make(
    dims,
    new Float64Array(sizeOf(dims)).fill(value?.data?.[0] ?? 0),
    value?.dtype ?? 'float32',
  );
};

const range: Handler = (node) => {
  const start = node.scalar(0, 'the start', 0);
  const limit = node.scalar(1, 'the limit', 0);
  const step = node.scalar(2, 'the step', 1);
  const count = Math.max(0, Math.ceil((limit - start) / step));
  if (!Number.isFinite(count)) node.fail('operand', `step ${step}`);
  node.charge([count]);
  return node.make(
    [count],
    Float64Array.from({ length: count }, (_, i) => start + i * step),
    node.input(0).dtype,
  );
};

const converted = (x: number, from: DType, to: DType): number => {
  switch (to) {
    case 'float16':
      return roundToHalf(x);
    case 'float32':
      return Math.fround(x);
    case 'float64':
      return x;
    case 'bool':
      return x === 0 ? 0 : 1;
    case 'int32':
    case 'int64':
      return from.startsWith('float') ? Math.trunc(x) : x;
  }
};

const castTo = (node: NodeContext, to: DType): GraphValue => {
  const x = node.input(0);
  const from = x.dtype;
  if (x.data !== null) {
    node.charge(x.shape);
    return node.make(
      x.shape,
      Float64Array.from(x.data, (v) => converted(v, from, to)),
      to,
    );
  }
  if (to === 'bool' && from !== 'bool')
    return node.fail('dtype', `cast of a variable ${from} to bool`);
  const toInteger = to === 'int32' || to === 'int64';
  // Between the float types only the rounding differs, and integers are numbers already.
  return toInteger && from.startsWith('float')
    ? node.emit('Truncate', {}, [x], to)
    : { ...x, dtype: to };
};

const cast: Handler = (node) => {
  const code = node.attributes.int('to', 0);
  node.attributes.ignore('saturate', 'round_mode'); // they concern 8-bit floats only
  return castTo(node, dtypeOf(code) ?? node.fail('dtype', `cast to ${dtypeName(code)}`));
};

const castLike: Handler = (node) => {
  node.attributes.ignore('saturate', 'round_mode');
  return castTo(node, node.input(1).dtype);
};

const compare =
  (f: (a: number, b: number) => boolean): Handler =>
  (node) =>
    foldBinary(node, (a, b) => (f(a, b) ? 1 : 0), 'bool');

const not: Handler = (node) => {
  const { shape: dims, data } = node.constant(0, 'the operand');
  node.charge(dims);
  return node.make(
    dims,
    Float64Array.from(data, (v) => (v === 0 ? 1 : 0)),
    'bool',
  );
};

const modulo: Handler = (node) => {
  const float = node.attributes.flag('fmod', false);
  return foldBinary(
    node,
    (a, b) => (float ? a % b : a - b * Math.floor(a / b)),
    node.input(0).dtype,
  );
};

const where: Handler = (node) => {
  const [c, x, y] = [0, 1, 2].map((i) => constantTensor(node.constant(i, 'each operand')));
  if (!c || !x || !y) return node.fail('operand', 'an operand is missing');
  const dims =
    broadcastShapes(c.dims, x.dims, y.dims) ?? node.fail('shape', 'the operands do not broadcast');
  node.charge(dims);
  const picked = binary(c, x, dims, (flag, v) => (flag === 0 ? 0 : v));
  const other = binary(c, y, dims, (flag, v) => (flag === 0 ? v : 0));
  return node.make(
    dims,
    picked.map((v, i) => v + (other[i] ?? 0)),
    node.input(1).dtype,
  );
};

const reduceProd: Handler = (node) => {
  const x = node.constant(0, 'the operand');
  const tensor = constantTensor(x);
  const reduction = reductionOf(node, node.opset >= 18);
  if (reduction === null || tensor === null) return x;
  node.charge(x.shape);
  const dims = inferShape({ operator: 'ReduceSum', attributes: reduction }, [x.shape]);
  return node.make(dims, reduceProduct(reduction, tensor), x.dtype);
};

export const constantHandlers: Readonly<Record<string, Handler>> = {
  Constant: constant,
  Shape: shape,
  Size: (node) => node.make([], [sizeOf(node.input(0).shape)], 'int64'),
  ConstantOfShape: constantOfShape,
  Range: range,
  Cast: cast,
  CastLike: castLike,
  Equal: compare((a, b) => a === b),
  Less: compare((a, b) => a < b),
  LessOrEqual: compare((a, b) => a <= b),
  Greater: compare((a, b) => a > b),
  GreaterOrEqual: compare((a, b) => a >= b),
  And: compare((a, b) => a !== 0 && b !== 0),
  Or: compare((a, b) => a !== 0 || b !== 0),
  Xor: compare((a, b) => (a !== 0) !== (b !== 0)),
  Not: not,
  Mod: modulo,
  Where: where,
  ReduceProd: reduceProd,
};
