import type { Engine, IntVec } from '@assay/core/engine';
import {
  type ColumnSpan,
  type Layout,
  padTensor,
  type Program,
  type StoredBlock,
  type TensorId,
} from '@assay/program';

/** Copies the real elements of a box of a row-major tensor to their storage places: row major over 2^bits, from `offset`. */
export function copyBlock(
  values: Int32Array,
  shape: readonly number[],
  block: Pick<StoredBlock, 'start' | 'length' | 'bits'>,
  target: Int32Array,
  offset: number,
): void {
  const { start, length, bits } = block;
  const last = shape.length - 1;
  if (last < 0) {
    target[offset] = values[0] ?? 0;
    return;
  }
  // `from` and `to` are flat indices of the axes before `axis`.
  const copy = (axis: number, from: number, to: number): void => {
    const source = from * (shape[axis] ?? 1) + (start[axis] ?? 0);
    const place = to * 2 ** (bits[axis] ?? 0);
    const count = length[axis] ?? 1;
    if (axis === last) {
      target.set(values.subarray(source, source + count), offset + place);
      return;
    }
    for (let i = 0; i < count; i++) copy(axis + 1, source + i, place + i);
  };
  copy(0, 0, 0);
}

/** Shape of a tensor, of a table's multiplicities (one for each row), or of the pads (coordinates, pads). */
function storedShape(program: Program, tensor: TensorId, elements: number): readonly number[] {
  if (tensor === padTensor(program)) return [5, elements / 5];
  return (
    program.tensors[tensor]?.shape ?? [program.tables[tensor - program.tensors.length]?.rows ?? 1]
  );
}

/** Writes the last `tailRows` rows of each column, given column after column. */
export function writeTails(
  engine: Engine,
  columns: readonly IntVec[],
  tailRows: number,
  tails: Int32Array,
): void {
  for (const [c, column] of columns.entries()) {
    const tail = tails.subarray(c * tailRows, (c + 1) * tailRows);
    engine.writeInts(column, tail, column.length - tailRows);
  }
}

/**
 * The integer columns of one commitment in kernel memory: every block at its address. Padding is
 * zero here, and never read (`protocol.md` §2, support rule).
 */
export function fillColumns(
  engine: Engine,
  program: Program,
  layout: Layout,
  span: ColumnSpan,
  values: ReadonlyMap<TensorId, Int32Array>,
  padding?: () => number,
): IntVec[] {
  const rows = 2 ** layout.logRows;
  const all = engine.allocInt(span.columns * rows);
  const target = engine.ints(all);
  target.fill(0);
  if (padding !== undefined) for (let i = 0; i < target.length; i++) target[i] = padding();
  const first = span.firstColumn * rows;
  for (const [tensor, blocks] of layout.blocks) {
    const data = values.get(tensor);
    if (data === undefined) continue;
    for (const block of blocks) {
      const local = block.address - first;
      if (local >= 0 && local < target.length)
        copyBlock(data, storedShape(program, tensor, data.length), block, target, local);
    }
  }
  return Array.from({ length: span.columns }, (_, c) => ({
    ptr: all.ptr + 4 * c * rows,
    length: rows,
  }));
}
