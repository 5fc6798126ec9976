/**
 * Sums that no tensor holds yet: what linear nodes build up until a rescale commits the result.
 *
 *   real[out] = Σ products + Σ coefficient·scale·form + Σ constants[out] + constant
 */
import type { Form, Range } from '@assay/program';
import { scaleForm } from './builder.ts';
import type { Value } from './value.ts';

/** coefficient · Σ_sums left · weights: real weights, stored [sum axes …][output axes …]. */
export interface WeightProduct {
  readonly kind: 'weights';
  readonly coefficient: number;
  readonly sums: readonly number[];
  /** Over the atoms and the sums. */
  readonly left: Form;
  readonly scale: number;
  /** Of the left operand. */
  readonly range: Range;
  readonly weights: Float64Array;
  /** Atoms that the weights are indexed by, after the sums. */
  readonly outAxes: readonly number[];
}

/** coefficient · Σ_sums left · right: both operands are values of the run. */
export interface ValueProduct {
  readonly kind: 'values';
  readonly coefficient: number;
  readonly sums: readonly number[];
  readonly left: Form;
  readonly right: Form;
  /** Product of the operands' scales. */
  readonly scale: number;
  /** Of one product of elements. */
  readonly range: Range;
}

export interface LinearTerm {
  readonly kind: 'term';
  readonly coefficient: number;
  readonly form: Form;
  readonly scale: number;
  readonly range: Range;
}

/** Real constants indexed by some of the atoms. */
export interface Offset {
  readonly data: Float64Array;
  readonly axes: readonly number[];
}

export interface Linear {
  readonly dims: readonly (readonly number[])[];
  readonly products: readonly (WeightProduct | ValueProduct)[];
  readonly terms: readonly LinearTerm[];
  readonly offsets: readonly Offset[];
  readonly constant: number;
}

/** Interval of products of two elements. */
export const productRange = (a: Range, b: Range): Range => {
  const corners = [a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi];
  return { lo: Math.min(...corners), hi: Math.max(...corners) };
};

export const linearOf = (value: Value): Linear => ({
  dims: value.dims,
  products: [],
  terms: [
    { kind: 'term', coefficient: 1, form: value.form, scale: value.scale, range: value.range },
  ],
  offsets: [],
  constant: 0,
});

export const scaleLinear = (linear: Linear, factor: number): Linear => ({
  dims: linear.dims,
  products: linear.products.map((p) => ({ ...p, coefficient: p.coefficient * factor })),
  terms: linear.terms.map((t) => ({ ...t, coefficient: t.coefficient * factor })),
  offsets: linear.offsets.map((o) => ({ ...o, data: o.data.map((v) => v * factor) })),
  constant: linear.constant * factor,
});

export const addConstant = (linear: Linear, constant: number): Linear => ({
  ...linear,
  constant: linear.constant + constant,
});

/** Both over the same atoms. */
export const addLinear = (a: Linear, b: Linear): Linear => ({
  dims: a.dims,
  products: [...a.products, ...b.products],
  terms: [...a.terms, ...b.terms],
  offsets: [...a.offsets, ...b.offsets],
  constant: a.constant + b.constant,
});

const scaleRange = (range: Range, factor: number): Range =>
  factor < 0
    ? { lo: range.hi * factor, hi: range.lo * factor }
    : { lo: range.lo * factor, hi: range.hi * factor };

/** Wider than this, a sum of values is rescaled rather than read as it is: matmul kernels take 16-bit operands. */
const WIDEST = 2 ** 15;

/**
 * The value that a sum already is, if it needs no rescale: one committed form times a number, or several of
 * equal scale. A constant stays in the form where it is a multiple of the scale.
 */
export const asValue = (linear: Linear): Value | null => {
  const first = linear.terms[0];
  if (first === undefined || linear.products.length > 0 || linear.offsets.length > 0) return null;
  const scale = Math.abs(first.coefficient * first.scale);
  if (scale === 0) return null;
  if (linear.terms.some((t) => Math.abs(t.coefficient * t.scale) !== scale)) return null;
  const shift = linear.constant / scale;
  if (!Number.isInteger(shift)) return null;
  let form: Form = { terms: [], constant: shift };
  let range: Range = { lo: shift, hi: shift };
  for (const t of linear.terms) {
    const sign = Math.sign(t.coefficient);
    const part = scaleForm(t.form, sign);
    const bounds = scaleRange(t.range, sign);
    form = { terms: [...form.terms, ...part.terms], constant: form.constant + part.constant };
    range = { lo: range.lo + bounds.lo, hi: range.hi + bounds.hi };
  }
  const summed =
    linear.terms.length > 1 ||
    linear.terms.some((t) => t.form.terms.some((x) => x.sums.length > 0));
  if (summed && range.hi - range.lo >= WIDEST) return null;
  return { dims: linear.dims, form, scale, range };
};
