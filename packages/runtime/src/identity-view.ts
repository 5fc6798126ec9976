import { elementCount, type Form, type TensorId, type View } from '@assay/program';

/** Row-major strides of a shape. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let a = shape.length - 2; a >= 0; a--) {
    strides[a] = (strides[a + 1] as number) * (shape[a + 1] as number);
  }
  return strides;
}

/**
 * Whether the view reads the whole tensor in row-major order: flat storage index = flat logical index.
 * True of the identity view and of whatever equals it (length-1 axes, reshapes, aligned merges and splits).
 */
export function isIdentityView(
  view: View,
  shape: readonly number[],
  dims: readonly number[],
): boolean {
  if (elementCount(shape) !== elementCount(dims)) return false;
  const storage = rowMajorStrides(shape);
  const found = new Array<number>(dims.length).fill(0);
  let position = 0;
  for (const factor of view) {
    switch (factor.kind) {
      case 'affine': {
        let last = factor.offset;
        for (const { axis, stride } of factor.strides) {
          found[axis] = stride * (storage[position] as number);
          last += stride * ((dims[axis] as number) - 1);
        }
        if (factor.offset !== 0 || last >= (shape[position] as number)) return false;
        position += 1;
        break;
      }
      case 'gather':
        if (!factor.indices.every((index, i) => index === i)) return false;
        found[factor.axis] = storage[position] as number;
        position += 1;
        break;
      case 'reshape': {
        position += factor.storageAxes;
        let stride = storage[position - 1] as number;
        for (const axis of factor.axes.toReversed()) {
          found[axis] = stride;
          stride *= dims[axis] as number;
        }
        break;
      }
    }
  }
  const expected = rowMajorStrides(dims);
  return dims.every((length, axis) => length === 1 || found[axis] === expected[axis]);
}

/** The tensor that the form is, whole and in order, or null. */
export function wholeTensor(
  form: Form,
  shapeOf: (tensor: TensorId) => readonly number[],
  dims: readonly number[],
): TensorId | null {
  const term = form.terms[0];
  if (term === undefined || form.terms.length !== 1 || form.constant !== 0) return null;
  if (term.coefficient !== 1 || term.sums.length !== 0) return null;
  return isIdentityView(term.view, shapeOf(term.tensor), dims) ? term.tensor : null;
}
