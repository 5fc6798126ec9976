import type { TraceView } from '../types.ts';
import { leafStrides, type TableReader } from './patterns.ts';

/** Position in leaf order that a view reads at a logical index, −1 where it reads 0: `viewPosition`, prepared once. */
export type Positions = (index: readonly number[]) => number;

export function compilePositions(
  view: TraceView,
  lengths: readonly number[],
  readTable: TableReader,
): Positions {
  const { dims } = view.tensor;
  const strides = leafStrides(view.tensor);
  const parts: ((index: readonly number[]) => number)[] = [];
  let position = 0;
  for (const factor of view.factors) {
    const length = dims[position] ?? 1;
    const unit = strides[position] ?? 1;
    switch (factor.kind) {
      case 'affine': {
        const { offset, strides: steps } = factor;
        parts.push((index) => {
          let u = offset;
          for (const { axis, stride } of steps) u += stride * (index[axis] ?? 0);
          return u < 0 || u >= length ? -1 : u * unit;
        });
        position += 1;
        break;
      }
      case 'gather': {
        const { axis } = factor;
        const table = readTable(factor.table);
        parts.push((index) => {
          const u = table[index[axis] ?? 0] ?? -1;
          return u < 0 || u >= length ? -1 : u * unit;
        });
        position += 1;
        break;
      }
      case 'reshape': {
        const end = position + factor.storageAxes;
        const covered = Array.from({ length: factor.storageAxes }, (_, i) => ({
          length: dims[end - 1 - i] ?? 1,
          unit: strides[end - 1 - i] ?? 1,
        }));
        const { axes } = factor;
        parts.push((index) => {
          let flat = 0;
          for (const axis of axes) flat = flat * (lengths[axis] ?? 1) + (index[axis] ?? 0);
          let at = 0;
          for (const axis of covered) {
            at += (flat % axis.length) * axis.unit;
            flat = Math.floor(flat / axis.length);
          }
          return at;
        });
        position = end;
        break;
      }
    }
  }
  return (index) => {
    let at = 0;
    for (const part of parts) {
      const step = part(index);
      if (step < 0) return -1;
      at += step;
    }
    return at;
  };
}

/** Every index of a box, row major; the array is the same each time. */
export function* boxIndices(lengths: readonly number[]): Generator<readonly number[]> {
  const index = lengths.map(() => 0);
  for (;;) {
    yield index;
    let axis = lengths.length - 1;
    while (axis >= 0 && index[axis] === (lengths[axis] ?? 1) - 1) {
      index[axis] = 0;
      axis -= 1;
    }
    if (axis < 0) return;
    index[axis] = (index[axis] ?? 0) + 1;
  }
}
