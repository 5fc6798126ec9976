/**
 * The rescale (G1) and what rides on it: clamp, relu, any function of one element.
 *
 *   sum + 2^(s−1) − 2^s·key − remainder = 0,   remainder ∈ [0, 2^s),   (key, out) ∈ table
 *
 * so key = floor(sum/2^s + 1/2) and out = table(key): the integer semantics of every settled node.
 */
import type { Range } from '@assay/program';
import { roundHalfUp, type Quantization } from '../../quantize/index.ts';
import { whole, type ProgramBuilder } from '../builder.ts';
import { LoweringError } from '../errors.ts';
import type { Linear } from '../linear.ts';
import { rowsOf } from '../tables.ts';
import type { Value } from '../value.ts';
import { keyValue, settleClamp } from './clamp.ts';
import { emitDigits } from './digits.ts';
import { functionLookup, functionOfValue } from './function.ts';
import { plan, planAt, ratios, WEIGHT_LIMIT, wraps, type RescaleOptions } from './plan.ts';

/** out = f(real), as a clamp (formula table) or a listed table. */
export type Activation =
  | { readonly kind: 'clamp'; readonly lo: number; readonly hi: number }
  | {
      readonly kind: 'function';
      readonly name: string;
      readonly f: (x: number) => number;
      readonly key: Quantization;
    };

/** A listed table takes keys as they come up to this many rows; wider keys are clamped first. */
const DIRECT_ROWS = 2 ** 14;

export const fullClamp: Activation = {
  kind: 'clamp',
  lo: Number.NEGATIVE_INFINITY,
  hi: Number.POSITIVE_INFINITY,
};

/** Integer bounds of a real clamp inside a quantization. */
const clampRange = (
  activation: Extract<Activation, { kind: 'clamp' }>,
  scale: number,
  range: Range,
): Range => {
  const lo = Number.isFinite(activation.lo) ? roundHalfUp(activation.lo / scale) : range.lo;
  const hi = Number.isFinite(activation.hi) ? roundHalfUp(activation.hi / scale) : range.hi;
  const bounded = (v: number): number => Math.min(Math.max(v, range.lo), range.hi);
  return { lo: bounded(lo), hi: bounded(hi) };
};

/**
 * Commits a sum at the target's scale, through an activation.
 *
 * Errors: LoweringError 'unbounded' where no resolution keeps the sum inside the field.
 */
export const settle = (
  builder: ProgramBuilder,
  linear: Linear,
  target: Quantization & { readonly flexible: boolean },
  activation: Activation,
  options: RescaleOptions,
  output: boolean,
): Value => {
  if (activation.kind === 'clamp') {
    const p = plan(builder, linear, target, options);
    return settleClamp(
      builder,
      linear,
      p,
      clampRange(activation, p.scale, target.range),
      options,
      output,
    );
  }
  const { key } = activation;
  const p = plan(builder, linear, { ...key, flexible: true }, options);
  const domain =
    p.scale === key.scale
      ? key.range
      : {
          lo: Math.ceil((key.range.lo * key.scale) / p.scale),
          hi: Math.floor((key.range.hi * key.scale) / p.scale),
        };
  if (rowsOf(p.keys) > DIRECT_ROWS && (p.keys.lo < domain.lo || p.keys.hi > domain.hi)) {
    const held = settleClamp(builder, linear, p, domain, options, false);
    return functionOfValue(builder, held, activation.name, activation.f, domain, target, output);
  }
  const [id] = emitDigits(builder, p, [{ name: 'key', bits: 0, low: 0, output: null }], options);
  if (id === undefined) throw new TypeError('settle: expected a key');
  const source = { form: whole(id, p.sum.atoms), tensor: id, range: p.keys, scale: p.scale };
  return functionLookup(
    builder,
    linear.dims,
    source,
    activation.name,
    activation.f,
    domain,
    target,
    output,
  );
};

/**
 * An output of the program as the sum itself, without a rescale: integers as fine as 16-bit weights make
 * them, which the verifier reads in the statement and nothing has to look up.
 *
 *   sum − out = 0
 */
export const settleOutput = (
  builder: ProgramBuilder,
  linear: Linear,
  options: RescaleOptions,
): Value => {
  const weights = linear.products.flatMap((p) =>
    p.kind === 'weights'
      ? [
          p.weights.reduce((a, w) => Math.max(a, Math.abs(w)), 0) *
            Math.abs(p.coefficient * p.scale),
        ]
      : [],
  );
  const others = ratios(linear, 1).filter((r) => r > 0);
  const finest = weights.some((w) => w > 0)
    ? Math.max(...weights) / (WEIGHT_LIMIT - 1)
    : others.length === 1
      ? (others[0] ?? 1)
      : Math.max(...others, 0) / 2 ** 12;
  for (let unit = finest > 0 ? finest : 1, tries = 0; tries < 64; unit *= 2, tries += 1) {
    const p = planAt(builder, linear, unit, 0);
    // Half the field for the sum, so that the difference to any value in the output's range cannot wrap.
    if (wraps(p.keys, p.tolerated) || p.keys.lo < -(2 ** 30) || p.keys.hi > 2 ** 30) continue;
    const [out] = emitDigits(
      builder,
      p,
      [{ name: 'output', bits: 0, low: 0, output: p.keys }],
      options,
    );
    if (out === undefined) throw new TypeError('settleOutput: expected an output');
    return keyValue(linear, out, unit, p.keys);
  }
  throw new LoweringError('unbounded', 'the output does not fit the field at any resolution');
};
