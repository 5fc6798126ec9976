import { LoweringError } from '../errors.ts';
import type { ConstantTensor, Lowering } from '../context.ts';
import { linearOf, productRange, scaleLinear, type Linear, type Offset } from '../linear.ts';
import { alignValues, expandValue } from '../rearrange.ts';
import { atomsOf, product, type Value } from '../value.ts';
import { broadcastShapes } from '../../graph/shape.ts';
import type { NodeOf } from '../../graph/index.ts';
import { constantAxes, uniform } from './add.ts';

/** Row-major position, in a tensor over `axes`, of each index over `all`. */
const positions = (
  axes: readonly number[],
  all: readonly number[],
  atoms: readonly number[],
): number[] => {
  const lengths = all.map((a) => atoms[a] ?? 1);
  const stride = (a: number): number => {
    const at = axes.indexOf(a);
    return at < 0 ? 0 : product(axes.slice(at + 1).map((b) => atoms[b] ?? 1));
  };
  const strides = all.map(stride);
  return Array.from({ length: product(lengths) }, (_, flat) => {
    let rest = flat;
    let p = 0;
    for (let i = lengths.length - 1; i >= 0; i -= 1) {
      const length = lengths[i] ?? 1;
      p += (rest % length) * (strides[i] ?? 0);
      rest = Math.floor(rest / length);
    }
    return p;
  });
};

/** Folds per-channel factors into the weights and biases of a sum without terms; null where it has other parts. */
const foldFactors = (
  linear: Linear,
  factors: Float64Array,
  axes: readonly number[],
): Linear | null => {
  if (linear.terms.length > 0) return null;
  const atoms = atomsOf(linear);
  const products = linear.products.map((p) => {
    if (p.kind !== 'weights' || !axes.every((a) => p.outAxes.includes(a))) return null;
    const at = positions(axes, p.outAxes, atoms);
    const outputs = at.length;
    return { ...p, weights: p.weights.map((w, i) => w * (factors[at[i % outputs] ?? 0] ?? 0)) };
  });
  if (products.length === 0 || products.some((p) => p === null)) return null;
  const offsets = linear.offsets.map((o): Offset => {
    const all = [...new Set([...o.axes, ...axes])].sort((a, b) => a - b);
    const own = positions(o.axes, all, atoms);
    const by = positions(axes, all, atoms);
    return {
      axes: all,
      data: Float64Array.from(own, (p, i) => (o.data[p] ?? 0) * (factors[by[i] ?? 0] ?? 0)),
    };
  });
  if (linear.constant !== 0) offsets.push({ axes, data: factors.map((f) => f * linear.constant) });
  return {
    ...linear,
    products: products.flatMap((p) => (p === null ? [] : [p])),
    offsets,
    constant: 0,
  };
};

/** x ⊙ constants, elementwise with weights. */
export const timesWeights = (
  ctx: Lowering,
  x: Value,
  constant: ConstantTensor,
  shape: readonly number[],
): Linear => {
  const value = expandValue(ctx.builder, x, shape);
  return {
    dims: value.dims,
    products: [
      {
        kind: 'weights',
        coefficient: 1,
        sums: [],
        left: value.form,
        scale: value.scale,
        range: value.range,
        weights: Float64Array.from(constant.data),
        outAxes: constantAxes(constant.shape, value.dims),
      },
    ],
    terms: [],
    offsets: [],
    constant: 0,
  };
};

/** x ⊙ y of two values of the run. */
export const timesValues = (
  ctx: Lowering,
  a: Value,
  b: Value,
  shape: readonly number[],
): Linear => {
  const [x, y] = alignValues(ctx.builder, [
    expandValue(ctx.builder, a, shape),
    expandValue(ctx.builder, b, shape),
  ]);
  if (x === undefined || y === undefined) throw new TypeError('timesValues: expected two values');
  const range = productRange(x.range, y.range);
  return {
    dims: x.dims,
    products: [
      {
        kind: 'values',
        coefficient: 1,
        sums: [],
        left: x.form,
        right: y.form,
        scale: x.scale * y.scale,
        range,
      },
    ],
    terms: [],
    offsets: [],
    constant: 0,
  };
};

export const lowerMul = (node: NodeOf<'Mul'>, ctx: Lowering): void => {
  const [aName = '', bName = ''] = node.inputs;
  const shape = broadcastShapes(ctx.shape(aName), ctx.shape(bName)) ?? [];
  const constant = ctx.constant(bName);
  if (constant === null) {
    ctx.setLinear(node.output, timesValues(ctx, ctx.value(aName), ctx.value(bName), shape));
    return;
  }
  const factor = uniform(ctx, constant);
  if (factor === 0) {
    ctx.show('factor', 0);
    const zero = ctx.numberValue(
      shape.map(() => 1),
      0,
      ctx.target(node.output),
    );
    ctx.set(node.output, expandValue(ctx.builder, zero, shape));
    return;
  }
  const sameShape = product(shape) === product(ctx.shape(aName));
  if (factor !== null && sameShape) {
    const linear = ctx.linear(aName);
    // A factor of weights alone goes into them.
    if (linear.terms.length > 0 || linear.products.some((p) => p.kind === 'values'))
      ctx.show('factor', factor);
    ctx.setLinear(node.output, scaleLinear(linear, factor));
    return;
  }
  if (factor !== null) {
    ctx.setLinear(
      node.output,
      scaleLinear(linearOf(expandValue(ctx.builder, ctx.value(aName), shape)), factor),
    );
    return;
  }
  const pending = sameShape ? ctx.pending(aName) : null;
  const folded =
    pending === null
      ? null
      : foldFactors(
          pending,
          Float64Array.from(constant.data),
          constantAxes(constant.shape, pending.dims),
        );
  ctx.setLinear(node.output, folded ?? timesWeights(ctx, ctx.value(aName), constant, shape));
};

export const lowerDiv = (_node: NodeOf<'Div'>, _ctx: Lowering): void => {
  throw new LoweringError('unsupported', 'division by a tensor that is not constant');
};
