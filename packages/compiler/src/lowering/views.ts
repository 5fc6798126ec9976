/**
 * Composition of views. A lowering moves elements (transpose, slice, pad, window …) by stating each old
 * logical axis as a function of new ones; composing that with the view a form already has keeps the form a
 * form over the same committed tensors, so that moving elements costs nothing.
 */
import { LIMITS, type View, type ViewFactor } from '@assay/program';

/** Index of one old axis as a function of the new axes: `affine` reads zero outside the axis, `gather` at −1. */
export type AxisMap = Extract<ViewFactor, { kind: 'affine' | 'gather' }>;

/** A change of logical axes: `maps[a]` gives the index along old axis a, of length `from[a]`. */
export interface Remap {
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly maps: readonly AxisMap[];
}

/** Index combinations that a composition may look at to decide whether it is exact. */
const ENUMERATION_LIMIT = 2 ** 22;

export const same = (axis: number): AxisMap => ({
  kind: 'affine',
  offset: 0,
  strides: [{ axis, stride: 1 }],
});

export const at = (offset: number): AxisMap => ({ kind: 'affine', offset, strides: [] });

/** New axes that a map reads. */
export const mapAxes = (map: AxisMap): number[] =>
  map.kind === 'gather' ? [map.axis] : map.strides.map(({ axis }) => axis);

/** Value of a map at an index; −1 where it reads zero. */
const evaluate = (map: AxisMap, length: number, index: ReadonlyMap<number, number>): number => {
  if (map.kind === 'gather') return map.indices[index.get(map.axis) ?? 0] ?? -1;
  let u = map.offset;
  for (const { axis, stride } of map.strides) u += stride * (index.get(axis) ?? 0);
  return u >= 0 && u < length ? u : -1;
};

/** Whether a map never leaves [0, length). */
export const staysInside = (map: AxisMap, length: number, to: readonly number[]): boolean => {
  if (map.kind === 'gather') return map.indices.every((i) => i >= 0 && i < length);
  let lo = map.offset;
  let hi = map.offset;
  for (const { axis, stride } of map.strides) {
    const reach = stride * ((to[axis] ?? 1) - 1);
    if (reach < 0) lo += reach;
    else hi += reach;
  }
  return lo >= 0 && hi < length;
};

/** An index list as an affine map where it is one (zeros only where the affine map leaves the axis). */
export const fromIndices = (axis: number, indices: readonly number[], length: number): AxisMap => {
  const real = indices.flatMap((u, i) => (u >= 0 ? [{ i, u }] : []));
  const first = real[0];
  if (first === undefined) return at(-1);
  const second = real[1];
  const stride = second === undefined ? 1 : (second.u - first.u) / (second.i - first.i);
  const offset = first.u - stride * first.i;
  const affine =
    Number.isInteger(stride) &&
    indices.every((u, i) => {
      const v = offset + stride * i;
      return u >= 0 ? v === u : v < 0 || v >= length;
    });
  return affine
    ? { kind: 'affine', offset, strides: stride === 0 ? [] : [{ axis, stride }] }
    : { kind: 'gather', axis, indices };
};

/** Calls `visit` for every index over the axes; false as soon as it answers false. */
const everyIndex = (
  axes: readonly number[],
  to: readonly number[],
  visit: (index: ReadonlyMap<number, number>) => boolean,
): boolean => {
  const index = new Map<number, number>();
  const walk = (depth: number): boolean => {
    const axis = axes[depth];
    if (axis === undefined) return visit(index);
    for (let i = 0; i < (to[axis] ?? 1); i += 1) {
      index.set(axis, i);
      if (!walk(depth + 1)) return false;
    }
    return true;
  };
  return walk(0);
};

type Affine = Extract<ViewFactor, { kind: 'affine' }>;

/** Storage index read by a factor of one storage axis at a new index; −1 for zero. */
const reads = (
  factor: AxisMap,
  length: number,
  remap: Remap,
  index: ReadonlyMap<number, number>,
): number => {
  const old = new Map<number, number>();
  for (const axis of mapAxes(factor)) {
    const map = remap.maps[axis];
    const u = map === undefined ? -1 : evaluate(map, remap.from[axis] ?? 1, index);
    if (u < 0) return -1;
    old.set(axis, u);
  }
  return evaluate(factor, length, old);
};

const composeAffine = (factor: Affine, length: number, remap: Remap): AxisMap | null => {
  const strides = new Map<number, number>();
  let { offset } = factor;
  let affine = true;
  let inside = true;
  const axes = new Set<number>();
  for (const { axis, stride } of factor.strides) {
    const map = remap.maps[axis];
    if (map === undefined) return null;
    for (const a of mapAxes(map)) axes.add(a);
    if (!staysInside(map, remap.from[axis] ?? 1, remap.to)) inside = false;
    if (map.kind === 'gather') {
      affine = false;
      continue;
    }
    offset += stride * map.offset;
    for (const s of map.strides)
      strides.set(s.axis, (strides.get(s.axis) ?? 0) + stride * s.stride);
  }
  const candidate: AxisMap = {
    kind: 'affine',
    offset,
    strides: [...strides]
      .filter(([, stride]) => stride !== 0)
      .map(([axis, stride]) => ({ axis, stride })),
  };
  if (affine && inside) return candidate;
  const combinations = [...axes].reduce((n, a) => n * (remap.to[a] ?? 1), 1);
  if (combinations > ENUMERATION_LIMIT) return null;
  if (affine) {
    const exact = everyIndex(
      [...axes],
      remap.to,
      (index) => evaluate(candidate, length, index) === reads(factor, length, remap, index),
    );
    if (exact) return candidate;
  }
  return gatherOf(factor, length, remap, axes);
};

/** The composition as an index list, where it depends on at most one new axis. */
const gatherOf = (
  factor: AxisMap,
  length: number,
  remap: Remap,
  axes: ReadonlySet<number>,
): AxisMap | null => {
  const [axis, second] = [...axes];
  if (second !== undefined) return null;
  if (axis === undefined) return at(reads(factor, length, remap, new Map()));
  const indices = Array.from({ length: remap.to[axis] ?? 1 }, (_, i) =>
    reads(factor, length, remap, new Map([[axis, i]])),
  );
  return fromIndices(axis, indices, length);
};

/**
 * Views in which consecutive storage axes and logical axes have the same row-major flat index: single axes
 * and splits of one storage axis are affine, the rest are carry views.
 */
export const reshapeFactors = (
  storage: readonly number[],
  axes: readonly number[],
  lengths: readonly number[],
): ViewFactor[] => {
  const factors: ViewFactor[] = [];
  let s = 0;
  let l = 0;
  while (s < storage.length || l < axes.length) {
    const firstS = s;
    const firstL = l;
    let ps = s < storage.length ? (storage[s++] ?? 1) : 1;
    let pl = l < axes.length ? (lengths[axes[l++] ?? 0] ?? 1) : 1;
    while (ps !== pl) {
      if (ps < pl && s < storage.length) ps *= storage[s++] ?? 1;
      else if (ps > pl && l < axes.length) pl *= lengths[axes[l++] ?? 0] ?? 1;
      else throw new RangeError('reshapeFactors: expected equal numbers of elements');
    }
    const group = axes.slice(firstL, l);
    if (s - firstS === 1) {
      let stride = ps;
      const strides = group.flatMap((axis) => {
        const length = lengths[axis] ?? 1;
        stride /= length;
        return length === 1 ? [] : [{ axis, stride }];
      });
      factors.push({ kind: 'affine', offset: 0, strides });
    } else factors.push({ kind: 'reshape', storageAxes: s - firstS, axes: group });
  }
  return factors;
};

/** Whether the program format admits the factors of a view. */
export const isReadable = (view: View): boolean =>
  view.every(
    (factor) =>
      factor.kind !== 'reshape' || factor.storageAxes + factor.axes.length <= LIMITS.reshapeAxes,
  );

/** New axes into which a map splits an old axis of this length, most significant first; null if it is no split. */
const splitAxes = (map: AxisMap, length: number, to: readonly number[]): number[] | null => {
  if (map.kind === 'gather' || map.offset !== 0) return null;
  const sorted = [...map.strides].sort((a, b) => b.stride - a.stride);
  let rest = length;
  for (const { axis, stride } of sorted) {
    rest /= to[axis] ?? 1;
    if (stride !== rest) return null;
  }
  return rest === 1 ? sorted.map(({ axis }) => axis) : null;
};

/**
 * The view of the same tensor over the new axes, or null where it is not expressible (zero padding of a
 * slice along several axes, of a broadcast axis, a carry view that is not whole, a diagonal).
 *
 * Shapes: `shape` is the tensor's; the view is over axes of lengths `remap.from`.
 */
export const remapView = (view: View, shape: readonly number[], remap: Remap): View | null => {
  const result: ViewFactor[] = [];
  const read = new Set<number>();
  let position = 0;
  for (const factor of view) {
    if (factor.kind === 'reshape') {
      const axes: number[] = [];
      for (const axis of factor.axes) {
        read.add(axis);
        const map = remap.maps[axis];
        const split = map === undefined ? null : splitAxes(map, remap.from[axis] ?? 1, remap.to);
        if (split === null) return null;
        axes.push(...split);
      }
      result.push(
        ...reshapeFactors(shape.slice(position, position + factor.storageAxes), axes, remap.to),
      );
      position += factor.storageAxes;
      continue;
    }
    for (const axis of mapAxes(factor)) read.add(axis);
    const length = shape[position] ?? 1;
    position += 1;
    const source = factor.kind === 'gather' ? remap.maps[factor.axis] : undefined;
    const composed =
      factor.kind === 'affine'
        ? composeAffine(factor, length, remap)
        : gatherOf(factor, length, remap, new Set(source === undefined ? [] : mapAxes(source)));
    if (composed === null) return null;
    result.push(composed);
  }
  // A broadcast axis has no factor that could read zero.
  const padded = remap.maps.some(
    (map, axis) => !read.has(axis) && !staysInside(map, remap.from[axis] ?? 1, remap.to),
  );
  if (padded) return null;
  const used = new Set<number>();
  for (const factor of result) {
    for (const axis of factor.kind === 'reshape' ? factor.axes : mapAxes(factor)) {
      if (used.has(axis)) return null;
      used.add(axis);
    }
  }
  return isReadable(result) ? result : null;
};
