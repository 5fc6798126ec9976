import type { NodeOf } from '../../graph/index.ts';
import type { Lowering } from '../context.ts';
import { operand, permuteData } from '../contract.ts';
import { LoweringError } from '../errors.ts';
import type { Linear } from '../linear.ts';
import { gatherValue, plainValue, splitDim } from '../rearrange.ts';
import { atomOffsets, product, type Value } from '../value.ts';
import { same, type AxisMap } from '../views.ts';
import { addConstants } from './add.ts';

/**
 * out[n, g·M/G + m, o…] = Σ_{c, k…} x[n, g·C/G + c, o·stride + k·dilation − pad …] · w[g·M/G + m, c, k…]
 *
 * an einsum with the window as an affine view; weights stored [c, k…][g, m].
 */
export const lowerConv = (node: NodeOf<'Conv'>, ctx: Lowering): void => {
  const [xName = '', wName = '', bName] = node.inputs;
  const w = ctx.constant(wName);
  if (w === null) throw new LoweringError('unsupported', 'the kernel is not constant');
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
  // [g·m, c, k…] → [c, k…][g, m]
  const rank = w.shape.length;
  const weights = permuteData(w.data, w.shape, [
    ...Array.from({ length: rank - 1 }, (_, i) => i + 1),
    0,
  ]);
  const kernelSize = product(kernel.filter((_, i) => kernelAxis[i] === -1));
  if (kernelSize !== 1)
    throw new LoweringError('unsupported', 'a kernel longer than its input of length 1');
  const outAxes = (dims[1] ?? []).map((_, i) => (starts[1] ?? 0) + i);
  const linear: Linear = {
    dims,
    products: [
      {
        kind: 'weights',
        coefficient: 1,
        sums,
        left: form,
        scale: x1.scale,
        range,
        weights,
        outAxes,
      },
    ],
    terms: [],
    offsets: [],
    constant: 0,
  };
  const bias = bName === undefined ? null : ctx.constant(bName);
  if (bName !== undefined && bias === null)
    throw new LoweringError('unsupported', 'the bias is not constant');
  const shaped =
    bias === null ? null : { shape: [outM, ...outSpatial.map(() => 1)], data: bias.data };
  ctx.setLinear(node.output, shaped === null ? linear : addConstants(linear, shaped));
};
