import type { Form, Range, TensorId } from '@assay/program';
import { elementCount } from '@assay/program';

/** Above this, sums of doubles are not taken to be exact. */
export const EXACT: number = 2 ** 52;

/** Bounds of a value; `largest` also bounds every partial sum and product on the way to it. */
export interface Interval extends Range {
  readonly largest: number;
}

export function fitsInt32(range: Range): boolean {
  return range.lo >= -(2 ** 31) && range.hi < 2 ** 31;
}

/** Least and greatest element. An empty array has [0, 0]. */
export function rangeOf(data: Int32Array): Range {
  let lo = data[0] ?? 0;
  let hi = lo;
  for (let i = 1; i < data.length; i++) {
    const value = data[i] as number;
    if (value < lo) lo = value;
    if (value > hi) hi = value;
  }
  return { lo, hi };
}

/** Interval of a form, from the ranges of its tensors; every term may also read zero. */
export function formInterval(form: Form, rangeOfTensor: (tensor: TensorId) => Range): Interval {
  let lo = form.constant;
  let hi = form.constant;
  let largest = Math.abs(form.constant);
  for (const term of form.terms) {
    const range = rangeOfTensor(term.tensor);
    const scale = term.coefficient * elementCount(term.sums);
    const a = scale * Math.min(range.lo, 0);
    const b = scale * Math.max(range.hi, 0);
    lo += Math.min(a, b);
    hi += Math.max(a, b);
    largest += Math.max(Math.abs(a), Math.abs(b));
  }
  return { lo, hi, largest };
}

export function addIntervals(a: Interval, b: Interval): Interval {
  return { lo: a.lo + b.lo, hi: a.hi + b.hi, largest: a.largest + b.largest };
}

export function scaleInterval(a: Interval, scale: number): Interval {
  const lo = a.lo * scale;
  const hi = a.hi * scale;
  return {
    lo: Math.min(lo, hi),
    hi: Math.max(lo, hi),
    largest: a.largest * Math.max(1, Math.abs(scale)),
  };
}

/** Interval of Σ of `count` products. */
export function productInterval(a: Interval, b: Interval, count: number): Interval {
  const corners = [a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi];
  return {
    lo: Math.min(0, ...corners) * count,
    hi: Math.max(0, ...corners) * count,
    largest: a.largest * b.largest * count,
  };
}
