import type { NodeOf } from '../../graph/index.ts';
import type { Lowering } from '../context.ts';
import type { Linear } from '../linear.ts';
import {
  concatValues,
  expandValue,
  gatherValue,
  reshapeValue,
  transposeValue,
} from '../rearrange.ts';
import { plainDims, type Value } from '../value.ts';

const sameNumbers = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i]);

/** A pending sum over other dimensions of the same atoms, where the shapes only differ by lengths 1. */
const regroup = (linear: Linear, shape: readonly number[]): Linear | null => {
  const atoms = linear.dims.flat();
  const dims = plainDims(shape);
  return sameNumbers(atoms, dims.flat()) ? { ...linear, dims } : null;
};

export const lowerIdentity = (node: NodeOf<'Identity'>, ctx: Lowering): void =>
  ctx.setLinear(node.output, ctx.linear(node.inputs[0] ?? ''));

export const lowerReshape = (node: NodeOf<'Reshape'>, ctx: Lowering): void => {
  const [name = ''] = node.inputs;
  const pending = ctx.pending(name);
  const regrouped = pending === null ? null : regroup(pending, node.attributes.shape);
  if (regrouped !== null) ctx.setLinear(node.output, regrouped);
  else ctx.set(node.output, reshapeValue(ctx.builder, ctx.value(name), node.attributes.shape));
};

export const lowerTranspose = (node: NodeOf<'Transpose'>, ctx: Lowering): void =>
  ctx.set(
    node.output,
    transposeValue(ctx.builder, ctx.value(node.inputs[0] ?? ''), node.attributes.permutation),
  );

/** Values at the scale of the result, constants among them. */
export const atOneScale = (ctx: Lowering, names: readonly string[], output: string): Value[] => {
  const dynamic = names.find((name) => ctx.constant(name) === null);
  const target = ctx.target(output);
  const lead = dynamic === undefined ? null : ctx.value(dynamic);
  const scale = lead === null ? target.scale : lead.scale;
  return names.map((name) => {
    const constant = ctx.constant(name);
    const range = {
      lo: Math.min(target.range.lo, lead?.range.lo ?? 0),
      hi: Math.max(target.range.hi, lead?.range.hi ?? 0),
    };
    if (constant !== null) return ctx.constantValue(constant, { scale, range });
    const value = ctx.value(name);
    return value.scale === scale ? value : ctx.requantize(value, { scale, range });
  });
};

export const lowerConcat = (node: NodeOf<'Concat'>, ctx: Lowering): void =>
  ctx.set(
    node.output,
    concatValues(ctx.builder, atOneScale(ctx, node.inputs, node.output), node.attributes.axis),
  );

export const lowerSlice = (node: NodeOf<'Slice'>, ctx: Lowering): void => {
  const [name = ''] = node.inputs;
  const { starts, steps, sizes } = node.attributes;
  let value = ctx.value(name);
  const shape = ctx.shape(name);
  for (const [d, size] of sizes.entries()) {
    const start = starts[d] ?? 0;
    const step = steps[d] ?? 1;
    if (start === 0 && size === shape[d] && (step === 1 || size === 1)) continue;
    value = gatherValue(
      ctx.builder,
      value,
      d,
      Array.from({ length: size }, (_, i) => start + i * step),
    );
  }
  ctx.set(node.output, value);
};

export const lowerGather = (node: NodeOf<'Gather'>, ctx: Lowering): void => {
  const [name = ''] = node.inputs;
  ctx.set(
    node.output,
    gatherValue(ctx.builder, ctx.value(name), node.attributes.axis, node.attributes.indices),
  );
};

export const lowerExpand = (node: NodeOf<'Expand'>, ctx: Lowering): void =>
  ctx.set(
    node.output,
    expandValue(ctx.builder, ctx.value(node.inputs[0] ?? ''), node.attributes.shape),
  );

/** Zero outside is a view; another value is added there as a constant over the whole, minus itself inside. */
export const lowerPad = (node: NodeOf<'Pad'>, ctx: Lowering): void => {
  const [name = ''] = node.inputs;
  const { padsBegin, padsEnd, value: fill } = node.attributes;
  const shape = ctx.shape(name);
  const source = ctx.value(name);
  // x outside as zero, after shifting the fill to zero.
  const integer = Math.min(Math.max(Math.round(fill / source.scale), -(2 ** 30)), 2 ** 30);
  let value: Value = {
    ...source,
    form: { ...source.form, constant: source.form.constant - integer },
    range: { lo: source.range.lo - integer, hi: source.range.hi - integer },
  };
  for (const [d, length] of shape.entries()) {
    const before = padsBegin[d] ?? 0;
    const total = before + length + (padsEnd[d] ?? 0);
    if (total === length) continue;
    value = gatherValue(
      ctx.builder,
      value,
      d,
      Array.from({ length: total }, (_, i) =>
        i >= before && i < before + length ? i - before : -1,
      ),
    );
  }
  const range = { lo: Math.min(source.range.lo, integer), hi: Math.max(source.range.hi, integer) };
  ctx.set(node.output, {
    ...value,
    form: { ...value.form, constant: value.form.constant + integer },
    range,
  });
};
