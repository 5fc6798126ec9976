import type { Engine } from '@assay/core/engine';
import { addK, type K, ONE, ZERO } from '@assay/core/field';
import {
  type OutOfDomainAnswer,
  powerPiece,
  type RowOnDemand,
  type WeightPiece,
} from '@assay/core/pcs/prover';
import type { Layout, ViewWeights } from '@assay/program';
import type { JoinedClaim } from '@assay/verifier';
import { minimumCover } from './cover.ts';
import {
  addRow,
  loadParts,
  type Part,
  PartCache,
  type RankOnePiece,
  rowBits,
  rowKey,
  termPieces,
} from './pieces.ts';

/** One row vector, and its coefficient in each column that it occurs in. */
interface Shared {
  readonly key: string;
  readonly firstRow: number;
  readonly rows: readonly Part[];
  readonly columns: Map<number, K>;
}

/** Rows [from, to) of a column. */
interface Extent {
  readonly from: number;
  readonly to: number;
}

const EMPTY: Extent = { from: 0, to: 0 };

function extentOf({ firstRow, rows }: Pick<Shared, 'firstRow' | 'rows'>): Extent {
  return { from: firstRow, to: firstRow + 2 ** rowBits(rows) };
}

function hull(a: Extent, b: Extent): Extent {
  if (a.from === a.to) return b;
  return { from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) };
}

/** Pieces of one column by their row vectors. */
function byRow(pieces: readonly RankOnePiece[]): Shared[] {
  const found = new Map<string, Shared>();
  for (const { firstColumn, columns, firstRow, rows } of pieces) {
    const key = rowKey(firstRow, rows);
    let shared = found.get(key);
    if (shared === undefined) {
      shared = { key, firstRow, rows, columns: new Map() };
      found.set(key, shared);
    }
    const sum = shared.columns.get(firstColumn) ?? ZERO;
    shared.columns.set(firstColumn, addK(sum, columns[0] ?? ZERO));
  }
  return [...found.values()];
}

/** What a pass costs whatever its length, in rows. */
const PASS_ROWS = 512;

/**
 * Keys of the row vectors that take a pass over all columns of their own; those left are summed into
 * one vector per column, which takes a pass too. A pass costs its rows, and some more. Vectors of one
 * column join the column's; of the others, with each occurrence as an edge between vector and column,
 * a cover of least weight is chosen.
 */
function ownPasses(vectors: readonly Shared[]): ReadonlySet<string> {
  const several = vectors.filter(({ columns }) => columns.size > 1);
  const alone = new Map<number, Extent>();
  const all = new Map<number, Extent>();
  for (const vector of vectors) {
    for (const column of vector.columns.keys()) {
      const extents = vector.columns.size > 1 ? [all] : [all, alone];
      for (const extent of extents)
        extent.set(column, hull(extent.get(column) ?? EMPTY, extentOf(vector)));
    }
  }
  const cost = ({ from, to }: Extent = EMPTY): number => (from === to ? 0 : to - from + PASS_ROWS);
  const columns = [...new Set(several.flatMap((vector) => [...vector.columns.keys()]))];
  const place = new Map(columns.map((column, i) => [column, i]));
  const edges = several.flatMap((vector, right) =>
    [...vector.columns.keys()].map((column) => ({ left: place.get(column) ?? 0, right })),
  );
  const cover = minimumCover({
    left: edges.map(({ left }) => left),
    right: edges.map(({ right }) => right),
    leftWeights: columns.map((column) => cost(all.get(column)) - cost(alone.get(column))),
    rightWeights: several.map((vector) => cost(extentOf(vector))),
  });
  return new Set(several.flatMap(({ key }, right) => (cover.has(right) ? [key] : [])));
}

/**
 * The joined weight polynomial as pieces of the opening. Pieces over several columns are rank one, and
 * share a pass over the columns by their row vector; what occurs in few columns is summed into one
 * row vector for each of them, whichever takes fewer passes.
 */
export function openingPieces(
  engine: Engine,
  layout: Layout,
  weights: ViewWeights,
  joined: JoinedClaim,
  answers: readonly OutOfDomainAnswer[],
): WeightPiece[] {
  const pieces: WeightPiece[] = [];
  const narrow: RankOnePiece[] = [];
  const wide: RankOnePiece[] = [];
  const cache = new PartCache(weights);
  for (const { coefficient, weight } of joined.weights) {
    if (weight.kind === 'power') {
      const known = answers.find(({ z }) => z === weight.z)?.columnValues;
      const range = { first: weight.span.firstColumn, count: weight.span.columns };
      pieces.push(powerPiece(engine, weight.z, coefficient, layout.logRows, range, known));
      continue;
    }
    for (const term of weight.functional.terms) {
      for (const piece of termPieces(layout, cache, term, coefficient))
        (piece.columns.length > 1 ? wide : narrow).push(piece);
    }
  }
  const loaded = loadParts(engine, [...wide, ...narrow]);
  const shared = ({ firstRow, rows }: Pick<Shared, 'firstRow' | 'rows'>): WeightPiece => {
    const row: RowOnDemand = {
      length: 2 ** rowBits(rows),
      write: (dst) => {
        engine.fill(dst, ZERO);
        addRow(engine, loaded, rows, ONE, dst);
      },
    };
    return { firstColumn: 0, columnPart: [], firstRow, row, key: rowKey(firstRow, rows) };
  };
  for (const piece of wide)
    pieces.push({ ...shared(piece), firstColumn: piece.firstColumn, columnPart: piece.columns });
  const vectors = byRow(narrow);
  const passes = new Set([...ownPasses(vectors), ...pieces.map(({ key }) => key)]);
  const columns = new Map<number, Shared[]>();
  for (const vector of vectors) {
    const isShared = passes.has(vector.key);
    const piece = shared(vector);
    for (const [column, coefficient] of vector.columns) {
      if (isShared) {
        pieces.push({ ...piece, firstColumn: column, columnPart: [coefficient] });
        continue;
      }
      const inColumn = columns.get(column);
      if (inColumn === undefined) columns.set(column, [vector]);
      else inColumn.push(vector);
    }
  }
  for (const [column, parts] of columns) {
    // Only the rows between the first and the last block are touched.
    const { from, to } = parts.map(extentOf).reduce(hull);
    const row: RowOnDemand = {
      length: to - from,
      write: (dst) => {
        engine.fill(dst, ZERO);
        for (const { firstRow, rows, columns: coefficients } of parts) {
          const target = engine.slice(dst, firstRow - from, 2 ** rowBits(rows));
          addRow(engine, loaded, rows, coefficients.get(column) ?? ZERO, target);
        }
      },
    };
    pieces.push({
      firstColumn: column,
      columnPart: [ONE],
      firstRow: from,
      row,
      key: `column ${column}`,
    });
  }
  return pieces;
}
