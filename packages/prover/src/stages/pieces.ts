import type { Engine, KVec } from '@assay/core/engine';
import { equalK, invK, isZeroK, type K, mulK, ONE, ZERO } from '@assay/core/field';
import type { FunctionalTerm, Layout, StoredBlock, ViewWeights } from '@assay/program';

/** A weight vector over consecutive address bits. */
export interface Part {
  readonly key: string;
  readonly bits: number;
  readonly vector: readonly K[];
}

/** coefficient · (columns[c] over consecutive columns) ⊗ (product of rows over a row range): rank one in columns and rows. */
export interface RankOnePiece {
  readonly firstColumn: number;
  readonly columns: readonly K[];
  readonly firstRow: number;
  readonly rows: readonly Part[];
}

/** Positions in a row-major box of storage axes and in the block's padded box, element by element. */
function boxPositions(
  storage: readonly number[],
  start: readonly number[],
  length: readonly number[],
  bits: readonly number[],
): { readonly from: Int32Array; readonly to: Int32Array } {
  let from = Int32Array.of(0);
  let to = Int32Array.of(0);
  for (const [a, size] of storage.entries()) {
    const count = length[a] ?? 1;
    const nextFrom = new Int32Array(from.length * count);
    const nextTo = new Int32Array(from.length * count);
    for (let i = 0, at = 0; i < from.length; i++) {
      for (let j = 0; j < count; j++, at++) {
        nextFrom[at] = (from[i] ?? 0) * size + (start[a] ?? 0) + j;
        nextTo[at] = (to[i] ?? 0) * 2 ** (bits[a] ?? 0) + j;
      }
    }
    from = nextFrom;
    to = nextTo;
  }
  return { from, to };
}

/** The part of a factor's vector that a block sees, padded with zeros to powers of two. */
function boxVector(
  vector: readonly K[],
  storage: readonly number[],
  start: readonly number[],
  length: readonly number[],
  bits: readonly number[],
): readonly K[] {
  if (storage.length === 1) {
    const first = start[0] ?? 0;
    const own = vector.slice(first, first + (length[0] ?? 1));
    for (let i = own.length; i < 2 ** (bits[0] ?? 0); i++) own.push(ZERO);
    return own;
  }
  const boxed = new Array<K>(2 ** bits.reduce((sum, b) => sum + b, 0)).fill(ZERO);
  const { from, to } = boxPositions(storage, start, length, bits);
  for (let i = 0; i < from.length; i++) boxed[to[i] ?? 0] = vector[from[i] ?? 0] ?? ZERO;
  return boxed;
}

/** scale · part. */
interface ScaledPart {
  readonly part: Part;
  readonly scale: K;
}

/** A part that multiples of it are told by. */
interface Representative {
  readonly part: Part;
  /** Inverse of its first element that is not zero. */
  readonly inverse: K;
}

/**
 * Factors of weights restricted to blocks; equal ones are made once. Blocks that a tensor is cut into
 * see multiples of one vector, an eq vector cut at a power of two: they are one part with a scale.
 */
export class PartCache {
  readonly #weights: ViewWeights;
  readonly #parts = new Map<string, ScaledPart | null>();
  readonly #representatives = new Map<string, Representative>();

  constructor(weights: ViewWeights) {
    this.#weights = weights;
  }

  /** The vector as a multiple of one seen before, if it is: the first two places that are not zero tell which. */
  #scaled(key: string, bits: number, vector: readonly K[], factor: string): ScaledPart | null {
    const pivot = vector.findIndex((k) => !isZeroK(k));
    if (pivot < 0) return null;
    const first = vector[pivot] ?? ONE;
    const inverse = invK(first);
    const next = vector.findIndex((k, i) => i > pivot && !isZeroK(k));
    const ratio = mulK(vector[next] ?? ZERO, inverse).join();
    const shape = `${factor}|${bits}:${pivot}:${next}:${ratio}`;
    const known = this.#representatives.get(shape);
    if (known !== undefined) {
      const scale = mulK(first, known.inverse);
      const other = known.part.vector;
      if (vector.every((k, i) => equalK(k, mulK(scale, other[i] ?? ZERO))))
        return { part: known.part, scale };
    }
    const part = { key, bits, vector };
    if (known === undefined) this.#representatives.set(shape, { part, inverse });
    return { part, scale: ONE };
  }

  /**
   * The factors of a term over one block, padded with zeros to powers of two; null where one is zero.
   *
   * @param isCut - The tensor has other blocks, whose parts may be multiples.
   */
  parts(term: FunctionalTerm, block: StoredBlock, isCut: boolean): (ScaledPart | null)[] {
    let axis = 0;
    return term.factors.map((factor) => {
      const end = axis + factor.storage.length;
      const start = block.start.slice(axis, end);
      const length = block.length.slice(axis, end);
      const bits = block.bits.slice(axis, end);
      axis = end;
      const name = this.#weights.factorKey(factor);
      const key = `${name}@${start.join()}+${length.join()}`;
      const known = this.#parts.get(key);
      if (known !== undefined) return known;
      const boxed = boxVector(
        this.#weights.factorVector(factor),
        factor.storage,
        start,
        length,
        bits,
      );
      const total = bits.reduce((sum, b) => sum + b, 0);
      const part = isCut
        ? this.#scaled(key, total, boxed, name)
        : { part: { key, bits: total, vector: boxed }, scale: ONE };
      this.#parts.set(key, part);
      return part;
    });
  }
}

/**
 * v over (high, low) bits as Σ_p column_p ⊗ row_p with as few rows as are not multiples of each
 * other: one for an eq vector that fills its bits, one or two for a box, many for a window.
 */
function splitRanks(
  part: Part,
  highBits: number,
): { readonly columns: K[]; readonly rows: Part }[] {
  const high = 2 ** highBits;
  const low = part.vector.length / high;
  const found: {
    readonly columns: K[];
    readonly rows: Part;
    readonly pivot: number;
    readonly inverse: K;
  }[] = [];
  for (let h = 0; h < high; h++) {
    const row = part.vector.slice(h * low, (h + 1) * low);
    const pivot = row.findIndex((k) => !isZeroK(k));
    if (pivot < 0) continue;
    const match = found.find((f) => {
      if (f.pivot !== pivot) return false;
      const ratio = mulK(row[pivot] ?? ZERO, f.inverse);
      return row.every((k, i) => equalK(k, mulK(ratio, f.rows.vector[i] ?? ZERO)));
    });
    if (match !== undefined) {
      match.columns[h] = mulK(row[pivot] ?? ZERO, match.inverse);
      continue;
    }
    const columns = new Array<K>(high).fill(ZERO);
    columns[h] = ONE;
    const rows = {
      key: `${part.key}/${highBits}#${found.length}`,
      bits: part.bits - highBits,
      vector: row,
    };
    found.push({ columns, rows, pivot, inverse: invK(row[pivot] ?? ONE) });
  }
  return found;
}

function outer(a: readonly K[], b: readonly K[]): K[] {
  return a.flatMap((x) => b.map((y) => mulK(x, y)));
}

/** The weight of a term over the layout, as rank-one pieces (`opening.md` §3). */
export function termPieces(
  layout: Layout,
  cache: PartCache,
  term: FunctionalTerm,
  gamma: K,
): RankOnePiece[] {
  const rowsPerColumn = 2 ** layout.logRows;
  const coefficient = mulK(gamma, term.coefficient);
  const blocks = layout.blocks.get(term.tensor) ?? [];
  return blocks.flatMap((block) => {
    const firstColumn = Math.floor(block.address / rowsPerColumn);
    const firstRow = block.address % rowsPerColumn;
    let scale = coefficient;
    const parts: Part[] = [];
    for (const scaled of cache.parts(term, block, blocks.length > 1)) {
      if (scaled === null) return [];
      scale = mulK(scale, scaled.scale);
      parts.push(scaled.part);
    }
    let columnBits = Math.max(0, block.size - layout.logRows);
    let pieces: { readonly columns: K[]; readonly rows: Part[] }[] = [
      { columns: [scale], rows: [] },
    ];
    for (const part of parts) {
      const here = Math.min(columnBits, part.bits);
      if (here === part.bits)
        pieces = pieces.map(({ columns, rows }) => ({
          columns: outer(columns, part.vector),
          rows,
        }));
      else if (here === 0)
        pieces = pieces.map(({ columns, rows }) => ({ columns, rows: [...rows, part] }));
      else {
        pieces = pieces.flatMap(({ columns, rows }) =>
          splitRanks(part, here).map((split) => ({
            columns: outer(columns, split.columns),
            rows: [...rows, split.rows],
          })),
        );
      }
      columnBits -= here;
    }
    return pieces.map(({ columns, rows }) => ({ firstColumn, columns, firstRow, rows }));
  });
}

/** Every part's vector in kernel memory, written once. */
export function loadParts(
  engine: Engine,
  pieces: readonly RankOnePiece[],
): ReadonlyMap<string, KVec> {
  const loaded = new Map<string, KVec>();
  for (const { rows } of pieces) {
    for (const { key, vector } of rows) {
      if (loaded.has(key)) continue;
      const vec = engine.allocK(vector.length);
      engine.writeK(vec, vector);
      loaded.set(key, vec);
    }
  }
  return loaded;
}

/** dst += coefficient · (product of parts), dst covering exactly the parts' bits. */
export function addRow(
  engine: Engine,
  loaded: ReadonlyMap<string, KVec>,
  parts: readonly Part[],
  coefficient: K,
  dst: KVec,
): void {
  const mark = engine.mark();
  let row: KVec | null = null;
  for (const { key } of parts) {
    const factor = loaded.get(key);
    if (factor === undefined || factor.length === 1) continue;
    if (row === null) {
      row = factor;
      continue;
    }
    const next = engine.allocK(row.length * factor.length);
    engine.outer(row, factor, next);
    row = next;
  }
  // Parts of one element are scalars.
  const scale = parts.reduce(
    (s, { vector }) => (vector.length === 1 ? mulK(s, vector[0] ?? ZERO) : s),
    coefficient,
  );
  if (row === null) {
    row = engine.allocK(1);
    engine.writeK(row, [ONE]);
  }
  engine.axpy(scale, row, dst);
  engine.release(mark);
}

export function rowBits(parts: readonly Part[]): number {
  return parts.reduce((sum, { bits }) => sum + bits, 0);
}

export function rowKey(firstRow: number, parts: readonly Part[]): string {
  return `${firstRow}|${parts.map(({ key }) => key).join('*')}`;
}
