import { elementCount, type Form, formRange, type Product, type Range } from '@assay/program';
import { axesRead, arrangeForm, contiguousForm, type Layout } from '../forms/arrange.ts';
import type { Evaluator } from '../forms/evaluator.ts';
import {
  EXACT,
  fitsInt32,
  type Interval,
  productInterval,
  scaleInterval,
} from '../forms/interval.ts';

/**
 * Σ_sum left·right as matrix products: axes in both operands and the output are looped over (batch), axes of one
 * operand and the output are its rows, summed axes are the inner dimension. Axes of length 1 are in no list.
 */
export interface ProductPlan {
  readonly left: Operand;
  readonly right: Operand;
  /** Axes: first the output's, then the summed ones. */
  readonly lengths: readonly number[];
  readonly batch: readonly number[];
  readonly sum: readonly number[];
  /** Of Σ left·right times this. */
  readonly scale: number;
  /** Of the scaled value. */
  readonly interval: Interval;
  /** 'checked': only the reference arithmetic is known to be exact. */
  readonly arithmetic: 'int32' | 'float64' | 'checked';
}

export interface Operand {
  readonly form: Form;
  readonly range: Range;
  /** Output axes that only this operand has. */
  readonly rows: readonly number[];
  /** All values as [batch][rows][sum], if planning needed them. */
  readonly arranged: Int32Array | null;
}

/** Operands up to this size are looked through for sharper bounds. */
const LARGEST_SCAN = 2 ** 24;

export function wholeLayout(lengths: readonly number[], axes: readonly number[]): Layout {
  return { axes, from: axes.map(() => 0), to: axes.map((axis) => lengths[axis] as number) };
}

/** The operand's values in the order of a layout; the tensor's own memory where it lies there so. */
export function operandValues(
  evaluator: Evaluator,
  form: Form,
  lengths: readonly number[],
  layout: Layout,
): Int32Array {
  const found = contiguousForm(evaluator, form, lengths, layout);
  if (found !== null) return found;
  const size = layout.axes.reduce(
    (n, _, j) => n * ((layout.to[j] as number) - (layout.from[j] as number)),
    1,
  );
  const values = new Int32Array(size);
  arrangeForm(evaluator, form, lengths, layout, values);
  return values;
}

/** A form of one term, with its coefficient taken out. */
function withoutCoefficient(form: Form): { readonly form: Form; readonly scale: number } {
  const [term] = form.terms;
  if (term === undefined || form.terms.length !== 1 || form.constant !== 0)
    return { form, scale: 1 };
  return { form: { terms: [{ ...term, coefficient: 1 }], constant: 0 }, scale: term.coefficient };
}

/**
 * Interval of Σ_k w[row, k]·x_k over all rows of w, for x inside a range:
 *   Σ_k min(w·lo, w·hi) … Σ_k max(w·lo, w·hi).
 */
function rowInterval(w: Int32Array, inner: number, x: Range): Range {
  let lo = 0;
  let hi = 0;
  for (let start = 0; start < w.length; start += inner) {
    let positive = 0;
    let negative = 0;
    for (let k = start; k < start + inner; k++) {
      const value = w[k] as number;
      if (value > 0) positive += value;
      else negative += value;
    }
    lo = Math.min(lo, positive * x.lo + negative * x.hi);
    hi = Math.max(hi, positive * x.hi + negative * x.lo);
  }
  return { lo, hi };
}

/** Axes of an operation by role, before bounds. */
function roles(evaluator: Evaluator, product: Product, dims: readonly number[]) {
  const lengths = [...dims, ...product.sums];
  const inLeft = axesRead(evaluator, product.left, lengths);
  const inRight = axesRead(evaluator, product.right, lengths);
  const output = lengths
    .map((_, axis) => axis)
    .slice(0, dims.length)
    .filter((axis) => lengths[axis] !== 1);
  const sum = lengths
    .map((_, axis) => axis)
    .slice(dims.length)
    .filter((axis) => lengths[axis] !== 1);
  const batch = output.filter((axis) => inLeft.has(axis) && inRight.has(axis));
  const rightRows = output.filter((axis) => inRight.has(axis) && !inLeft.has(axis));
  const leftRows = output.filter((axis) => !inRight.has(axis));
  return { lengths, sum, batch, leftRows, rightRows, last: output.at(-1) };
}

/**
 * Decides axes, arithmetic and bounds of one product of a relation over `dims`. The operand that has the last
 * axis of the output becomes the right one, so that results come out in the output's order where they can.
 *
 * Cost: a pass over one operand, the smaller first, where the bound from ranges alone is too wide for int32.
 */
export function planProduct(
  evaluator: Evaluator,
  product: Product,
  dims: readonly number[],
): ProductPlan {
  const { lengths, sum, batch, leftRows, rightRows, last } = roles(evaluator, product, dims);
  const swap = last !== undefined && leftRows.includes(last);
  const [l, r] = swap ? [product.right, product.left] : [product.left, product.right];
  const [lRows, rRows] = swap ? [rightRows, leftRows] : [leftRows, rightRows];
  const left = withoutCoefficient(l);
  const right = withoutCoefficient(r);
  const scale = product.coefficient * left.scale * right.scale;
  const count = elementCount(product.sums);
  const plan = (
    interval: Interval,
    arithmetic: ProductPlan['arithmetic'],
    leftArranged: Int32Array | null,
    rightArranged: Int32Array | null,
  ): ProductPlan => ({
    left: { form: left.form, range: leftInterval, rows: lRows, arranged: leftArranged },
    right: { form: right.form, range: rightInterval, rows: rRows, arranged: rightArranged },
    lengths,
    batch,
    sum,
    scale,
    interval: scaleInterval(interval, scale),
    arithmetic,
  });
  const leftInterval = evaluator.interval(left.form);
  const rightInterval = evaluator.interval(right.form);
  const crude = productInterval(leftInterval, rightInterval, count);
  const operandsFit = fitsInt32(leftInterval) && fitsInt32(rightInterval);
  if (!operandsFit || !Number.isSafeInteger(scale)) return plan(crude, 'checked', null, null);
  if (fitsInt32(crude)) {
    return plan({ ...crude, largest: Math.max(-crude.lo, crude.hi) }, 'int32', null, null);
  }
  const size = (axes: readonly number[]): number =>
    elementCount(axes.map((axis) => lengths[axis] as number));
  const leftSize = size([...batch, ...lRows, ...sum]);
  const rightSize = size([...batch, ...rRows, ...sum]);
  const repeated = size(lRows) >= 4 && size(rRows) >= 4;
  for (const scanLeft of leftSize <= rightSize ? [true, false] : [false, true]) {
    if (!repeated || (scanLeft ? leftSize : rightSize) > LARGEST_SCAN || count > 2 ** 20) continue;
    const [scanned, other] = scanLeft ? [left.form, right.form] : [right.form, left.form];
    const layout = wholeLayout(lengths, [...batch, ...(scanLeft ? lRows : rRows), ...sum]);
    const values = operandValues(evaluator, scanned, lengths, layout);
    const range = measured(evaluator, other, lengths) ?? (scanLeft ? rightInterval : leftInterval);
    const sharp = rowInterval(values, size(sum), range);
    if (!fitsInt32(sharp)) continue;
    const interval = { ...sharp, largest: Math.max(-sharp.lo, sharp.hi) };
    return plan(interval, 'int32', scanLeft ? values : null, scanLeft ? null : values);
  }
  return plan(crude, crude.largest < EXACT ? 'float64' : 'checked', null, null);
}

/** The sharper interval of a form whose terms lie side by side (a concatenation). */
function measured(evaluator: Evaluator, form: Form, lengths: readonly number[]): Range | null {
  if (form.terms.length < 2 || form.terms.length > 64) return null;
  const ranges = evaluator.program.tensors.map((_, id) =>
    form.terms.some((term) => term.tensor === id) ? evaluator.range(id) : null,
  );
  return formRange(form, lengths, evaluator.program.tensors, ranges);
}
