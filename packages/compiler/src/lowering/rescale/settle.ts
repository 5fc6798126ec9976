/**
 * The rescale (G1) and what rides on it: clamp, relu, any function of one element.
 *
 *   sum + 2^(s−1) − 2^s·key − remainder = 0,   remainder ∈ [0, 2^s),   (key, out) ∈ table
 *
 * so key = floor(sum/2^s + 1/2) and out = table(key): the integer semantics of every settled node.
 */
import { coarseAbove, elementCount, type Range } from '@assay/program';
import { quantizeInterval, roundHalfUp, type Quantization } from '../../quantize/index.ts';
import { whole, type ProgramBuilder } from '../builder.ts';
import { addLinear, linearOf, type Linear } from '../linear.ts';
import { rowsOf } from '../tables.ts';
import type { Value } from '../value.ts';
import { keyValue, settleClamp } from './clamp.ts';
import { emitDigits } from './digits.ts';
import { functionLookup, functionOfValue } from './function.ts';
import {
  needsOwnScale,
  plan,
  planAt,
  ratios,
  WEIGHT_LIMIT,
  wraps,
  type RescaleOptions,
} from './plan.ts';

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

/** Bits of a product that is settled before it is added to something. */
const PRODUCT_BITS = 14;

/**
 * A sum with its products of values settled one by one, each at a scale that makes its coefficient exact:
 * where no coefficient fine enough for the sum's own scale fits the field.
 */
const settleProducts = (
  builder: ProgramBuilder,
  linear: Linear,
  target: Quantization,
  options: RescaleOptions,
): Linear => {
  const { dims } = linear;
  const lone = linear.products.length === 1 && linear.terms.length + linear.offsets.length === 0;
  let rest: Linear = { ...linear, products: linear.products.filter((p) => p.kind === 'weights') };
  for (const p of linear.products) {
    if (p.kind === 'weights') continue;
    const unit = Math.abs(p.coefficient * p.scale) * elementCount(p.sums);
    const reach = { lo: Math.min(0, p.range.lo) * unit, hi: Math.max(0, p.range.hi) * unit };
    const worst = p.coefficient < 0 ? { lo: -reach.hi + 0, hi: -reach.lo + 0 } : reach;
    const own = lone ? target : quantizeInterval(worst, PRODUCT_BITS);
    const only: Linear = { dims, products: [p], terms: [], offsets: [], constant: 0 };
    const value = settle(builder, only, { ...own, flexible: true }, fullClamp, options, false);
    rest = addLinear(rest, linearOf(value));
  }
  return rest;
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
    if (needsOwnScale(linear, p)) {
      const apart = settleProducts(builder, linear, target, options);
      return settle(builder, apart, target, activation, options, output);
    }
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
  if (needsOwnScale(linear, p)) {
    const apart = settleProducts(builder, linear, key, options);
    return settle(builder, apart, target, activation, options, output);
  }
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

/** Bits of an output that is the sum itself. */
const OUTPUT_BITS = 30;

/** Real bound on a sum, without its weights and constants. */
const reachOf = (linear: Linear): number =>
  [...linear.products, ...linear.terms].reduce((sum, part) => {
    const count = 'sums' in part ? elementCount(part.sums) : 1;
    const reach = Math.max(Math.abs(part.range.lo), Math.abs(part.range.hi));
    return (
      sum + (part.kind === 'weights' ? 0 : Math.abs(part.coefficient * part.scale) * reach * count)
    );
  }, 0);

/**
 * An output of the program as the sum itself, without a rescale: integers as fine as 16-bit weights and the
 * field make them, which the verifier reads in the statement and nothing has to look up.
 *
 *   sum − out = 0
 *
 * Null where coefficients would be too coarse: then it is settled like any other value.
 */
export const settleOutput = (
  builder: ProgramBuilder,
  linear: Linear,
  options: RescaleOptions,
): Value | null => {
  const largest = linear.products.map((p) => {
    if (p.kind === 'values') return 0;
    const weight = p.weights.reduce((a, w) => Math.max(a, Math.abs(w)), 0);
    return builder.isPrivate
      ? coarseAbove(weight * Math.abs(p.coefficient)) * p.scale
      : weight * Math.abs(p.coefficient * p.scale);
  });
  const [only, second] = ratios(linear, 1).filter((r) => r > 0);
  const weighted = Math.max(0, ...largest) / (WEIGHT_LIMIT - 1);
  const lone = weighted === 0 && second === undefined ? only : undefined;
  const finest = lone ?? Math.max(weighted, reachOf(linear) / 2 ** (OUTPUT_BITS - 1));
  for (let unit = finest > 0 ? finest : 1, tries = 0; tries < 32; unit *= 2, tries += 1) {
    // Keys are the output's range, and no table's: private weights need no finer one.
    const p = planAt(builder, linear, unit, 0, builder.isPrivate ? 1 : null);
    if (wraps(p.keys, p.tolerated) || Math.max(-p.keys.lo, p.keys.hi) > 2 ** OUTPUT_BITS) continue;
    const coarse = p.sum.products.some(({ coefficient }) => Math.abs(coefficient) < 64);
    if (unit === lone ? false : coarse || lone !== undefined) return null;
    const key = { name: 'output', bits: 0, low: 0, output: p.keys };
    const [out] = emitDigits(builder, p, [key], options);
    return out === undefined ? null : keyValue(linear, out, unit, p.keys);
  }
  return null;
};
