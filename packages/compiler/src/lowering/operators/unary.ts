import type { Range } from '@assay/program';
import { unaryFunction, type UnaryNode } from '../../graph/index.ts';
import { quantizeInterval, type Quantization } from '../../quantize/index.ts';
import type { Lowering } from '../context.ts';
import { addConstant, linearOf, scaleLinear, type Linear } from '../linear.ts';
import { clampOfValue, functionOfValue, type Activation } from '../rescale/index.ts';
import { MAX_LISTED_ROWS, rowsOf } from '../tables.ts';
import type { Value } from '../value.ts';

/** Bits of the key of a listed function whose operand has no resolution of its own yet. */
const KEY_BITS = 12;

/** Functions that are a clamp of a linear function: f(x) = min(max(slope·x + offset, lo), hi). */
const asClamp = (
  node: UnaryNode,
): {
  readonly slope: number;
  readonly offset: number;
  readonly lo: number;
  readonly hi: number;
} | null => {
  switch (node.operator) {
    case 'Relu':
      return { slope: 1, offset: 0, lo: 0, hi: Number.POSITIVE_INFINITY };
    case 'Clip':
      return { slope: 1, offset: 0, lo: node.attributes.min, hi: node.attributes.max };
    case 'HardSigmoid':
      return { slope: node.attributes.alpha, offset: node.attributes.beta, lo: 0, hi: 1 };
    default:
      return null;
  }
};

/** Keys of a function of a sum: the observed range of its operand. */
const keyQuantization = (ctx: Lowering, input: string): Quantization => {
  const { scale, range } = ctx.target(input);
  return quantizeInterval({ lo: scale * range.lo, hi: scale * range.hi }, KEY_BITS);
};

const lowerSum = (ctx: Lowering, node: UnaryNode, sum: Linear): Value => {
  const [input = ''] = node.inputs;
  const clamp = asClamp(node);
  if (clamp !== null) {
    const scaled =
      clamp.slope === 1 && clamp.offset === 0
        ? sum
        : addConstant(scaleLinear(sum, clamp.slope), clamp.offset);
    return ctx.activate(scaled, node.output, { kind: 'clamp', lo: clamp.lo, hi: clamp.hi }, input);
  }
  const activation: Activation = {
    kind: 'function',
    name: node.operator,
    f: unaryFunction(node),
    key: keyQuantization(ctx, input),
  };
  return ctx.activate(sum, node.output, activation, input);
};

/** A smallest 2^n − 1 that is at least x: relu tables of few different heights are shared. */
const ceilMask = (x: number): number => {
  let top = 1;
  while (top - 1 < x) top *= 2;
  return top - 1;
};

/**
 * A function of one element: in the table of the rescale before it where its operand is a sum that only it
 * reads, else one lookup with the operand itself as the key.
 */
export const lowerUnary = (node: UnaryNode, ctx: Lowering): void => {
  const [input = ''] = node.inputs;
  const pending = ctx.pending(input);
  if (pending !== null) {
    ctx.set(node.output, lowerSum(ctx, node, pending));
    return;
  }
  const value = ctx.value(input);
  if (node.operator === 'Relu') {
    const clamp: Range = { lo: 0, hi: ceilMask(Math.max(value.range.hi, 1)) };
    ctx.set(
      node.output,
      value.range.lo >= 0
        ? value
        : clampOfValue(ctx.builder, value, clamp, ctx.isOutputOf(node.output, clamp)),
    );
    return;
  }
  if (rowsOf(value.range) > MAX_LISTED_ROWS) {
    ctx.set(node.output, lowerSum(ctx, node, linearOf(value)));
    return;
  }
  ctx.set(
    node.output,
    functionOfValue(
      ctx.builder,
      value,
      node.operator,
      unaryFunction(node),
      value.range,
      ctx.target(node.output),
      ctx.isOutput(node.output),
    ),
  );
};
