import { elementCount } from '../../shape/dimensions.ts';
import { leafCount, LEAF_ELEMENTS, tensorDepth } from '../tree.ts';
import type { TensorRef, TraceView } from '../types.ts';

/** Values of a gather's table. */
export type TableReader = (table: TensorRef) => readonly number[] | Int32Array;

/** Leaves of one tensor that a check opens, at most, and the hashes that prove them. */
export interface LeafBound {
  readonly leaves: number;
  readonly siblings: number;
}

/** Leaf order as strides by storage axis. */
export function leafStrides({ dims, order }: Pick<TensorRef, 'dims' | 'order'>): number[] {
  const strides = new Array<number>(dims.length).fill(1);
  let stride = 1;
  for (const axis of order.toReversed()) {
    strides[axis] = stride;
    stride *= dims[axis] ?? 1;
  }
  return strides;
}

/** What each logical axis adds to a position: stride·i, or a listed part (NaN: outside). */
interface Additive {
  readonly origin: number;
  readonly axes: readonly ({ readonly stride: number } | { readonly table: readonly number[] })[];
}

/** Whether storage axes [from, to) lie in leaf order as they are stored, one run. */
function inOrder(dims: readonly number[], strides: readonly number[], from: number, to: number) {
  let expected: number | null = null;
  for (let axis = to - 1; axis >= from; axis--) {
    const length = dims[axis] ?? 1;
    if (length === 1) continue;
    if (expected !== null && strides[axis] !== expected) return false;
    expected = (strides[axis] ?? 1) * length;
  }
  return true;
}

/** A view's positions as a sum over logical axes where nothing is outside; null if they are none. */
function additive(
  view: TraceView,
  lengths: readonly number[],
  readTable: TableReader,
): Additive | null {
  const { dims } = view.tensor;
  const strides = leafStrides(view.tensor);
  const axes: Additive['axes'][number][] = lengths.map(() => ({ stride: 0 }));
  let origin = 0;
  let position = 0;
  for (const factor of view.factors) {
    const unit = strides[position] ?? 1;
    switch (factor.kind) {
      case 'affine':
        origin += factor.offset * unit;
        for (const { axis, stride } of factor.strides) axes[axis] = { stride: stride * unit };
        position += 1;
        break;
      case 'gather':
        axes[factor.axis] = {
          table: Array.from(readTable(factor.table), (u) => (u < 0 ? Number.NaN : u * unit)),
        };
        position += 1;
        break;
      case 'reshape': {
        const end = position + factor.storageAxes;
        if (!inOrder(dims, strides, position, end)) return null;
        let step = 1;
        for (let axis = position; axis < end; axis++)
          if ((dims[axis] ?? 1) > 1) step = strides[axis] ?? 1;
        for (const axis of factor.axes.toReversed()) {
          axes[axis] = { stride: step };
          step *= lengths[axis] ?? 1;
        }
        position = end;
        break;
      }
    }
  }
  return { origin, axes };
}

function gcd(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : gcd(b, a % b);
}

/** Parts that the axes from `first` on add, row major. */
function offsetsOver(parts: Additive, lengths: readonly number[], first: number): number[] {
  let offsets = [0];
  for (let axis = first; axis < lengths.length; axis++) {
    const part = parts.axes[axis];
    const steps = Array.from({ length: lengths[axis] ?? 1 }, (_, i) =>
      part === undefined ? 0 : 'stride' in part ? part.stride * i : (part.table[i] ?? 0),
    );
    offsets = offsets.flatMap((offset) => steps.map((step) => offset + step));
  }
  return offsets;
}

/** Where position 0 of a pattern can lie in its leaf, for any index of the outer axes. */
function shiftsOf(parts: Additive, lengths: readonly number[], first: number): number[] {
  let step = LEAF_ELEMENTS;
  for (let axis = 0; axis < first; axis++) {
    const part = parts.axes[axis];
    if (part === undefined || (lengths[axis] ?? 1) === 1) continue;
    if ('stride' in part) step = gcd(step, part.stride);
    else for (const offset of part.table) if (!Number.isNaN(offset)) step = gcd(step, offset);
  }
  const origin = parts.origin - step * Math.floor(parts.origin / step);
  return Array.from({ length: LEAF_ELEMENTS / step }, (_, i) => origin + step * i);
}

/** Bytes of what proves these leaves: data and index, hashes. */
export function boundBytes({ leaves, siblings }: LeafBound): number {
  return 160 * leaves + 32 * siblings;
}

/** All leaves that hold elements: only padding is left to prove. */
function wholeTensor(tensor: TensorRef): LeafBound {
  const elements = elementCount(tensor.dims);
  return { leaves: leafCount(elements), siblings: tensorDepth(elements) };
}

/** At most so many nodes of each level need a sibling: two for each run of leaves, runs of level l merged across gaps of 2^l. */
function siblingBound(gaps: readonly number[], depth: number): number {
  let siblings = 0;
  for (let level = 0; level < depth; level++) {
    const runs = 1 + gaps.filter((gap) => gap > 2 ** level).length;
    siblings += Math.min(2 * runs, 2 ** (depth - level - 1));
  }
  return siblings;
}

/** Most bytes over the shifts of one pattern: runs of positions, sorted. */
function worstShift(
  starts: readonly number[],
  ends: readonly number[],
  shifts: readonly number[],
  depth: number,
): LeafBound {
  let worst: LeafBound = { leaves: 0, siblings: 0 };
  for (const shift of shifts) {
    let leaves = 0;
    let last = Number.NEGATIVE_INFINITY;
    const gaps: number[] = [];
    for (const [run, start] of starts.entries()) {
      const from = Math.floor((start + shift) / LEAF_ELEMENTS);
      const to = Math.floor(((ends[run] ?? start) + shift) / LEAF_ELEMENTS);
      if (from > last + 1 && leaves > 0) gaps.push(from - last);
      leaves += to - Math.max(from, last + 1) + 1;
      last = Math.max(last, to);
    }
    const bound = { leaves, siblings: siblingBound(gaps, depth) };
    if (boundBytes(bound) > boundBytes(worst)) worst = bound;
  }
  return worst;
}

/**
 * Leaves that a view reads in one chunk of its last axes, at most, whatever the index of the others. Fewer reads
 * (where the view is outside its tensor) never cost more: a leaf not opened saves 160 bytes and adds one hash.
 *
 * @param first - logical axes from here on are run through, row major; the others are fixed.
 * @returns the bound by chunk.   Cost: the run-through axes once, times the possible shifts.
 */
export function chunkBounds(
  view: TraceView,
  lengths: readonly number[],
  first: number,
  chunk: number,
  readTable: TableReader,
): readonly LeafBound[] {
  const { tensor } = view;
  const depth = tensorDepth(elementCount(tensor.dims));
  const whole = wholeTensor(tensor);
  const total = elementCount(lengths.slice(first));
  const chunks = Math.ceil(total / chunk);
  const least = (bound: LeafBound): LeafBound =>
    boundBytes(bound) < boundBytes(whole) ? bound : whole;
  const parts = additive(view, lengths, readTable);
  if (parts === null) {
    const leaves = Math.min(chunk, total);
    const bound = least({ leaves, siblings: leaves * depth });
    return Array.from({ length: chunks }, () => bound);
  }
  const offsets = offsetsOver(parts, lengths, first);
  const shifts = shiftsOf(parts, lengths, first);
  const known = new Map<string, LeafBound>();
  return Array.from({ length: chunks }, (_, c) => {
    const sorted = offsets
      .slice(c * chunk, (c + 1) * chunk)
      .filter((offset) => !Number.isNaN(offset))
      .sort((a, b) => a - b);
    if (sorted.length === 0) return { leaves: 0, siblings: 0 };
    const base = LEAF_ELEMENTS * Math.floor((sorted[0] ?? 0) / LEAF_ELEMENTS);
    const starts: number[] = [];
    const ends: number[] = [];
    for (const offset of sorted) {
      const last = ends.at(-1);
      if (last !== undefined && offset - base <= last + 1) ends[ends.length - 1] = offset - base;
      else {
        starts.push(offset - base);
        ends.push(offset - base);
      }
    }
    const key = `${starts.join()} ${ends.join()}`;
    const found = known.get(key) ?? least(worstShift(starts, ends, shifts, depth));
    known.set(key, found);
    return found;
  });
}
