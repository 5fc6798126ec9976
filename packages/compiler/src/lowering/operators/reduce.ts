import type { NodeOf } from '../../graph/index.ts';
import type { Lowering } from '../context.ts';
import { operand, sumForm } from '../contract.ts';
import type { Linear } from '../linear.ts';
import { holdMaximum, isShort, isSimple, maximum, negated } from '../maximum.ts';
import { gatherValue, plainValue } from '../rearrange.ts';
import { product, type Value } from '../value.ts';
import { same, type AxisMap } from '../views.ts';

/** The reduced dimensions away, or of length 1. */
export const dropDims = (
  dims: readonly (readonly number[])[],
  axes: readonly number[],
  keepDims: boolean,
): (readonly number[])[] =>
  keepDims
    ? dims.map((atoms, d) => (axes.includes(d) ? [] : atoms))
    : dims.filter((_, d) => !axes.includes(d));

/** Σ over axes as a sum over views: a claim about it is a claim about the operand. */
const lowerSum = (
  ctx: Lowering,
  input: string,
  output: string,
  axes: readonly number[],
  keepDims: boolean,
  mean: boolean,
): void => {
  const x = ctx.value(input);
  const dims = dropDims(x.dims, axes, keepDims);
  const atoms = dims.flat();
  const sums = axes.flatMap((d) => x.dims[d] ?? []);
  let kept = 0;
  let summed = 0;
  const maps = x.dims.flatMap((lengths, d) =>
    lengths.map((): AxisMap => same(axes.includes(d) ? atoms.length + summed++ : kept++)),
  );
  const { form, range } = operand(ctx.builder, x, [...atoms, ...sums], maps);
  const count = product(sums);
  const linear: Linear = {
    dims,
    products: [],
    terms: [
      {
        kind: 'term',
        coefficient: mean ? 1 / count : 1,
        form: sumForm(form, sums),
        scale: x.scale,
        range: { lo: range.lo * count, hi: range.hi * count },
      },
    ],
    offsets: [],
    constant: 0,
  };
  ctx.setLinear(output, linear);
};

export const lowerReduceSum = (node: NodeOf<'ReduceSum'>, ctx: Lowering): void =>
  lowerSum(
    ctx,
    node.inputs[0] ?? '',
    node.output,
    node.attributes.axes,
    node.attributes.keepDims,
    false,
  );

export const lowerReduceMean = (node: NodeOf<'ReduceMean'>, ctx: Lowering): void =>
  lowerSum(
    ctx,
    node.inputs[0] ?? '',
    node.output,
    node.attributes.axes,
    node.attributes.keepDims,
    true,
  );

/** Maximum along one dimension, which becomes length 1: halves against halves. */
export const maximumAlong = (ctx: Lowering, value: Value, dim: number): Value => {
  const { builder } = ctx;
  let x = plainValue(builder, value, [dim]);
  for (let n = product(x.dims[dim] ?? []); n > 1; ) {
    const half = Math.floor(n / 2);
    const pick = (from: number, to: number): Value =>
      gatherValue(
        builder,
        x,
        dim,
        Array.from({ length: to - from }, (_, i) => from + i),
      );
    // An odd element in the middle is compared with itself: it passes as it is.
    const upper = Math.ceil(n / 2);
    const a = pick(0, upper);
    const b =
      n % 2 === 0
        ? pick(half, n)
        : gatherValue(
            builder,
            x,
            dim,
            Array.from({ length: upper }, (_, i) => half + i),
          );
    const m = maximum(builder, a, b);
    n = upper;
    x = isShort(m) || n === 1 ? m : holdMaximum(builder, m);
  }
  return x;
};

const lowerMaximum = (
  ctx: Lowering,
  x: Value,
  axes: readonly number[],
  keepDims: boolean,
): Value => {
  let value = x;
  for (const axis of axes) value = maximumAlong(ctx, value, axis);
  const held = isSimple(value) ? value : holdMaximum(ctx.builder, value);
  return { ...held, dims: dropDims(held.dims, axes, keepDims) };
};

export const lowerReduceMax = (node: NodeOf<'ReduceMax'>, ctx: Lowering): void =>
  ctx.set(
    node.output,
    lowerMaximum(
      ctx,
      ctx.value(node.inputs[0] ?? ''),
      node.attributes.axes,
      node.attributes.keepDims,
    ),
  );

export const lowerReduceMin = (node: NodeOf<'ReduceMin'>, ctx: Lowering): void =>
  ctx.set(
    node.output,
    negated(
      lowerMaximum(
        ctx,
        negated(ctx.value(node.inputs[0] ?? '')),
        node.attributes.axes,
        node.attributes.keepDims,
      ),
    ),
  );
