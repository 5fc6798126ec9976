/**
 * Scales and offsets move into the weights and biases of linear layers: batch normalization after a
 * convolution, input normalization before one, MatMul + Add.
 *
 *   (A·B + C)·m = A·(B·m) + C·m        (A·B) + c = A·B + c        ((x·m + a)·B) = x·(m·B) + a·B
 */
import { broadcastsTo, sizeOf } from '../shape.ts';
import type { DenseTensor, GraphNode, NodeOf } from '../types.ts';
import { constantOperand } from './constants.ts';
import type { Rule, Scope } from './engine.ts';

type Linear = NodeOf<'MatMul'> | NodeOf<'Conv'>;

/** The tensor as a list over one axis of `target` (counted from the end), if it varies along no other. */
const along = (
  tensor: DenseTensor,
  target: readonly number[],
  fromEnd: number,
): DenseTensor | null => {
  if (!broadcastsTo(tensor.dims, target)) return null;
  const length = tensor.dims.at(-fromEnd) ?? 1;
  if (tensor.data.length !== length && tensor.data.length !== 1) return null;
  return { dims: tensor.data.length === 1 ? [] : [length], data: tensor.data };
};

/** v over the given axis from the end: trailing axes of length 1 follow it. */
const column = (v: DenseTensor, fromEnd: number): DenseTensor => ({
  dims: v.dims.length === 0 ? [] : [...v.dims, ...new Array<number>(fromEnd - 1).fill(1)],
  data: v.data,
});

interface Change {
  readonly operand: number;
  readonly tensor: DenseTensor;
}

/** A linear layer with other constants in place of some operands. */
const withConstants = (
  linear: Linear,
  output: string,
  scope: Scope,
  changes: readonly Change[],
): GraphNode => {
  const inputs = [...linear.inputs];
  for (const { operand, tensor } of changes) {
    const base = inputs[operand] ?? `${linear.output}/bias`;
    inputs[operand] = scope.addConstant(base, tensor);
  }
  return { ...linear, inputs, output };
};

/** Channel axis of a convolution's input or output, counted from the end. */
const channelFromEnd = (conv: NodeOf<'Conv'>): number => conv.attributes.kernel.length + 1;

/** The linear layer times m; null where m or the layer's operands do not allow it. */
const scaledLayer = (
  linear: Linear,
  m: DenseTensor,
  output: string,
  scope: Scope,
): GraphNode | null => {
  const shape = scope.value(linear.output).shape;
  const bias = scope.constant(linear.inputs[2]);
  if (linear.inputs.length > 2 && bias === null) return null;
  const multiply = (t: DenseTensor, v: DenseTensor): DenseTensor =>
    scope.evaluate('Mul', {}, [t, v]);
  if (linear.operator === 'Conv') {
    const weight = scope.constant(linear.inputs[1]);
    const v = along(m, shape, channelFromEnd(linear));
    if (weight === null || v === null) return null;
    const changes: Change[] = [
      { operand: 1, tensor: multiply(weight, column(v, weight.dims.length)) },
    ];
    if (bias !== null) changes.push({ operand: 2, tensor: multiply(bias, v) });
    return withConstants(linear, output, scope, changes);
  }
  const { transposeA, transposeB } = linear.attributes;
  const b = scope.constant(linear.inputs[1]);
  const a = scope.constant(linear.inputs[0]);
  const [operand, weight, fromEnd, transposed] =
    b !== null ? ([1, b, 1, transposeB] as const) : ([0, a, 2, transposeA] as const);
  const v = along(m, shape, fromEnd);
  if (weight === null || v === null) return null;
  const changes: Change[] = [
    { operand, tensor: multiply(weight, column(v, transposed ? 3 - fromEnd : fromEnd)) },
  ];
  if (bias !== null) changes.push({ operand: 2, tensor: multiply(bias, column(v, fromEnd)) });
  return withConstants(linear, output, scope, changes);
};

/** Mul by a constant, or Neg, after a linear layer that nothing else reads. */
export const scaleAfterLinear: Rule = (node, scope) => {
  if (node.operator !== 'Mul' && node.operator !== 'Neg') return null;
  const linear = scope.soleProducer(node.inputs[0], 'MatMul', 'Conv');
  const m =
    node.operator === 'Neg'
      ? { dims: [], data: Float64Array.of(-1) }
      : constantOperand(node, scope);
  const result = linear === null || m === null ? null : scaledLayer(linear, m, node.output, scope);
  return result === null ? null : [result];
};

/** The linear layer plus c. */
const shiftedLayer = (
  linear: Linear,
  c: DenseTensor,
  output: string,
  scope: Scope,
): GraphNode | null => {
  const shape = scope.value(linear.output).shape;
  const bias = scope.constant(linear.inputs[2]);
  if (linear.inputs.length > 2 && bias === null) return null;
  let addend = c;
  if (linear.operator === 'Conv') {
    const v = along(c, shape, channelFromEnd(linear));
    if (v === null) return null;
    const channels = shape[1] ?? 1;
    addend =
      v.dims.length === 0
        ? { dims: [channels], data: new Float64Array(channels).fill(v.data[0] ?? 0) }
        : v;
  } else if (!broadcastsTo(c.dims, shape)) {
    return null;
  }
  const tensor = bias === null ? addend : scope.evaluate('Add', {}, [bias, addend]);
  return withConstants(linear, output, scope, [{ operand: 2, tensor }]);
};

/** Add of a constant after a linear layer that nothing else reads: its bias. */
export const biasAfterLinear: Rule = (node, scope) => {
  if (node.operator !== 'Add') return null;
  const linear = scope.soleProducer(node.inputs[0], 'MatMul', 'Conv');
  const c = constantOperand(node, scope);
  const result = linear === null || c === null ? null : shiftedLayer(linear, c, node.output, scope);
  return result === null ? null : [result];
};

/** v by input channel as a factor of a convolution's weight [M, C/group, …]. */
const byInputChannel = (conv: NodeOf<'Conv'>, weight: DenseTensor, v: DenseTensor): DenseTensor => {
  const [m = 1, perGroup = 1] = weight.dims;
  const group = conv.attributes.group;
  const data = Float64Array.from({ length: m * perGroup }, (_, i) => {
    const channel = Math.floor(Math.floor(i / perGroup) / (m / group)) * perGroup + (i % perGroup);
    return v.data[v.data.length === 1 ? 0 : channel] ?? 0;
  });
  return { dims: [m, perGroup, ...weight.dims.slice(2).map(() => 1)], data };
};

/** Mul by or Add of a constant that only a linear layer reads, as its first operand. */
export const affineBeforeLinear: Rule = (node, scope) => {
  if (node.operator !== 'MatMul' && node.operator !== 'Conv') return null;
  const before = scope.soleProducer(node.inputs[0], 'Mul', 'Add');
  const c = before === null ? null : constantOperand(before, scope);
  const [x] = before?.inputs ?? [];
  if (before === null || c === null || x === undefined) return null;
  const weight = scope.constant(node.inputs[1]);
  if (weight === null) return null;
  const shape = scope.value(x).shape;
  const layer = { ...node, inputs: [x, ...node.inputs.slice(1)] };
  if (node.operator === 'Conv') {
    const v = along(c, shape, channelFromEnd(node));
    if (v === null) return null;
    const scaled = scope.evaluate('Mul', {}, [weight, byInputChannel(node, weight, v)]);
    if (before.operator === 'Mul') {
      return [
        withConstants(layer as NodeOf<'Conv'>, node.output, scope, [
          { operand: 1, tensor: scaled },
        ]),
      ];
    }
    // Padding reads 0, not the offset.
    const padded = [...node.attributes.padsBegin, ...node.attributes.padsEnd].some((p) => p !== 0);
    if (padded) return null;
    const axes = weight.dims.map((_, axis) => axis).slice(1);
    const offset = scope.evaluate('ReduceSum', { axes, keepDims: false }, [scaled]);
    const bias = {
      dims: [sizeOf(offset.dims), ...node.attributes.kernel.map(() => 1)],
      data: offset.data,
    };
    const shifted = shiftedLayer(layer as NodeOf<'Conv'>, bias, node.output, scope);
    return shifted === null ? null : [shifted];
  }
  const { transposeA, transposeB } = node.attributes;
  const v = along(c, shape, transposeA ? 2 : 1);
  if (v === null) return null;
  if (before.operator === 'Mul') {
    const tensor = scope.evaluate('Mul', {}, [weight, column(v, transposeB ? 1 : 2)]);
    return [withConstants(layer as NodeOf<'MatMul'>, node.output, scope, [{ operand: 1, tensor }])];
  }
  const inner = weight.dims.at(transposeB ? -1 : -2) ?? 1;
  const row = {
    dims: [1, inner],
    data: Float64Array.from({ length: inner }, (_, k) => v.data[v.data.length === 1 ? 0 : k] ?? 0),
  };
  const offset = scope.evaluate('MatMul', { transposeA: false, transposeB }, [row, weight]);
  const shifted = shiftedLayer(layer as NodeOf<'MatMul'>, offset, node.output, scope);
  return shifted === null ? null : [shifted];
};

/** Zero padding of the spatial axes before a convolution becomes the convolution's own. */
export const padBeforeConv: Rule = (node, scope) => {
  if (node.operator !== 'Conv') return null;
  const pad = scope.soleProducer(node.inputs[0], 'Pad');
  if (pad === null || pad.attributes.value !== 0) return null;
  const { padsBegin, padsEnd } = pad.attributes;
  if ([padsBegin[0], padsBegin[1], padsEnd[0], padsEnd[1]].some((p) => p !== 0)) return null;
  const add = (own: readonly number[], more: readonly number[]): number[] =>
    own.map((p, i) => p + (more[i + 2] ?? 0));
  const attributes = {
    ...node.attributes,
    padsBegin: add(node.attributes.padsBegin, padsBegin),
    padsEnd: add(node.attributes.padsEnd, padsEnd),
  };
  return [{ ...node, attributes, inputs: [...pad.inputs, ...node.inputs.slice(1)] }];
};
