import type { Engine, KVec } from '@assay/core/engine';
import { ONE, ZERO } from '@assay/core/field';
import { type OutOfDomainAnswer, powerPiece, type WeightPiece } from '@assay/core/pcs/prover';
import type { Layout, ViewWeights } from '@assay/program';
import type { JoinedClaim } from '@assay/verifier';
import {
  addRow,
  loadParts,
  PartCache,
  type RankOnePiece,
  rowBits,
  rowKey,
  termPieces,
} from './pieces.ts';

/**
 * The joined weight polynomial as pieces of the opening. Pieces inside one column are summed into
 * one row vector for that column; pieces over several columns stay rank one, shared by key.
 */
export function openingPieces(
  engine: Engine,
  layout: Layout,
  weights: ViewWeights,
  joined: JoinedClaim,
  answers: readonly OutOfDomainAnswer[],
): WeightPiece[] {
  const pieces: WeightPiece[] = [];
  const narrow = new Map<number, RankOnePiece[]>();
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
      for (const piece of termPieces(layout, cache, term, coefficient)) {
        if (piece.columns.length > 1) {
          wide.push(piece);
          continue;
        }
        const inColumn = narrow.get(piece.firstColumn);
        if (inColumn === undefined) narrow.set(piece.firstColumn, [piece]);
        else inColumn.push(piece);
      }
    }
  }
  const loaded = loadParts(engine, [...wide, ...[...narrow.values()].flat()]);
  const rows = new Map<string, KVec>();
  for (const piece of wide) {
    const key = rowKey(piece.firstRow, piece.rows);
    let row = rows.get(key);
    if (row === undefined) {
      row = engine.allocK(2 ** rowBits(piece.rows));
      engine.fill(row, ZERO);
      addRow(engine, loaded, piece.rows, ONE, row);
      rows.set(key, row);
    }
    pieces.push({
      firstColumn: piece.firstColumn,
      columnPart: piece.columns,
      firstRow: piece.firstRow,
      row,
      key,
    });
  }
  for (const [column, parts] of narrow) {
    // Only the rows between the first and the last block are touched.
    const first = Math.min(...parts.map((p) => p.firstRow));
    const end = Math.max(...parts.map((p) => p.firstRow + 2 ** rowBits(p.rows)));
    const row = engine.allocK(end - first);
    engine.fill(row, ZERO);
    for (const { firstRow, rows: factors, columns } of parts) {
      addRow(
        engine,
        loaded,
        factors,
        columns[0] ?? ZERO,
        engine.slice(row, firstRow - first, 2 ** rowBits(factors)),
      );
    }
    pieces.push({
      firstColumn: column,
      columnPart: [ONE],
      firstRow: first,
      row,
      key: `column ${column}`,
    });
  }
  return pieces;
}
