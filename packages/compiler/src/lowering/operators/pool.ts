import type { NodeOf } from '../../graph/index.ts';
import type { Lowering } from '../context.ts';
import { operand, sumForm } from '../contract.ts';
import type { Linear, LinearTerm } from '../linear.ts';
import { holdMaximum, isSimple, maximumOf } from '../maximum.ts';
import { gatherValue, plainValue } from '../rearrange.ts';
import { atomOffsets, product, type Value } from '../value.ts';
import { same, type AxisMap } from '../views.ts';
import { timesWeights } from './mul.ts';

/**
 * Along one axis: position o of tap t reads o·stride + t·dilation − pad. Where that is padding it reads
 * another real position of the same window instead, which leaves the maximum as it is.
 */
export const tapIndices = (
  length: number,
  outputs: number,
  kernel: number,
  stride: number,
  dilation: number,
  pad: number,
): number[][] => {
  const real = (o: number, t: number): number => {
    const u = o * stride + t * dilation - pad;
    return u >= 0 && u < length ? u : -1;
  };
  return Array.from({ length: kernel }, (_, t) =>
    Array.from({ length: outputs }, (_, o) => {
      if (real(o, t) >= 0) return real(o, t);
      for (let other = 0; other < kernel; other += 1)
        if (real(o, other) >= 0) return real(o, other);
      return -1;
    }),
  );
};

/** Separable: the maximum along one axis after the other, the most shrinking axis first. */
export const lowerMaxPool = (node: NodeOf<'MaxPool'>, ctx: Lowering): void => {
  const { kernel, strides, dilations, padsBegin } = node.attributes;
  const { builder } = ctx;
  const outShape = ctx.shape(node.output);
  const inShape = ctx.shape(node.inputs[0] ?? '');
  let value: Value = ctx.value(node.inputs[0] ?? '');
  const shrink = (i: number): number => (outShape[i + 2] ?? 1) / (inShape[i + 2] ?? 1);
  const order = kernel
    .map((_, i) => i)
    .sort((a, b) => (shrink(a) === shrink(b) ? b - a : shrink(a) - shrink(b)));
  for (const i of order) {
    const taps = tapIndices(
      inShape[i + 2] ?? 1,
      outShape[i + 2] ?? 1,
      kernel[i] ?? 1,
      strides[i] ?? 1,
      dilations[i] ?? 1,
      padsBegin[i] ?? 0,
    );
    const parts = taps.map((indices) => gatherValue(builder, value, i + 2, indices));
    value = maximumOf(builder, parts);
    // One window's maximum is the next axis' element: many overlapping reads of a long sum cost more than a copy.
    if (!isSimple(value) && (kernel[i] ?? 1) > 2) value = holdMaximum(builder, value);
  }
  ctx.set(node.output, isSimple(value) ? value : holdMaximum(builder, value));
};

/** Window sums as views that are summed over, times 1/divisor. */
export const lowerAveragePool = (node: NodeOf<'AveragePool'>, ctx: Lowering): void => {
  const { kernel, strides, dilations, padsBegin, padsEnd, divisors } = node.attributes;
  const { builder } = ctx;
  const name = node.inputs[0] ?? '';
  const spatial = kernel.map((_, i) => i + 2);
  let x = plainValue(builder, ctx.value(name), spatial);
  const inShape = ctx.shape(name);
  const pads = [...padsBegin];
  for (const [i, d] of spatial.entries()) {
    const padded = (padsBegin[i] ?? 0) + (padsEnd[i] ?? 0);
    if ((inShape[d] ?? 1) > 1 || padded === 0) continue;
    x = gatherValue(
      builder,
      x,
      d,
      Array.from({ length: 1 + padded }, (_, j) => (j === (padsBegin[i] ?? 0) ? 0 : -1)),
    );
    pads[i] = 0;
  }
  const outSpatial = ctx.shape(node.output).slice(2);
  const dims = [...x.dims.slice(0, 2), ...outSpatial.map((d) => (d === 1 ? [] : [d]))];
  const atoms = dims.flat();
  const starts = atomOffsets(dims);
  const sums: number[] = [];
  const maps: AxisMap[] = x.dims
    .slice(0, 2)
    .flatMap((lengths, d) => lengths.map((_, i) => same((starts[d] ?? 0) + i)));
  for (const [i, k] of kernel.entries()) {
    if ((x.dims[i + 2]?.length ?? 0) === 0) continue;
    const read: { axis: number; stride: number }[] = [];
    if ((outSpatial[i] ?? 1) > 1) read.push({ axis: starts[i + 2] ?? 0, stride: strides[i] ?? 1 });
    if (k > 1) {
      read.push({ axis: atoms.length + sums.length, stride: dilations[i] ?? 1 });
      sums.push(k);
    }
    maps.push({ kind: 'affine', offset: -(pads[i] ?? 0), strides: read });
  }
  const { form, range } = operand(builder, x, [...atoms, ...sums], maps);
  const count = product(sums);
  const total: LinearTerm = {
    kind: 'term',
    coefficient: 1,
    form: sumForm(form, sums),
    scale: x.scale,
    range: { lo: range.lo * count, hi: range.hi * count },
  };
  const uniform = divisors.every((row) => row.every((d) => d === row[0]));
  if (uniform) {
    const divisor = divisors.reduce((n, row) => n * (row[0] ?? 1), 1);
    const linear: Linear = {
      dims,
      products: [],
      terms: [{ ...total, coefficient: 1 / divisor }],
      offsets: [],
      constant: 0,
    };
    ctx.setLinear(node.output, linear);
    return;
  }
  const held: Value = { dims, form: total.form, scale: total.scale, range: total.range };
  let reciprocals: number[] = [1];
  for (const row of divisors) reciprocals = reciprocals.flatMap((r) => row.map((d) => r / d));
  const shape = ctx.shape(node.output);
  ctx.setLinear(
    node.output,
    timesWeights(ctx, held, { shape: shape.slice(2), data: Float64Array.from(reciprocals) }, shape),
  );
};
