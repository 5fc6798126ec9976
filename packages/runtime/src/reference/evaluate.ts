import {
  elementCount,
  type Form,
  type Product,
  type Program,
  type Relation,
  type TensorId,
  viewIndexer,
} from '@assay/program';
import { executionError } from '../errors.ts';
import type { Ring } from './ring.ts';

/** Values found so far. */
export interface Values {
  readonly program: Program;
  readonly tensors: ReadonlyMap<TensorId, Int32Array>;
}

/** Row-major flat index of `index` in a box of these lengths. */
export function flatIndex(index: readonly number[], lengths: readonly number[]): number {
  let flat = 0;
  lengths.forEach((length, axis) => {
    flat = flat * length + (index[axis] as number);
  });
  return flat;
}

/** Coordinates of a row-major flat index. */
export function coordinates(flat: number, lengths: readonly number[]): number[] {
  const index = new Array<number>(lengths.length).fill(0);
  let rest = flat;
  for (let axis = lengths.length - 1; axis >= 0; axis--) {
    const length = lengths[axis] as number;
    index[axis] = rest % length;
    rest = Math.floor(rest / length);
  }
  return index;
}

/** Every index of a box, in row-major order. [] has one index. */
export function* indices(lengths: readonly number[]): Generator<number[]> {
  const count = elementCount(lengths);
  for (let flat = 0; flat < count; flat++) yield coordinates(flat, lengths);
}

/** Σ coefficient·view + constant at one index of `dims`. */
export function formAt<T>(
  values: Values,
  ring: Ring<T>,
  form: Form,
  dims: readonly number[],
  index: readonly number[],
): T {
  let sum = ring.integer(form.constant);
  for (const term of form.terms) {
    const tensor = values.program.tensors[term.tensor];
    const data = values.tensors.get(term.tensor);
    if (tensor === undefined || data === undefined) {
      const node = tensor?.node ?? 0;
      throw executionError(
        'ASSAY_PROGRAM_STEP',
        values.program,
        term.tensor,
        node,
        'is read before it has a value',
      );
    }
    const position = viewIndexer(term.view, tensor.shape, [...dims, ...term.sums]);
    for (const extra of indices(term.sums)) {
      const at = position([...index, ...extra]);
      if (at < 0) continue;
      const value = ring.integer(data[at] as number);
      sum = ring.add(sum, ring.multiply(ring.integer(term.coefficient), value));
    }
  }
  return sum;
}

/** coefficient · Σ_{sums} left·right at one index of `dims`. */
export function productAt<T>(
  values: Values,
  ring: Ring<T>,
  product: Product,
  dims: readonly number[],
  index: readonly number[],
): T {
  const axes = [...dims, ...product.sums];
  let sum = ring.integer(0);
  for (const extra of indices(product.sums)) {
    const at = [...index, ...extra];
    const left = formAt(values, ring, product.left, axes, at);
    const right = formAt(values, ring, product.right, axes, at);
    sum = ring.add(sum, ring.multiply(left, right));
  }
  return ring.multiply(ring.integer(product.coefficient), sum);
}

/** form + Σ products at one index: what a zero relation says is 0. */
export function zeroAt<T>(
  values: Values,
  ring: Ring<T>,
  relation: Pick<Extract<Relation, { kind: 'zero' }>, 'dims' | 'form' | 'products'>,
  index: readonly number[],
): T {
  let sum = formAt(values, ring, relation.form, relation.dims, index);
  for (const product of relation.products) {
    sum = ring.add(sum, productAt(values, ring, product, relation.dims, index));
  }
  return sum;
}
