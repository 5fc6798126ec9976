import { elementCount } from '../shape/dimensions.ts';
import type { Form, Range, Tensor, Term, View } from '../types.ts';
import {
  addIntervals,
  hullIntervals,
  type Interval,
  POINT_ZERO,
  scaleInterval,
} from './intervals.ts';

/** Pieces of a concatenation, and pieces times terms, beyond which it is bounded as a sum: bounds the work. */
const MOST_CUTS = 64;
const MOST_CELLS = 16_384;

interface Support {
  /** Logical positions outside [from, to) read zero. */
  readonly from: number;
  readonly to: number;
}

/** Where along one logical axis a view can read a real element, as far as a single factor tells. */
function supportAlong(view: View, shape: readonly number[], axis: number, length: number): Support {
  for (const [position, factor] of view.entries()) {
    if (factor.kind === 'reshape') return { from: 0, to: length };
    if (factor.kind !== 'affine' || factor.strides.length !== 1) continue;
    const stride = factor.strides[0];
    if (stride === undefined || stride.axis !== axis || stride.stride !== 1) continue;
    const size = shape[position] ?? 1;
    return { from: Math.max(0, -factor.offset), to: Math.min(length, size - factor.offset) };
  }
  return { from: 0, to: length };
}

/**
 * Whether some logical index reads zero; `exempt` is an axis along which only positions of the support
 * count. `supportAlong` knows no support behind a reshape, so that nothing is exempt there.
 */
function readsZero(
  view: View,
  shape: readonly number[],
  dims: readonly number[],
  exempt: number,
): boolean {
  let position = 0;
  let reshaped = false;
  for (const factor of view) {
    const size = shape[position] ?? 1;
    if (factor.kind === 'reshape') {
      position += factor.storageAxes;
      reshaped = true;
      continue;
    }
    position += 1;
    if (factor.kind === 'gather') {
      if (factor.indices.includes(-1)) return true;
      continue;
    }
    const only = factor.strides.length === 1 ? factor.strides[0] : undefined;
    const supported = only !== undefined && only.axis === exempt && only.stride === 1;
    if (supported && !reshaped) continue;
    let lo = factor.offset;
    let hi = factor.offset;
    for (const { axis, stride } of factor.strides) {
      const reach = stride * ((dims[axis] ?? 1) - 1);
      if (reach < 0) lo += reach;
      else hi += reach;
    }
    if (lo < 0 || hi >= size) return true;
  }
  return false;
}

function termRange(
  term: Term,
  tensor: Tensor,
  range: Interval,
  dims: readonly number[],
  exempt: number,
): Interval {
  const axes = [...dims, ...term.sums];
  const read = readsZero(term.view, tensor.shape, axes, exempt)
    ? hullIntervals(range, POINT_ZERO)
    : range;
  return scaleInterval(scaleInterval(read, elementCount(term.sums)), term.coefficient);
}

/**
 * Interval that holds every element of a form, given ranges of its tensors. Sums of views with
 * disjoint supports along one axis (concatenations) are bounded piece by piece along that axis.
 */
export function formRange(
  form: Form,
  dims: readonly number[],
  tensors: readonly Tensor[],
  ranges: readonly (Range | null)[],
): Interval {
  const constant: Range = { lo: form.constant, hi: form.constant };
  const parts: { readonly term: Term; readonly tensor: Tensor; readonly range: Range }[] = [];
  for (const term of form.terms) {
    const tensor = tensors[term.tensor];
    const range = ranges[term.tensor];
    if (tensor === undefined || range === undefined || range === null) return null;
    parts.push({ term, tensor, range });
  }
  let best: Interval = constant;
  for (const { term, tensor, range } of parts)
    best = addIntervals(best, termRange(term, tensor, range, dims, -1));
  if (parts.length < 2) return best;
  for (let axis = 0; axis < dims.length; axis++) {
    const length = dims[axis] ?? 1;
    const supports = parts.map(({ term, tensor }) =>
      supportAlong(term.view, tensor.shape, axis, length),
    );
    const cuts = [...new Set([0, ...supports.flatMap((s) => [s.from, s.to])])]
      .filter((c) => c >= 0 && c < length)
      .sort((a, b) => a - b);
    if (cuts.length < 2 || cuts.length > MOST_CUTS || cuts.length * parts.length > MOST_CELLS)
      continue;
    const inside = parts.map(({ term, tensor, range }) =>
      termRange(term, tensor, range, dims, axis),
    );
    let whole: Interval | undefined;
    for (const cut of cuts) {
      let cell: Interval = constant;
      for (const [i, support] of supports.entries()) {
        if (cut < support.from || cut >= support.to) continue;
        cell = addIntervals(cell, inside[i] ?? null);
      }
      whole = whole === undefined ? cell : hullIntervals(whole, cell);
    }
    if (whole === undefined || whole === null) continue;
    best =
      best === null ? whole : { lo: Math.max(best.lo, whole.lo), hi: Math.min(best.hi, whole.hi) };
  }
  return best;
}
