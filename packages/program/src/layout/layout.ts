import { axisBits } from '../shape/dimensions.ts';
import type { Program, TensorId } from '../types.ts';
import { type Block, tile } from './blocks.ts';
import { packAligned } from './pack.ts';

/** A block of a committed tensor and its address. */
export interface StoredBlock extends Block {
  readonly tensor: TensorId;
  /** Address of the block's first element: column · M + row, global. A multiple of 2^size. */
  readonly address: number;
}

/** Columns of one commitment inside the virtual concatenation. */
export interface ColumnSpan {
  readonly firstColumn: number;
  readonly columns: number;
}

/**
 * Where every committed element lives (`protocol.md` §2): model columns first, witness columns at an
 * aligned offset, M = 2^logRows rows. Address bits: column then row, most significant first.
 */
export interface Layout {
  readonly logRows: number;
  /** log2 of the virtual number of columns: k_0. */
  readonly logColumns: number;
  readonly model: ColumnSpan;
  readonly witness: ColumnSpan;
  /** Blocks by tensor; multiplicities of table t are tensor `program.tensors.length + t`. */
  readonly blocks: ReadonlyMap<TensorId, readonly StoredBlock[]>;
}

/** Pseudo tensor that holds the multiplicities of a table's rows. */
export function multiplicityTensor(program: Program, table: number): TensorId {
  return program.tensors.length + table;
}

interface Owned extends Block {
  readonly tensor: TensorId;
}

function modelBlocks(program: Program): readonly Owned[] {
  return program.tensors.flatMap(({ role, shape }, tensor) =>
    role === 'model' ? tile(shape).map((block) => ({ ...block, tensor })) : [],
  );
}

function witnessBlocks(program: Program): readonly Owned[] {
  const tensors = program.tensors.flatMap(({ role, shape }, tensor) =>
    role === 'witness' ? tile(shape).map((block) => ({ ...block, tensor })) : [],
  );
  const tables = program.tables.flatMap(({ rows }, table) =>
    tile([rows]).map((block) => ({ ...block, tensor: multiplicityTensor(program, table) })),
  );
  return [...tensors, ...tables];
}

/** Elements that the two commitments store, padding of blocks included: what the choice of M starts from. */
export function storedElements(program: Program): {
  readonly model: number;
  readonly witness: number;
} {
  return {
    model: packAligned(modelBlocks(program)).total,
    witness: packAligned(witnessBlocks(program)).total,
  };
}

/** The layout for M = 2^logRows. A model without weights still has one (zero) column, a witness likewise. */
export function layoutProgram(program: Program, logRows: number): Layout {
  const rows = 2 ** logRows;
  const model = packAligned(modelBlocks(program));
  const witness = packAligned(witnessBlocks(program));
  const modelColumns = Math.max(1, Math.ceil(model.total / rows));
  const witnessColumns = Math.max(1, Math.ceil(witness.total / rows));
  // Blocks larger than a column must start at a column aligned to their size.
  const largest = witness.placed.reduce((max, { item }) => Math.max(max, item.size), 0);
  const alignment = 2 ** Math.max(0, largest - logRows);
  const firstColumn = Math.ceil(modelColumns / alignment) * alignment;
  const blocks = new Map<TensorId, StoredBlock[]>();
  const store = (
    placed: readonly { readonly item: Owned; readonly offset: number }[],
    base: number,
  ): void => {
    for (const { item, offset } of placed) {
      const list = blocks.get(item.tensor) ?? [];
      list.push({ ...item, address: base + offset });
      blocks.set(item.tensor, list);
    }
  };
  store(model.placed, 0);
  store(witness.placed, firstColumn * rows);
  return {
    logRows,
    logColumns: axisBits(firstColumn + witnessColumns),
    model: { firstColumn: 0, columns: modelColumns },
    witness: { firstColumn, columns: witnessColumns },
    blocks,
  };
}
