import { elementCount } from '../shape/dimensions.ts';
import { ExactSum } from './exact.ts';
import { chunkCount } from './structure.ts';
import type { Stride, TensorRef, TraceForm, TraceRelation, TraceView } from './types.ts';

/** Element of a tensor at a position of its leaf order. */
export type ReadElement = (tensor: TensorRef, position: number) => number;

/** An element that a check reads. */
export interface Reading {
  readonly tensor: TensorRef;
  /** Position in leaf order: leaf position / 32, rounded down. */
  readonly position: number;
}

/** Number of elements of a relation: those of its domain, an einsum's for each chunk. Below 2^32. */
export function instances(relation: TraceRelation): number {
  const count = elementCount(relation.domain);
  return relation.kind === 'einsum' ? count * chunkCount(relation) : count;
}

/** Row-major digits of `flat` over `dims`. */
export function unravel(flat: number, dims: readonly number[]): number[] {
  const index = new Array<number>(dims.length).fill(0);
  let rest = flat;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    const length = dims[axis] ?? 1;
    index[axis] = rest % length;
    rest = Math.floor(rest / length);
  }
  return index;
}

/** Position in leaf order of an element at these storage coordinates, all inside. */
export function leafPosition(
  { dims, order }: Pick<TensorRef, 'dims' | 'order'>,
  coordinates: readonly number[],
): number {
  let position = 0;
  for (const axis of order) position = position * (dims[axis] ?? 1) + (coordinates[axis] ?? 0);
  return position;
}

function affine(offset: number, strides: readonly Stride[], index: readonly number[]): ExactSum {
  const sum = new ExactSum(offset);
  for (const { axis, stride } of strides) sum.add(stride, index[axis] ?? 0);
  return sum;
}

/**
 * Position in leaf order that a view reads at a logical index, −1 where it reads 0. All its gather
 * tables are read, whatever they say.
 *
 * @param dims lengths of the logical axes.
 */
export function viewPosition(
  view: TraceView,
  index: readonly number[],
  dims: readonly number[],
  read: ReadElement,
): number {
  const storage = view.tensor.dims;
  const coordinates: number[] = [];
  let inside = true;
  for (const factor of view.factors) {
    const length = storage[coordinates.length] ?? 0;
    switch (factor.kind) {
      case 'affine': {
        const u = affine(factor.offset, factor.strides, index).within(length);
        if (u < 0) inside = false;
        coordinates.push(u);
        break;
      }
      case 'gather': {
        const u = read(factor.table, index[factor.axis] ?? 0);
        if (u < 0 || u >= length) inside = false;
        coordinates.push(u);
        break;
      }
      case 'reshape': {
        let flat = 0;
        for (const axis of factor.axes) flat = flat * (dims[axis] ?? 1) + (index[axis] ?? 0);
        const from = coordinates.length;
        coordinates.push(...unravel(flat, storage.slice(from, from + factor.storageAxes)));
        break;
      }
    }
  }
  return inside ? leafPosition(view.tensor, coordinates) : -1;
}

function readView(
  view: TraceView,
  index: readonly number[],
  dims: readonly number[],
  read: ReadElement,
): number {
  const position = viewPosition(view, index, dims, read);
  return position < 0 ? 0 : read(view.tensor, position);
}

/** bias + Σ coefficient·view(index), terms in order. */
export function formValue(
  form: TraceForm,
  index: readonly number[],
  dims: readonly number[],
  read: ReadElement,
): ExactSum {
  const sum = new ExactSum(form.bias);
  for (const { coefficient, view } of form.terms)
    sum.add(coefficient, readView(view, index, dims, read));
  return sum;
}

function einsumHolds(
  relation: Extract<TraceRelation, { kind: 'einsum' }>,
  element: number,
  read: ReadElement,
): boolean {
  const { domain, sum, chunk, scale, x, y, partials, claim } = relation;
  const dims = [...domain, ...sum];
  const outputs = elementCount(domain);
  const c = Math.floor(element / outputs);
  const output = unravel(element % outputs, domain);
  const total = new ExactSum();
  const end = Math.min((c + 1) * chunk, elementCount(sum));
  for (let t = c * chunk; t < end; t++) {
    const index = [...output, ...unravel(t, sum)];
    const left = viewPosition(x, index, dims, read);
    const right = viewPosition(y, index, dims, read);
    if (left >= 0 && right >= 0) total.add(read(x.tensor, left), read(y.tensor, right));
  }
  const prefix = (i: number): number =>
    partials === null ? 0 : read(partials, leafPosition(partials, [i, ...output]));
  if (c > 0) total.add(1, prefix(c - 1));
  if (c < chunkCount(relation) - 1) return total.value === BigInt(prefix(c));
  return BigInt(scale) * total.value + formValue(claim, output, domain, read).value === 0n;
}

function lookupHolds(
  relation: Extract<TraceRelation, { kind: 'lookup' }>,
  index: readonly number[],
  read: ReadElement,
): boolean {
  const { domain, table } = relation;
  const value = formValue(relation.value, index, domain, read).value;
  const key: number[] = [];
  for (const [axis, coordinate] of relation.coordinates.entries()) {
    let at: ExactSum;
    if (coordinate.kind === 'affine') {
      at = affine(coordinate.offset, coordinate.strides, index);
    } else {
      at = formValue(coordinate.form, index, domain, read);
      at.add(-1, coordinate.base);
    }
    key.push(at.within(table.dims[axis] ?? 0));
  }
  if (key.some((u) => u < 0)) return false;
  return value === BigInt(read(table, leafPosition(table, key)));
}

/**
 * Whether a relation holds at one of its `instances`, over the integers, exactly. What is read, and
 * nothing else:
 *   a view: all its gather tables, and its element unless a coordinate is outside;
 *   a form: its terms;
 *   an einsum at (c, o): for each term of the chunk the tables of x and y, and both elements unless one
 *   is outside; P_{c−1} for c > 0; P_c, or for the last chunk the claim;
 *   a lookup: value, all coordinates, and the table unless one of them is outside it (which violates).
 *
 * Caller must: pass a relation that `checkRelation` accepts and 0 <= element < instances(relation).
 * Cost: at most 1,024 terms.
 */
export function evaluate(relation: TraceRelation, element: number, read: ReadElement): boolean {
  if (relation.kind === 'einsum') return einsumHolds(relation, element, read);
  const { domain } = relation;
  const index = unravel(element, domain);
  switch (relation.kind) {
    case 'linear':
      return formValue(relation.form, index, domain, read).value === 0n;
    case 'range': {
      const { value } = formValue(relation.form, index, domain, read);
      return value >= BigInt(relation.lo) && value <= BigInt(relation.hi);
    }
    case 'lookup':
      return lookupHolds(relation, index, read);
  }
}

/**
 * The elements that a check of one instance reads, in order and repeated as often as they are read.
 * Values decide where gathers and keys point to, so they are needed here as well.
 */
export function reads(
  relation: TraceRelation,
  element: number,
  read: ReadElement,
): readonly Reading[] {
  const found: Reading[] = [];
  evaluate(relation, element, (tensor, position) => {
    found.push({ tensor, position });
    return read(tensor, position);
  });
  return found;
}
