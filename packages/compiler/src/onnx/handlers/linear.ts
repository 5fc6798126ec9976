/** Matrix products, convolutions and batch normalization. */
import type { GraphValue } from '../../graph/types.ts';
import type { ConstantValue, Handler, NodeContext } from '../context.ts';
import { readWindows } from './windows.ts';

const noTranspose = { transposeA: false, transposeB: false };

/** numpy's rule for vectors: an axis of length 1 is added for the product and removed after it. */
const matMul: Handler = (node) => {
  const a = node.input(0);
  const b = node.input(1);
  if (a.shape.length === 0 || b.shape.length === 0) node.fail('shape', 'an operand is a scalar');
  const vectorA = a.shape.length === 1;
  const vectorB = b.shape.length === 1;
  const product = node.emit('MatMul', noTranspose, [
    vectorA ? node.reshape(a, [1, ...a.shape]) : a,
    vectorB ? node.reshape(b, [...b.shape, 1]) : b,
  ]);
  if (!vectorA && !vectorB) return product;
  const { shape } = product;
  return node.reshape(product, [
    ...shape.slice(0, -2),
    ...(vectorA ? [] : shape.slice(-2, -1)),
    ...(vectorB ? [] : shape.slice(-1)),
  ]);
};

const scaled = (node: NodeContext, x: ConstantValue, c: number): GraphValue =>
  c === 1
    ? x
    : node.make(
        x.shape,
        Float64Array.from(x.data, (v) => v * c),
        x.dtype,
      );

/** alpha·op(A)·op(B) + beta·C; factors go into constant operands where there are any. */
const gemm: Handler = (node) => {
  const alpha = node.attributes.float('alpha', 1);
  const beta = node.attributes.float('beta', 1);
  const transposes = {
    transposeA: node.attributes.flag('transA', false),
    transposeB: node.attributes.flag('transB', false),
  };
  const a = node.input(0);
  const b = node.input(1);
  const c = node.optional(2);
  if (a.shape.length !== 2 || b.shape.length !== 2)
    node.fail('shape', 'an operand is not a matrix');
  const addend =
    c === null || beta === 0 ? [] : [isConstant(c) ? scaled(node, c, beta) : node.scale(c, beta)];
  if (alpha === 1 || isConstant(b)) {
    return node.emit('MatMul', transposes, [
      a,
      isConstant(b) ? scaled(node, b, alpha) : b,
      ...addend,
    ]);
  }
  if (isConstant(a)) return node.emit('MatMul', transposes, [scaled(node, a, alpha), b, ...addend]);
  const product = node.scale(node.emit('MatMul', transposes, [a, b]), alpha);
  return addend.length === 0 ? product : node.emit('Add', {}, [product, ...addend]);
};

const isConstant = (v: GraphValue): v is ConstantValue => v.data !== null;

const conv: Handler = (node) => {
  const x = node.input(0);
  const w = node.input(1);
  const bias = node.optional(2);
  const kernel = w.shape.slice(2);
  if (x.shape.length < 3 || x.shape.length > 5 || w.shape.length !== x.shape.length) {
    node.fail('shape', `${x.shape.length - 2} spatial axes: 1 to 3 are supported`);
  }
  const { declaredEnd: _, ...windows } = readWindows(node, x.shape.slice(2), kernel, false);
  const group = node.attributes.int('group', 1);
  if (!(group >= 1)) node.fail('attribute', `group ${group}`);
  return node.emit('Conv', { ...windows, group }, bias === null ? [x, w] : [x, w, bias]);
};

/** scale·(x − mean)/√(variance + epsilon) + offset, with constant statistics: one multiplication, one addition. */
const batchNormalization: Handler = (node) => {
  const epsilon = node.attributes.float('epsilon', 1e-5);
  node.attributes.ignore('momentum');
  if (node.attributes.flag('training_mode', false) || node.usedOutputs.slice(1).some(Boolean)) {
    node.fail('attribute', 'training mode');
  }
  if (!node.attributes.flag('spatial', true)) node.fail('attribute', 'spatial 0');
  const x = node.input(0);
  const channels = x.shape[1] ?? node.fail('shape', 'the operand has no channel axis');
  const [scale, offset, mean, variance] = [
    'the scale',
    'the offset',
    'the mean',
    'the variance',
  ].map((what, i) => {
    const value = node.constant(i + 1, what);
    if (value.data.length !== channels)
      node.fail('shape', `${what} has ${value.data.length} elements for ${channels} channels`);
    return value.data;
  });
  const factors = Float64Array.from(
    { length: channels },
    (_, c) => (scale?.[c] ?? 0) / Math.sqrt((variance?.[c] ?? 0) + epsilon),
  );
  const offsets = factors.map((f, c) => (offset?.[c] ?? 0) - (mean?.[c] ?? 0) * f);
  const shape = [channels, ...x.shape.slice(2).map(() => 1)];
  const product = node.emit('Mul', {}, [x, node.make(shape, factors, x.dtype)]);
  return node.emit('Add', {}, [product, node.make(shape, offsets, x.dtype)]);
};

export const linearHandlers: Readonly<Record<string, Handler>> = {
  MatMul: matMul,
  Gemm: gemm,
  Conv: conv,
  BatchNormalization: batchNormalization,
};
