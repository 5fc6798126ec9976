import type { NodeOf } from '../../graph/index.ts';
import { isLabel, type ConstantTensor, type Lowering } from '../context.ts';
import { addConstant, addLinear, linearOf, scaleLinear, type Linear } from '../linear.ts';
import { fullClamp } from '../rescale/index.ts';
import { alignValues, expandValue } from '../rearrange.ts';
import { atomOffsets, product, type Value } from '../value.ts';
import { broadcastShapes } from '../../graph/shape.ts';

/** Atoms of a sum along which constants of a broadcast shape vary. */
export const constantAxes = (
  shape: readonly number[],
  dims: readonly (readonly number[])[],
): number[] => {
  const lead = dims.length - shape.length;
  const starts = atomOffsets(dims);
  return shape.flatMap((length, i) =>
    length === 1 ? [] : (dims[lead + i] ?? []).map((_, j) => (starts[lead + i] ?? 0) + j),
  );
};

/** The number that all constants are, if what they are may depend on that. */
export const uniform = (ctx: Lowering, { data }: ConstantTensor): number | null => {
  const first = data[0] ?? 0;
  if (ctx.isPrivate && data.length > 1) return null;
  return data.every((v: number) => v === first) ? first : null;
};

/** Adds real constants over some of a sum's dimensions. Private ones are committed, be they one number or many. */
export const addConstants = (ctx: Lowering, linear: Linear, constant: ConstantTensor): Linear => {
  const { shape, data } = constant;
  const number = ctx.isPrivate ? null : uniform(ctx, constant);
  if (number !== null) return addConstant(linear, number);
  return {
    ...linear,
    offsets: [
      ...linear.offsets,
      { data: Float64Array.from(data), axes: constantAxes(shape, linear.dims) },
    ],
  };
};

const sameDims = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

/** Values over the atoms of `dims`, or null where their atoms do not refine to these. */
const alignTo = (
  ctx: Lowering,
  dims: readonly (readonly number[])[],
  values: readonly Value[],
): Value[] | null => {
  const probe: Value = {
    dims,
    form: { terms: [], constant: 0 },
    scale: 1,
    range: { lo: 0, hi: 0 },
  };
  const [first, ...rest] = alignValues(ctx.builder, [probe, ...values]);
  return first !== undefined && sameDims(first.dims, dims) ? rest : null;
};

/** Weights and run-time products do not mix: their accumulators are bounded in different ways. */
const mixes = (a: Linear, b: Linear): boolean =>
  new Set([...a.products, ...b.products].map((p) => p.kind)).size > 1;

interface Operand {
  readonly name: string;
  readonly sign: number;
}

/** The pending sums of full shape that can be one sum. */
const mergePending = (
  ctx: Lowering,
  operands: readonly Operand[],
  shape: readonly number[],
): { readonly linear: Linear; readonly names: ReadonlySet<string> } | null => {
  let linear: Linear | null = null;
  const names = new Set<string>();
  for (const { name, sign } of operands) {
    const own = ctx.shape(name);
    if (own.length !== shape.length || own.some((d, i) => d !== shape[i])) continue;
    const pending = ctx.pending(name);
    if (
      pending === null ||
      (linear !== null && (!sameDims(linear.dims, pending.dims) || mixes(linear, pending)))
    )
      continue;
    const signed = scaleLinear(pending, sign);
    linear = linear === null ? signed : addLinear(linear, signed);
    names.add(name);
  }
  return linear === null ? null : { linear, names };
};

/** Σ sign · operand, broadcast. */
const lowerSum = (ctx: Lowering, operands: readonly Operand[], output: string): void => {
  const shape = broadcastShapes(...operands.map((o) => ctx.shape(o.name))) ?? [];
  const dynamic = operands.filter((o) => ctx.constant(o.name) === null);
  const read = (o: Operand): Value => expandValue(ctx.builder, ctx.value(o.name), shape);
  const merged = mergePending(ctx, dynamic, shape);
  let rest = dynamic.filter((o) => !(merged?.names.has(o.name) ?? false));
  let values = merged === null ? null : alignTo(ctx, merged.linear.dims, rest.map(read));
  let total: Linear | null = values === null ? null : (merged?.linear ?? null);
  if (values === null) {
    rest = dynamic;
    values = alignValues(ctx.builder, rest.map(read));
  }
  for (const [i, value] of values.entries()) {
    const part = scaleLinear(linearOf(value), rest[i]?.sign ?? 1);
    total = total === null ? part : addLinear(total, part);
  }
  if (total === null) throw new TypeError('lowerSum: expected an operand that is not constant');
  for (const { name, sign } of operands) {
    const constant = ctx.constant(name);
    if (constant === null) continue;
    const number = uniform(ctx, constant);
    if (number !== null && isLabel(ctx.graph, output)) {
      // Labels stay whole: their constants are not rescaled.
      ctx.show('constant of labels', number);
      total = addConstant(total, sign * number);
      continue;
    }
    total = addConstants(ctx, total, {
      shape: constant.shape,
      data: Float64Array.from(constant.data, (v) => v * sign),
    });
  }
  ctx.setLinear(output, total);
};

/** a + value, broadcast, where `a` has the shape of the result `output`. */
export const addValue = (ctx: Lowering, a: Linear, b: Value, output: string): Linear => {
  const value = expandValue(ctx.builder, b, a.dims.map(product));
  const aligned = alignTo(ctx, a.dims, [value])?.[0];
  if (aligned !== undefined) return addLinear(a, linearOf(aligned));
  const held = ctx.settle(a, output, fullClamp);
  const [x, y] = alignValues(ctx.builder, [held, value]);
  if (x === undefined || y === undefined) throw new TypeError('addValue: expected two values');
  return addLinear(linearOf(x), linearOf(y));
};

/** a + (tensor `name`), where `a` has the shape of the result `output`. */
export const addOperand = (ctx: Lowering, a: Linear, name: string, output: string): Linear => {
  const constant = ctx.constant(name);
  return constant === null
    ? addValue(ctx, a, ctx.value(name), output)
    : addConstants(ctx, a, constant);
};

export const lowerAdd = (node: NodeOf<'Add'>, ctx: Lowering): void =>
  lowerSum(
    ctx,
    node.inputs.map((name) => ({ name, sign: 1 })),
    node.output,
  );

export const lowerSub = (node: NodeOf<'Sub'>, ctx: Lowering): void =>
  lowerSum(
    ctx,
    node.inputs.map((name, i) => ({ name, sign: i === 0 ? 1 : -1 })),
    node.output,
  );

export const lowerNeg = (node: NodeOf<'Neg'>, ctx: Lowering): void =>
  ctx.setLinear(node.output, scaleLinear(ctx.linear(node.inputs[0] ?? ''), -1));
