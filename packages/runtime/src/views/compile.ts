import type { View } from '@assay/program';
import { rowMajorStrides } from '../identity-view.ts';

/** Where a view reads along one logical axis: offset `table[i]` or `stride·i`, for from <= i < to; zero elsewhere. */
export interface SourceAxis {
  readonly stride: number;
  readonly table: Int32Array | null;
  readonly from: number;
  readonly to: number;
}

/**
 * One storage group (an axis, or the axes of a reshape) as a window of it: [lo, lo + size) of [0, length),
 * zero outside. size = length and lo = 0 unless the view reads zeros that no box can cut off.
 */
interface Window {
  readonly length: number;
  readonly lo: number;
  readonly size: number;
}

/**
 * A view as separable offsets: element (i_0, i_1, …) is at base + Σ_a offset_a(i_a) of the tensor's data,
 * or of its windowed copy, if every i_a is in its axis' [from, to), and zero otherwise.
 */
export interface CompiledView {
  readonly base: number;
  /** One per logical axis; a broadcast has stride 0. */
  readonly axes: readonly SourceAxis[];
  /** Null: reads the tensor itself. */
  readonly windows: readonly Window[] | null;
  /** Reads zero everywhere. */
  readonly empty: boolean;
}

/** Elements of the source that a compiled view reads. */
export function sourceElements(view: CompiledView): number {
  return (view.windows ?? []).reduce((n, w) => n * w.size, 1);
}

/** A linear run start + step·i as [start, step], or null. */
function linearRun(indices: readonly number[]): readonly [number, number] | null {
  const start = indices[0] ?? 0;
  const step = (indices[1] ?? start) - start;
  return indices.every((index, i) => index === start + step * i) ? [start, step] : null;
}

interface AxisInUnits {
  readonly axis: number;
  /** Offsets in units of the storage group. */
  readonly stride: number;
  readonly table: readonly number[] | null;
  readonly from: number;
  readonly to: number;
}

interface Group {
  readonly window: Window;
  /** Position at index 0 of every axis. */
  readonly origin: number;
  readonly axes: readonly AxisInUnits[];
  readonly empty: boolean;
}

function affineGroup(
  factor: Extract<View[number], { kind: 'affine' }>,
  length: number,
  dims: readonly number[],
): Group {
  let lo = factor.offset;
  let hi = factor.offset;
  const moving = factor.strides.filter(({ axis, stride }) => stride !== 0 && dims[axis] !== 1);
  for (const { axis, stride } of moving) {
    const reach = stride * ((dims[axis] as number) - 1);
    if (reach < 0) lo += reach;
    else hi += reach;
  }
  const axes = moving.map(({ axis, stride }) => ({
    axis,
    stride,
    table: null,
    from: 0,
    to: dims[axis] as number,
  }));
  const whole: Group = {
    window: { length, lo: 0, size: length },
    origin: factor.offset,
    axes,
    empty: false,
  };
  if (lo >= 0 && hi < length) return whole;
  if (hi < 0 || lo >= length) return { ...whole, empty: true };
  const [only] = moving;
  if (only !== undefined && moving.length === 1) {
    // 0 <= offset + stride·i < length
    const a = -factor.offset / only.stride;
    const b = (length - 1 - factor.offset) / only.stride;
    const from = Math.max(0, Math.ceil(Math.min(a, b)));
    const to = Math.min(dims[only.axis] as number, Math.floor(Math.max(a, b)) + 1);
    return {
      ...whole,
      axes: [{ axis: only.axis, stride: only.stride, table: null, from, to }],
      empty: from >= to,
    };
  }
  return { ...whole, window: { length, lo, size: hi - lo + 1 }, origin: factor.offset - lo };
}

function gatherGroup(
  factor: Extract<View[number], { kind: 'gather' }>,
  length: number,
  dims: readonly number[],
): Group {
  const { axis } = factor;
  const to = dims[axis] as number;
  const zeros = factor.indices.some((index) => index < 0);
  // A window one longer than the axis: its last place holds zero, and −1 reads there.
  const indices = zeros ? factor.indices.map((i) => (i < 0 ? length : i)) : factor.indices;
  const window = { length, lo: 0, size: zeros ? length + 1 : length };
  const run = linearRun(indices);
  if (run !== null) {
    const [origin, stride] = run;
    return { window, origin, axes: [{ axis, stride, table: null, from: 0, to }], empty: false };
  }
  return {
    window,
    origin: 0,
    axes: [{ axis, stride: 0, table: indices, from: 0, to }],
    empty: false,
  };
}

function reshapeGroup(
  factor: Extract<View[number], { kind: 'reshape' }>,
  length: number,
  dims: readonly number[],
): Group {
  const strides = rowMajorStrides(factor.axes.map((axis) => dims[axis] as number));
  const axes = factor.axes.map((axis, i) => ({
    axis,
    stride: strides[i] as number,
    table: null,
    from: 0,
    to: dims[axis] as number,
  }));
  return { window: { length, lo: 0, size: length }, origin: 0, axes, empty: false };
}

/** Compiles a view of a tensor of shape `shape` over logical axes of lengths `dims`. */
export function compileView(
  view: View,
  shape: readonly number[],
  dims: readonly number[],
): CompiledView {
  const groups: Group[] = [];
  let position = 0;
  for (const factor of view) {
    const count = factor.kind === 'reshape' ? factor.storageAxes : 1;
    const length = shape.slice(position, position + count).reduce((n, l) => n * l, 1);
    position += count;
    switch (factor.kind) {
      case 'affine':
        groups.push(affineGroup(factor, length, dims));
        break;
      case 'gather':
        groups.push(gatherGroup(factor, length, dims));
        break;
      case 'reshape':
        groups.push(reshapeGroup(factor, length, dims));
        break;
    }
  }
  const windows = groups.map((group) => group.window);
  const unit = rowMajorStrides(windows.map((window) => window.size));
  const axes: SourceAxis[] = dims.map((to) => ({ stride: 0, table: null, from: 0, to }));
  let base = 0;
  groups.forEach((group, g) => {
    const scale = unit[g] as number;
    base += group.origin * scale;
    for (const { axis, stride, table, from, to } of group.axes) {
      axes[axis] = {
        stride: stride * scale,
        table: table === null ? null : Int32Array.from(table, (u) => u * scale),
        from,
        to,
      };
    }
  });
  const plain = windows.every((window) => window.lo === 0 && window.size === window.length);
  return {
    base,
    axes,
    windows: plain ? null : windows,
    empty: groups.some((group) => group.empty),
  };
}

/** The windows of a tensor, row major, zero outside the tensor. */
export function windowedCopy(windows: readonly Window[], data: Int32Array): Int32Array {
  const out = new Int32Array(windows.reduce((n, w) => n * w.size, 1));
  const source = rowMajorStrides(windows.map((w) => w.length));
  const target = rowMajorStrides(windows.map((w) => w.size));
  const last = windows.length - 1;
  const copy = (g: number, from: number, to: number): void => {
    const { length, lo, size } = windows[g] as Window;
    const start = Math.max(0, lo);
    const end = Math.min(length, lo + size);
    if (start >= end) return;
    if (g === last) {
      out.set(data.subarray(from + start, from + end), to + start - lo);
      return;
    }
    for (let u = start; u < end; u++) {
      copy(g + 1, from + u * (source[g] as number), to + (u - lo) * (target[g] as number));
    }
  };
  copy(0, 0, 0);
  return out;
}
