import type { Range } from '@assay/program';
import type { SourcePort } from '../link/index.ts';
import { whole } from './builder.ts';
import type { Lowering } from './context.ts';
import { LoweringError } from './errors.ts';
import { linearOf } from './linear.ts';
import { reshapeValue } from './rearrange.ts';
import { fullClamp, settle } from './rescale/index.ts';
import { rowsOf } from './tables.ts';
import type { Target } from '../quantize/index.ts';
import { plainDims, type Value } from './value.ts';
import { at, same } from './views.ts';

/** An input that is quantized for this program. */
const ownInput = (ctx: Lowering, name: string): void => {
  const shape = ctx.shape(name);
  const { scale, range } = ctx.target(name);
  const dims = plainDims(shape);
  const tensor = ctx.builder.input(name, dims.flat(), range);
  ctx.builder.port('input', { name, tensor, shape, scale, zero: 0, meaning: 'number' });
  ctx.set(name, { dims, form: whole(tensor, dims.flat()), scale, range });
};

/** The other program's integers over the input's own shape. */
const linkedValue = (ctx: Lowering, name: string, port: SourcePort): Value => {
  const { builder } = ctx;
  const { storage, scale, zero, meaning } = port;
  const shape = ctx.shape(name);
  const tensor = builder.input(name, storage, port.range);
  builder.port('input', { name, tensor, shape, scale, zero, meaning });
  let axis = 0;
  const view = storage.map((length) => (length === 1 ? at(0) : same(axis++)));
  const range: Range = { lo: port.range.lo - zero, hi: port.range.hi - zero };
  const form = { terms: [{ tensor, coefficient: 1, view, sums: [] }], constant: -zero + 0 };
  const stored: Value = { dims: [storage.filter((d) => d !== 1)], form, scale, range };
  return reshapeValue(builder, stored, shape);
};

/** A rescale in two steps drops this many bits first, or clamps to this many. */
const FIRST_BITS = 14;

/**
 * The ways to a coarser value, the direct one first. A range near that of the field has no room for the
 * remainder of many bits; one far beyond the target's needs too many rows for a clamp.
 */
const waysTo = ({ scale, range }: Value, target: Target): readonly (readonly Target[])[] => {
  const unit = 2 ** FIRST_BITS;
  const ways: (readonly Target[])[] = [[target]];
  if (target.scale >= scale * unit) {
    const whole = { lo: Math.floor(range.lo / unit), hi: Math.ceil(range.hi / unit) };
    ways.push([{ scale: scale * unit, range: whole, flexible: true }, target]);
  }
  const reach = Math.max(-target.range.lo, target.range.hi) * (target.scale / scale);
  if (reach < unit)
    ways.push([{ scale, range: { lo: -unit, hi: unit - 1 }, flexible: false }, target]);
  return ways;
};

/**
 * The value as this program's operations take it: as it is up to `widestInput` integers, else rescaled to
 * the range that the samples show, never finer than it came.
 */
const narrow = (ctx: Lowering, name: string, value: Value): Value => {
  if (rowsOf(value.range) <= ctx.options.widestInput || !ctx.isRead(name)) return value;
  const { scale, range } = ctx.target(name);
  const coarser = scale > value.scale;
  const target = { scale: coarser ? scale : value.scale, range, flexible: coarser };
  for (const way of waysTo(value, target)) {
    try {
      return way.reduce(
        (held, to) => settle(ctx.builder, linearOf(held), to, fullClamp, ctx.options, false),
        value,
      );
    } catch (error) {
      if (!(error instanceof LoweringError)) throw error;
    }
  }
  const { lo, hi } = value.range;
  throw new LoweringError(
    'unbounded',
    `integers of another program in [${lo}, ${hi}] cannot be rescaled inside the field: compile that one with fewer bits of outputs`,
  );
};

/** An input of the graph: quantized by its observed range, or taken over from another program. */
export const lowerInput = (ctx: Lowering, name: string): void => {
  const port = ctx.options.inputPorts.get(name);
  if (port === undefined) ownInput(ctx, name);
  else ctx.set(name, narrow(ctx, name, linkedValue(ctx, name, port)));
};
