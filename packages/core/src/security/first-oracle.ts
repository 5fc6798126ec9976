import { WHIR_LIMITS } from '../pcs/parameters.ts';
import type { FirstOracleColumns } from './cost.ts';
import { fewestQueries, FIRST_SAMPLES, type Goal, radii } from './demands.ts';
import { freshTailRows } from './parameters.ts';
import type { OracleSlot } from './schedule.ts';

/** What an opening shows of a column, and so has to be random in it. All 0 in the plain profile. */
export interface HidingTails {
  /** T, random rows at the end of each fresh column. */
  readonly fresh: number;
  /** At least t_0: rows that one proof opens in columns which are opened by several. */
  readonly queries: number;
}

/** Columns that the layout needs at a length with those tails; null: it does not fit. */
export type ColumnsFor = (logRows: number, tails: HidingTails) => FirstOracleColumns | null;

/** A first oracle to be priced. */
export interface FirstOracle {
  readonly columns: FirstOracleColumns;
  /** T. */
  readonly tailRows: number;
  /** Most queries that its tails bear. */
  readonly maxQueries: number;
  /** k_0. */
  readonly folding: number;
}

/**
 * Proof of work with which the queries are counted that the tails have to bear: the search stays free
 * to grind less in one place and more in another. The second is tried where tails are a good part of a
 * column.
 */
const TAIL_POW_BITS = [12, 20];

/** Tails longer than this part of a column are worth shortening. */
const LONG_TAIL = 1 / 8;

/** Fewest queries of oracle 0 with at most `powBits` in each slot. */
function boundQueries(slot: OracleSlot, goal: Goal, powBits: number): number | null {
  const largest = radii(slot, { ...goal, maxPowBits: powBits }).at(-1);
  return largest === undefined ? null : fewestQueries(largest.delta, goal.needed - powBits);
}

/** k_0 for so many columns: no logarithm, whose last bit may differ where it matters. */
function foldingFor({ total }: FirstOracleColumns): number {
  let folding = 1;
  while (2 ** folding < total) folding++;
  return folding;
}

/**
 * Columns may need fewer variables than their tails were counted for. The tails are then those of fewer:
 * t_0 has to follow from T and k_0, as static tails are counted by it. Null if no k_0 is its own.
 */
function settled(
  columnsFor: ColumnsFor,
  logRows: number,
  maxQueries: number,
  counted: Omit<FirstOracle, 'maxQueries'>,
): FirstOracle | null {
  let { columns, tailRows, folding } = counted;
  for (let needed = foldingFor(columns); needed !== folding; needed = foldingFor(columns)) {
    if (needed > folding) return null;
    folding = needed;
    tailRows = freshTailRows(maxQueries, FIRST_SAMPLES, folding);
    const fewer = columnsFor(logRows, { fresh: tailRows, queries: maxQueries });
    if (fewer === null) return null;
    columns = fewer;
  }
  return { columns, tailRows, maxQueries, folding };
}

/**
 * The first oracles worth pricing at one length and rate. In the hiding profile the columns depend on
 * the tails, and these on t_0 and k_0: t_0 is bounded first, then k_0 is the least that bears its own
 * tails.
 */
export function firstOracles(
  columnsFor: ColumnsFor,
  goal: Goal,
  logRows: number,
  logInverseRate: number,
): FirstOracle[] {
  const fits = ({ folding }: FirstOracle): boolean => folding <= WHIR_LIMITS.firstFolding;
  if (!goal.hiding) {
    const columns = columnsFor(logRows, { fresh: 0, queries: 0 });
    if (columns === null) return [];
    const maxQueries = WHIR_LIMITS.queries;
    return [{ columns, tailRows: 0, maxQueries, folding: foldingFor(columns) }].filter(fits);
  }
  const found: FirstOracle[] = [];
  for (const powBits of TAIL_POW_BITS) {
    let folding = 1;
    while (folding <= WHIR_LIMITS.firstFolding) {
      const variables = folding + logRows;
      const slot: OracleSlot = { first: true, variables, logInverseRate, folding };
      const maxQueries = boundQueries(slot, goal, Math.min(powBits, goal.maxPowBits));
      if (maxQueries === null) break;
      const tailRows = freshTailRows(maxQueries, FIRST_SAMPLES, folding);
      if (tailRows >= 2 ** logRows) break;
      const columns = columnsFor(logRows, { fresh: tailRows, queries: maxQueries });
      if (columns === null) break;
      const needed = foldingFor(columns);
      if (needed <= folding) {
        const first = settled(columnsFor, logRows, maxQueries, { columns, tailRows, folding });
        if (first !== null) found.push(first);
        break;
      }
      folding = needed;
    }
    if (found.some(({ tailRows }) => tailRows <= LONG_TAIL * 2 ** logRows)) break;
  }
  return found.filter(fits);
}

/** `columnsFor`, remembered: without tails every rate asks for the same. */
export function rememberedColumns(columnsFor: ColumnsFor): ColumnsFor {
  const found = new Map<string, FirstOracleColumns | null>();
  return (logRows, tails) => {
    const key = `${logRows} ${tails.fresh} ${tails.queries}`;
    const known = found.get(key);
    if (known !== undefined) return known;
    const columns = columnsFor(logRows, tails);
    found.set(key, columns);
    return columns;
  };
}
