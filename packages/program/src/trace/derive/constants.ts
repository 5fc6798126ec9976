import { elementCount } from '../../shape/dimensions.ts';
import type { Program, Weights } from '../../types.ts';
import type { TensorRef } from '../types.ts';
import { leafStrides } from './patterns.ts';
import { tableBox, tableValues } from './tables.ts';
import type { DerivedTensor } from './types.ts';

/** Row-major elements in leaf order. The array itself where the two are the same: do not write to it. */
export function inLeafOrder(
  values: Int32Array,
  tensor: Pick<TensorRef, 'dims' | 'order'>,
): Int32Array {
  const { dims, order } = tensor;
  const long = (axes: readonly number[]): string =>
    axes.filter((axis) => (dims[axis] ?? 1) > 1).join();
  if (long(order) === long([...order.keys()])) return values;
  const strides = leafStrides({ dims, order: dims.map((_, axis) => axis) });
  const lengths = order.map((axis) => dims[axis] ?? 1);
  const steps = order.map((axis) => strides[axis] ?? 1);
  const out = new Int32Array(values.length);
  const inner = lengths.at(-1) ?? 1;
  const step = steps.at(-1) ?? 1;
  const index = lengths.map(() => 0);
  let from = 0;
  for (let at = 0; at < out.length; at += inner) {
    for (let i = 0; i < inner; i++) out[at + i] = values[from + i * step] ?? 0;
    for (let axis = lengths.length - 2; axis >= 0; axis--) {
      const i = (index[axis] ?? 0) + 1;
      from += steps[axis] ?? 0;
      if (i < (lengths[axis] ?? 1)) {
        index[axis] = i;
        break;
      }
      from -= i * (steps[axis] ?? 0);
      index[axis] = 0;
    }
  }
  return out;
}

/**
 * Elements of a Constant, in leaf order: what the model's record commits to.
 *
 * @throws {RangeError} on a tensor of another list, or weights that are missing or too few.
 */
export function constantValues(
  program: Program,
  weights: Weights,
  tensor: DerivedTensor,
): Int32Array {
  const { origin, dims, name } = tensor;
  const rowMajor = (): Int32Array => {
    switch (origin.kind) {
      case 'listed':
        return Int32Array.from(origin.values);
      case 'table': {
        const table = program.tables[origin.table];
        const box = table === undefined ? null : tableBox(table);
        if (table !== undefined && box !== null) return tableValues(table, box, origin.column);
        break;
      }
      case 'tensor': {
        const { data } = program.tensors[origin.tensor] ?? {};
        const values =
          data === undefined || data === null ? weights.get(origin.tensor) : Int32Array.from(data);
        if (values !== undefined) return values;
        break;
      }
      default:
        break;
    }
    throw new RangeError(`constantValues: expected a Constant with values, got ${name}`);
  };
  const values = rowMajor();
  if (values.length !== elementCount(dims))
    throw new RangeError(
      `constantValues: expected ${elementCount(dims)} values of ${name}, got ${values.length}`,
    );
  return inLeafOrder(values, tensor);
}
