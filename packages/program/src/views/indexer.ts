import { elementCount } from '../shape/dimensions.ts';
import type { Form, View } from '../types.ts';

/** Flat row-major storage index read at a logical index, or −1 where the view reads zero. */
export type Indexer = (index: readonly number[]) => number;

/**
 * The meaning of a view, stated once and slowly: storage index of each axis as a function of the
 * logical index. Everything faster is tested against it.
 * Caller must: pass a view that `validateProgram` accepts for this shape and these dims.
 */
export function viewIndexer(
  view: View,
  shape: readonly number[],
  dims: readonly number[],
): Indexer {
  return (index) => {
    let flat = 0;
    let position = 0;
    for (const factor of view) {
      const covered = factor.kind === 'reshape' ? factor.storageAxes : 1;
      const length = elementCount(shape.slice(position, position + covered));
      let u = 0;
      switch (factor.kind) {
        case 'affine':
          u = factor.offset;
          for (const { axis, stride } of factor.strides) u += stride * (index[axis] ?? 0);
          break;
        case 'gather':
          u = factor.indices[index[factor.axis] ?? 0] ?? -1;
          break;
        case 'reshape':
          for (const axis of factor.axes) u = u * (dims[axis] ?? 1) + (index[axis] ?? 0);
          break;
      }
      if (u < 0 || u >= length) return -1;
      flat = flat * length + u;
      position += covered;
    }
    return flat;
  };
}

/** Logical axes that a view reads. */
export function viewAxes(view: View): ReadonlySet<number> {
  const axes = new Set<number>();
  for (const factor of view) {
    switch (factor.kind) {
      case 'affine':
        for (const { axis } of factor.strides) axes.add(axis);
        break;
      case 'gather':
        axes.add(factor.axis);
        break;
      case 'reshape':
        for (const axis of factor.axes) axes.add(axis);
        break;
    }
  }
  return axes;
}

/** Logical axes that some term of a form reads. */
export function formAxes(form: Form): ReadonlySet<number> {
  return new Set(form.terms.flatMap((term) => [...viewAxes(term.view)]));
}

/**
 * Logical axis by storage axis if the view is a bijection axis by axis (each storage axis is one
 * whole logical axis, stride 1): then every element of the tensor is read. Null otherwise.
 */
export function wholeAxes(
  view: View,
  shape: readonly number[],
  dims: readonly number[],
): readonly number[] | null {
  const axes: number[] = [];
  for (const [position, factor] of view.entries()) {
    if (factor.kind !== 'affine' || factor.offset !== 0 || factor.strides.length !== 1) return null;
    const stride = factor.strides[0];
    if (stride === undefined || stride.stride !== 1 || dims[stride.axis] !== shape[position])
      return null;
    axes.push(stride.axis);
  }
  return axes;
}

/** The view that reads a tensor as it is stored. */
export function identityView(shape: readonly number[]): View {
  return shape.map((_, axis) => ({ kind: 'affine', offset: 0, strides: [{ axis, stride: 1 }] }));
}
