import type { ProofWriter } from '@assay/core/codec';
import type { Engine, IntVec } from '@assay/core/engine';
import { ONE, ZERO } from '@assay/core/field';
import {
  type OpenedTree,
  type OutOfDomainAnswer,
  powerPiece,
  proveOpening,
  type RowOnDemand,
  type WeightPiece,
} from '@assay/core/pcs/prover';
import type { Transcript } from '@assay/core/transcript';
import type { ColumnSpan, Layout, ViewWeights } from '@assay/program';
import type { Argument, JoinedClaim } from '@assay/verifier';
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
function openingPieces(
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
  for (const { firstColumn, columns, firstRow, rows } of wide) {
    const row: RowOnDemand = {
      length: 2 ** rowBits(rows),
      write: (dst) => {
        engine.fill(dst, ZERO);
        addRow(engine, loaded, rows, ONE, dst);
      },
    };
    pieces.push({ firstColumn, columnPart: columns, firstRow, row, key: rowKey(firstRow, rows) });
  }
  for (const [column, parts] of narrow) {
    // Only the rows between the first and the last block are touched.
    const first = Math.min(...parts.map((p) => p.firstRow));
    const end = Math.max(...parts.map((p) => p.firstRow + 2 ** rowBits(p.rows)));
    const row: RowOnDemand = {
      length: end - first,
      write: (dst) => {
        engine.fill(dst, ZERO);
        for (const { firstRow, rows, columns } of parts) {
          const target = engine.slice(dst, firstRow - first, 2 ** rowBits(rows));
          addRow(engine, loaded, rows, columns[0] ?? ZERO, target);
        }
      },
    };
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

/** The columns of both commitments in kernel memory, and where their codewords are opened. */
export interface Committed {
  readonly model: readonly IntVec[];
  readonly witness: readonly IntVec[];
  readonly modelTree: OpenedTree;
  readonly witnessTree: OpenedTree;
}

/** S8: the opening of the joined claim over the columns of both roots. */
export function proveJoinedClaim(
  argument: Argument,
  engine: Engine,
  transcript: Transcript,
  writer: ProofWriter,
  committed: Committed,
  weights: ViewWeights,
  joined: JoinedClaim,
  answers: readonly OutOfDomainAnswer[],
): void {
  const { key, layout } = argument;
  const pieces = openingPieces(engine, layout, weights, joined, answers);
  const columns = new Array<IntVec | null>(2 ** layout.logColumns).fill(null);
  const place = ({ firstColumn }: ColumnSpan, own: readonly IntVec[]): void => {
    for (const [c, column] of own.entries()) columns[firstColumn + c] = column;
  };
  place(layout.model, committed.model);
  place(layout.witness, committed.witness);
  const slots = [
    { ...layout.model, tree: committed.modelTree },
    { ...layout.witness, tree: committed.witnessTree },
  ];
  const { whir } = key.parameters;
  const oracle = { columns, slots, blinding: null };
  proveOpening(engine, transcript, writer, whir, oracle, pieces, joined.value.constant);
}
