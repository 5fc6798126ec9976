import { axisBits } from '../shape/dimensions.ts';
import type { Program, TensorId } from '../types.ts';
import {
  isHiding,
  portTensors,
  publicVisibility,
  type Visibility,
} from '../visibility/visibility.ts';
import { type Block, halve, tile } from './blocks.ts';
import { packAligned, packColumns, type Placed } from './pack.ts';
import { multiplicityTensor, PAD_COORDINATES, padTensor } from './pseudo-tensors.ts';

/** A block and its address: column · M + row, of a multiple of 2^size. */
export interface PlacedBlock extends Block {
  readonly address: number;
}

/** A block of a committed tensor; its address is global. */
export interface StoredBlock extends PlacedBlock {
  readonly tensor: TensorId;
}

/** Columns of one commitment inside the virtual concatenation. */
export interface ColumnSpan {
  readonly firstColumn: number;
  readonly columns: number;
}

/** Columns of one commitment, whose last rows no block touches: in the hiding profile they are random. */
export interface Span extends ColumnSpan {
  readonly tailRows: number;
}

/** The columns of a committed input or output. */
export interface PortSpan extends Span {
  readonly tensor: TensorId;
}

/**
 * Where every committed element lives (`protocol.md` §2): columns of the model (and of the one it
 * renews), of committed inputs and outputs in port order, of the witness, M = 2^logRows rows each. Address bits: column then row,
 * most significant first.
 */
export interface Layout {
  readonly logRows: number;
  /** log2 of the virtual number of columns: k_0. */
  readonly logColumns: number;
  readonly model: Span;
  /** Columns of the earlier root that a renewal reads. */
  readonly earlier: Span | null;
  readonly ports: readonly PortSpan[];
  /** Hidden ports, witness tensors, multiplicities, pads. */
  readonly witness: Span;
  /** Blocks by tensor, pseudo tensors (`multiplicityTensor`, `padTensor`) included. */
  readonly blocks: ReadonlyMap<TensorId, readonly StoredBlock[]>;
}

/** What a layout depends on besides program and M. */
export interface LayoutProfile {
  readonly visibility: Visibility;
  /** Tail of the witness columns. */
  readonly tailRows: number;
  /** One-time pads. */
  readonly pads: number;
}

/** Columns that the witness of the hiding profile has at least (`hiding.md` §2). */
export const LEAST_HIDING_COLUMNS = 5;

interface Owned extends Block {
  readonly tensor: TensorId;
}

function owned(tensor: TensorId, shape: readonly number[]): readonly Owned[] {
  return tile(shape).map((block) => ({ ...block, tensor }));
}

function modelTensors(program: Program): readonly TensorId[] {
  return program.tensors.flatMap(({ role }, tensor) => (role === 'model' ? [tensor] : []));
}

function modelBlocks(
  program: Program,
  tensors: readonly TensorId[] = modelTensors(program),
): readonly Owned[] {
  return tensors.flatMap((tensor) => owned(tensor, program.tensors[tensor]?.shape ?? []));
}

function portsOf(
  { inputs, outputs }: Program,
  { visibility }: Pick<LayoutProfile, 'visibility'>,
  kind: 'hidden' | 'committed',
): readonly TensorId[] {
  return [
    ...portTensors(inputs, visibility.inputs, [kind]),
    ...portTensors(outputs, visibility.outputs, [kind]),
  ];
}

function witnessBlocks(
  program: Program,
  profile: Pick<LayoutProfile, 'visibility' | 'pads'>,
): readonly Owned[] {
  const hidden = new Set(portsOf(program, profile, 'hidden'));
  const tensors = program.tensors.flatMap(({ role, shape }, tensor) =>
    role === 'witness' || hidden.has(tensor) ? owned(tensor, shape) : [],
  );
  const tables = program.tables.flatMap(({ rows }, table) =>
    owned(multiplicityTensor(program, table), [rows]),
  );
  const pads = profile.pads === 0 ? [] : owned(padTensor(program), [PAD_COORDINATES, profile.pads]);
  return [...tensors, ...tables, ...pads];
}

/** Elements that the commitments store, padding of blocks included: what the choice of M starts from. */
export function storedElements(
  program: Program,
  profile: Pick<LayoutProfile, 'visibility' | 'pads'> = {
    visibility: publicVisibility(program),
    pads: 0,
  },
): {
  readonly model: number;
  /** Of committed inputs and outputs. */
  readonly ports: number;
  readonly witness: number;
} {
  const shapeOf = (tensor: TensorId): readonly number[] => program.tensors[tensor]?.shape ?? [];
  const ports = portsOf(program, profile, 'committed').map(
    (tensor) => packAligned(owned(tensor, shapeOf(tensor))).total,
  );
  return {
    model: packAligned(modelBlocks(program)).total,
    ports: ports.reduce((sum, total) => sum + total, 0),
    witness: packAligned(witnessBlocks(program, profile)).total,
  };
}

interface Packed<T> {
  readonly placed: readonly Placed<T>[];
  readonly columns: number;
  /** Blocks larger than a column must start at a column aligned to their size. */
  readonly alignment: number;
}

/** The blocks of one commitment in columns of their own. */
function packSpan<T extends Block>(
  blocks: readonly T[],
  logRows: number,
  tailRows: number,
): Packed<T> {
  const rows = 2 ** logRows;
  if (!(Number.isInteger(tailRows) && tailRows >= 0 && tailRows < rows)) {
    throw new RangeError(`layoutProgram: expected tails of 0 to ${rows - 1} rows, got ${tailRows}`);
  }
  if (tailRows > 0) {
    const { placed, columns } = packColumns(blocks, rows, rows - tailRows, halve);
    return { placed, columns, alignment: 1 };
  }
  const { placed, total } = packAligned(blocks);
  const largest = blocks.reduce((max, { size }) => Math.max(max, size), 0);
  return {
    placed,
    columns: Math.ceil(total / rows),
    alignment: 2 ** Math.max(0, largest - logRows),
  };
}

/**
 * A committed tensor alone in its columns, the way every program lays it out that reads it: blocks
 * with addresses from the first of these columns on.
 */
export function layoutTensor(
  shape: readonly number[],
  logRows: number,
  tailRows: number,
): { readonly columns: number; readonly blocks: readonly PlacedBlock[] } {
  const { placed, columns } = packSpan(tile(shape), logRows, tailRows);
  return { columns, blocks: placed.map(({ item, offset }) => ({ ...item, address: offset })) };
}

/**
 * The layout for M = 2^logRows. A model without weights still has one (zero) column, a witness
 * likewise, in the hiding profile five. Without a profile: the plain one.
 *
 * Caller must: pass the program as it is proven (`System.program`), and of untrusted parameters only
 * what `checkLayout` accepts.
 * @throws {RangeError} when a tail leaves a column no room.
 */
export function layoutProgram(
  program: Program,
  logRows: number,
  profile: LayoutProfile = { visibility: publicVisibility(program), tailRows: 0, pads: 0 },
): Layout {
  const rows = 2 ** logRows;
  const { visibility, tailRows } = profile;
  const blocks = new Map<TensorId, StoredBlock[]>();
  let next = 0;
  const place = (items: readonly Owned[], tail: number, least: number): Span => {
    const { placed, columns, alignment } = packSpan(items, logRows, tail);
    const firstColumn = Math.ceil(next / alignment) * alignment;
    for (const { item, offset } of placed) {
      const list = blocks.get(item.tensor) ?? [];
      list.push({ ...item, address: firstColumn * rows + offset });
      blocks.set(item.tensor, list);
    }
    const span = { firstColumn, columns: Math.max(least, columns), tailRows: tail };
    next = firstColumn + span.columns;
    return span;
  };
  const { weights } = visibility;
  const { renews } = visibility;
  const models = modelTensors(program);
  const own = renews === undefined ? models.length : models.length / 2;
  const tail = weights.kind === 'hidden' ? weights.tailRows : 0;
  const model = place(modelBlocks(program, models.slice(0, own)), tail, 1);
  const earlier =
    renews === undefined
      ? null
      : place(modelBlocks(program, models.slice(own)), renews.tailRows, 1);
  const tails = new Map<TensorId, number>();
  for (const [ports, visibilities] of [
    [program.inputs, visibility.inputs],
    [program.outputs, visibility.outputs],
  ] as const) {
    for (const [i, { tensor }] of ports.entries()) {
      const entry = visibilities[i];
      if (entry?.kind === 'committed') tails.set(tensor, entry.tailRows);
    }
  }
  const ports = [...tails].map(([tensor, tail]): PortSpan => {
    const shape = program.tensors[tensor]?.shape ?? [];
    return { ...place(owned(tensor, shape), tail, 1), tensor };
  });
  const least = isHiding(visibility) ? LEAST_HIDING_COLUMNS : 1;
  const witness = place(witnessBlocks(program, profile), tailRows, least);
  return { logRows, logColumns: axisBits(next), model, earlier, ports, witness, blocks };
}
