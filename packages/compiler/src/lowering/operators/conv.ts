import type { Form, Range } from '@assay/program';
import type { NodeOf } from '../../graph/index.ts';
import type { ConstantTensor, Lowering } from '../context.ts';
import { operand, permuteData } from '../contract.ts';
import { LoweringError } from '../errors.ts';
import { productRange, type Linear, type ValueProduct, type WeightProduct } from '../linear.ts';
import { gatherValue, plainValue, reshapeValue, splitDim } from '../rearrange.ts';
import { atomOffsets, product, type Value } from '../value.ts';
import { same, type AxisMap } from '../views.ts';
import { addConstants, addValue } from './add.ts';

interface Operand {
  readonly form: Form;
  readonly range: Range;
  readonly scale: number;
}

/** Kernel [g·m, c, k…] stored as [c, k…][g, m]. */
const weightKernel = (
  w: ConstantTensor,
  left: Operand,
  sums: readonly number[],
  outAxes: readonly number[],
): WeightProduct => {
  const tail = Array.from({ length: w.shape.length - 1 }, (_, i) => i + 1);
  const weights = permuteData(w.data, w.shape, [...tail, 0]);
  const { form, scale, range } = left;
  return { kind: 'weights', coefficient: 1, sums, left: form, scale, range, weights, outAxes };
};

/** A kernel that is a value of the run: [g·m, c, k…] read over (output channels, sums). */
const valueKernel = (
  ctx: Lowering,
  name: string,
  left: Operand,
  axes: {
    readonly group: number;
    readonly atoms: readonly number[];
    readonly sums: readonly number[];
    readonly outAxes: readonly number[];
    readonly sumChannels: number;
  },
): ValueProduct => {
  const { builder } = ctx;
  const { group, atoms, sums, outAxes, sumChannels } = axes;
  const [m = 1] = ctx.shape(name);
  const split = splitDim(builder, ctx.value(name), 0, [group, m / group]);
  const w = splitDim(builder, split, 1, sums.slice(0, sumChannels));
  let sum = atoms.length;
  const maps = w.dims.flatMap((lengths, d) =>
    lengths.map((_, i) => same(d === 0 ? (outAxes[i] ?? 0) : sum++)),
  );
  const right = operand(builder, w, [...atoms, ...sums], maps);
  return {
    kind: 'values',
    coefficient: 1,
    sums,
    left: left.form,
    right: right.form,
    scale: left.scale * w.scale,
    range: productRange(left.range, right.range),
  };
};

/**
 * out[n, g·M/G + m, o…] = Σ_{c, k…} x[n, g·C/G + c, o·stride + k·dilation − pad …] · w[g·M/G + m, c, k…]
 *
 * an einsum with the window as an affine view; weights stored [c, k…][g, m].
 */
export const lowerConv = (node: NodeOf<'Conv'>, ctx: Lowering): void => {
  const [xName = '', wName = '', bName] = node.inputs;
  const w = ctx.constant(wName);
  const { group, kernel, strides, dilations, padsBegin, padsEnd } = node.attributes;
  const { builder } = ctx;
  const spatial = kernel.map((_, i) => i + 2);
  const inputShape = ctx.shape(xName);
  let x: Value = plainValue(builder, ctx.value(xName), [0, ...spatial]);
  const pads = [...padsBegin];
  for (const [i, d] of spatial.entries()) {
    // A dimension of length 1 has no axis to slide along: it gets one where the window moves or pads it.
    const length = inputShape[d] ?? 1;
    const padded = (padsBegin[i] ?? 0) + (padsEnd[i] ?? 0);
    if (length > 1 || padded === 0) continue;
    x = gatherValue(
      builder,
      x,
      d,
      Array.from({ length: length + padded }, (_, j) => (j === (padsBegin[i] ?? 0) ? 0 : -1)),
    );
    pads[i] = 0;
  }
  const [outN = 1, outM = 1, ...outSpatial] = ctx.shape(node.output);
  const channels = inputShape[1] ?? 1;
  const perGroup = channels / group;
  const x1 = group === 1 ? x : splitDim(builder, x, 1, [group, perGroup]);
  const channelAtoms = x1.dims[1] ?? [];
  const groupAtoms = group === 1 ? [] : [group];
  const sumAtoms = group === 1 ? channelAtoms : perGroup === 1 ? [] : [perGroup];
  const outPerGroup = outM / group;
  const dims = [
    x1.dims[0] ?? [],
    [...groupAtoms, ...(outPerGroup === 1 ? [] : [outPerGroup])],
    ...outSpatial.map((d) => (d === 1 ? [] : [d])),
  ];
  if (product(dims[0] ?? []) !== outN) throw new TypeError('lowerConv: expected equal batch sizes');
  const atoms = dims.flat();
  const starts = atomOffsets(dims);
  // Sum axes: the group's channels, then the kernel positions of each spatial axis that has one to read.
  const sums: number[] = [...sumAtoms];
  const kernelAxis = kernel.map((k, i) => {
    if (k === 1 || (x1.dims[i + 2]?.length ?? 0) === 0) return -1;
    sums.push(k);
    return atoms.length + sums.length - 1;
  });
  const maps: AxisMap[] = [];
  for (const [i] of (x1.dims[0] ?? []).entries()) maps.push(same((starts[0] ?? 0) + i));
  for (const [i] of channelAtoms.entries()) {
    if (group > 1 && i === 0) maps.push(same(starts[1] ?? 0));
    else maps.push(same(atoms.length + i - groupAtoms.length));
  }
  for (const [i] of kernel.entries()) {
    if ((x1.dims[i + 2]?.length ?? 0) === 0) continue;
    const read: { axis: number; stride: number }[] = [];
    if ((outSpatial[i] ?? 1) > 1) read.push({ axis: starts[i + 2] ?? 0, stride: strides[i] ?? 1 });
    const k = kernelAxis[i] ?? -1;
    if (k >= 0) read.push({ axis: k, stride: dilations[i] ?? 1 });
    maps.push({ kind: 'affine', offset: -(pads[i] ?? 0), strides: read });
  }
  const { form, range } = operand(builder, x1, [...atoms, ...sums], maps);
  const kernelSize = product(kernel.filter((_, i) => kernelAxis[i] === -1));
  if (kernelSize !== 1)
    throw new LoweringError('unsupported', 'a kernel longer than its input of length 1');
  const outAxes = (dims[1] ?? []).map((_, i) => (starts[1] ?? 0) + i);
  const left = { form, range, scale: x1.scale };
  const linear: Linear = {
    dims,
    products: [
      w === null
        ? valueKernel(ctx, wName, left, {
            group,
            atoms,
            sums,
            outAxes,
            sumChannels: sumAtoms.length,
          })
        : weightKernel(w, left, sums, outAxes),
    ],
    terms: [],
    offsets: [],
    constant: 0,
  };
  if (bName === undefined) {
    ctx.setLinear(node.output, linear);
    return;
  }
  const bias = ctx.constant(bName);
  const spread = [outM, ...outSpatial.map(() => 1)];
  ctx.setLinear(
    node.output,
    bias === null
      ? addValue(ctx, linear, reshapeValue(builder, ctx.value(bName), spread), node.output)
      : addConstants(ctx, linear, { shape: spread, data: bias.data }),
  );
};
