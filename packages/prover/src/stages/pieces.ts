import type { Engine, KVec } from '@assay/core/engine';
import { equalK, invK, isZeroK, type K, mulK, ONE, ZERO } from '@assay/core/field';
import type { FunctionalTerm, Layout, StoredBlock, ViewWeights } from '@assay/program';

/** A weight vector over consecutive address bits. */
interface Part {
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

/** Restricts the factors of a term to one block, padding with zeros to powers of two. */
function blockParts(weights: ViewWeights, term: FunctionalTerm, block: StoredBlock): Part[] {
  let axis = 0;
  return term.factors.map((factor) => {
    const count = factor.storage.length;
    const start = block.start.slice(axis, axis + count);
    const length = block.length.slice(axis, axis + count);
    const bits = block.bits.slice(axis, axis + count);
    axis += count;
    const vector = weights.factorVector(factor);
    let boxed: K[] = [ZERO];
    let at: { readonly from: number; readonly to: number }[] = [{ from: 0, to: 0 }];
    for (const [a, size] of factor.storage.entries()) {
      const pad = 2 ** (bits[a] ?? 0);
      at = at.flatMap(({ from, to }) =>
        Array.from({ length: length[a] ?? 1 }, (_, i) => ({
          from: from * size + (start[a] ?? 0) + i,
          to: to * pad + i,
        })),
      );
    }
    const total = bits.reduce((sum, b) => sum + b, 0);
    boxed = new Array<K>(2 ** total).fill(ZERO);
    for (const { from, to } of at) boxed[to] = vector[from] ?? ZERO;
    return {
      key: `${weights.factorKey(factor)}@${start.join()}+${length.join()}`,
      bits: total,
      vector: boxed,
    };
  });
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
  weights: ViewWeights,
  term: FunctionalTerm,
  gamma: K,
): RankOnePiece[] {
  const rowsPerColumn = 2 ** layout.logRows;
  const coefficient = mulK(gamma, term.coefficient);
  return (layout.blocks.get(term.tensor) ?? []).flatMap((block) => {
    const firstColumn = Math.floor(block.address / rowsPerColumn);
    const firstRow = block.address % rowsPerColumn;
    const parts = blockParts(weights, term, block);
    let columnBits = Math.max(0, block.size - layout.logRows);
    let pieces: { readonly columns: K[]; readonly rows: Part[] }[] = [
      { columns: [coefficient], rows: [] },
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

/** Writes coefficient · (product of parts) into dst += …, dst covering exactly the parts' bits. */
export function addRow(engine: Engine, parts: readonly Part[], coefficient: K, dst: KVec): void {
  const mark = engine.mark();
  let row = engine.allocK(1);
  engine.writeK(row, [ONE]);
  for (const { vector } of parts) {
    const factor = engine.allocK(vector.length);
    engine.writeK(factor, vector);
    const next = engine.allocK(row.length * vector.length);
    engine.outer(row, factor, next);
    row = next;
  }
  engine.axpy(coefficient, row, dst);
  engine.release(mark);
}

export function rowBits(parts: readonly Part[]): number {
  return parts.reduce((sum, { bits }) => sum + bits, 0);
}

export function rowKey(firstRow: number, parts: readonly Part[]): string {
  return `${firstRow}|${parts.map(({ key }) => key).join('*')}`;
}
