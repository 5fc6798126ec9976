import { AssayError } from '../errors.ts';
import { TWO_ADICITY } from '../field/index.ts';
import { SALT_BYTES } from '../merkle/index.ts';
import { BLINDING_COLUMNS } from '../pcs/blinding.ts';
import { WHIR_LIMITS, type WhirParameters } from '../pcs/parameters.ts';
import {
  type ArgumentSizes,
  ROUNDING_MARGIN_BITS,
  type SecurityBudget,
  securityBudget,
} from './budget.ts';
import {
  blindingBytes,
  type CostModel,
  DEFAULT_COST_MODEL,
  finalBytes,
  type FirstOracleColumns,
  keyMs,
  oracleBytes,
  oracleQueryMs,
  oracleWorkMs,
} from './cost.ts';
import {
  bitsPerQuery,
  blindingBits,
  CHALLENGE_BITS,
  type ExpectedMultiproof,
  expectedMultiproof,
  foldBits,
  johnson,
  MAX_PROXIMITY_PARAMETER,
  outOfDomainBits,
  shiftBits,
} from './formulas.ts';
import { freshTailRows, type ProofParameters } from './parameters.ts';
import { type OracleSlot, type Schedule, ScheduleSearch } from './schedule.ts';

/** Strict is the default. */
export const PROFILES: { readonly strict: 128; readonly fast: 100 } = { strict: 128, fast: 100 };

/** What an opening shows of a column, and so has to be random in it. All 0 in the plain profile. */
export interface HidingTails {
  /** T, random rows at the end of each fresh column. */
  readonly fresh: number;
  /** At least t_0: rows that one proof opens in columns which are opened by several. */
  readonly queries: number;
}

export interface DeriveOptions {
  readonly targetBits: number;
  /** log2 M to be tried. */
  readonly logRows: readonly number[];
  /**
   * Columns that the layout needs at that length with those tails; null: it does not fit. Called a few
   * times for each length and rate.
   */
  readonly columnsFor: (logRows: number, tails: HidingTails) => FirstOracleColumns | null;
  readonly sizes: ArgumentSizes;
  /** Trees opened for oracle 0: model and witness, and one more for each input or output root. @default 2 */
  readonly trees?: number | undefined;
  /** mu_0 to be tried. @default [1, 2, 3, 4] */
  readonly logInverseRates?: readonly number[] | undefined;
  /** Most proof of work in one slot. @default 20 */
  readonly maxPowBits?: number | undefined;
  readonly cost?: Partial<CostModel> | undefined;
  /** Whether the opening is blinded (`pcs/blinding.ts`). @default false */
  readonly hiding?: boolean | undefined;
  /** Trees of oracle 0 with salted leaves. @default 1 where hiding, else 0 */
  readonly saltedTrees?: number | undefined;
}

export interface DerivedParameters {
  readonly parameters: ProofParameters;
  readonly budget: SecurityBudget;
  /** Estimates of the opening: time with the cost model's threads, expected bytes. */
  readonly estimate: { readonly proverMs: number; readonly proofBytes: number };
}

interface Asked {
  readonly queries: number;
  readonly oodSamples: number;
  readonly foldPowBits: number;
  readonly queryPowBits: number;
  /** Before ρ, where oracle 0 is blinded. */
  readonly blindingPowBits: number;
}

interface OracleChoice extends Asked {
  readonly proverMs: number;
  readonly bytes: number;
}

/** Two out-of-domain samples in the first oracle: one could leak in a hiding proof (`pcs.md` §5.4). */
const FIRST_SAMPLES = 2;
const MAX_FOLDING = 6;
const MAX_FINAL = 8;
const MAX_LOG_INVERSE_RATE = 12;
/** Assumed of the next oracle in a shift term: log2 of its list, and its samples. Lists beyond are not used. */
const MAX_LOG_LIST = 12;
const MAX_SAMPLES = 7;

interface Proximal {
  readonly delta: number;
  readonly foldPowBits: number;
  readonly blindingPowBits: number;
  readonly oodSamples: number;
}

/** What every oracle has to reach. */
interface Goal {
  /** Bits of each error term. */
  readonly needed: number;
  readonly maxPowBits: number;
  readonly hiding: boolean;
}

function wholeBits(missing: number): number {
  return Math.max(0, Math.ceil(missing));
}

/** For each fold proof of work the largest radius that it makes strong enough. */
function radii(
  { first, variables, logInverseRate, folding }: OracleSlot,
  { needed, maxPowBits, hiding }: Goal,
): Proximal[] {
  const blinded = first && hiding;
  const byPow = new Map<number, Proximal>();
  for (let m = 1; m <= MAX_PROXIMITY_PARAMETER; m++) {
    const { delta, logList } = johnson(variables, logInverseRate, m);
    if (delta <= 0 || logList > MAX_LOG_LIST) continue;
    const fold = foldBits(variables, logInverseRate, m, CHALLENGE_BITS);
    const foldPowBits = wholeBits(needed - fold);
    if (foldPowBits > maxPowBits) continue;
    let oodSamples = first ? FIRST_SAMPLES : 1;
    while (outOfDomainBits(variables, oodSamples, logList, CHALLENGE_BITS) < needed) oodSamples++;
    if (oodSamples > (blinded ? FIRST_SAMPLES : MAX_SAMPLES)) continue;
    // A line over a shorter code than the fold rounds': no more work than theirs.
    const line = blindingBits(variables - folding, logInverseRate, m, CHALLENGE_BITS);
    const blindingPowBits = blinded ? wholeBits(needed - line) : 0;
    byPow.set(foldPowBits, { delta, foldPowBits, blindingPowBits, oodSamples });
  }
  return [...byPow.values()];
}

/** Fewest queries whose shift term reaches `wanted`. */
function fewestQueries(delta: number, wanted: number): number | null {
  let queries = Math.max(1, Math.ceil(wanted / bitsPerQuery(delta)));
  while (shiftBits(delta, queries, MAX_LOG_LIST, MAX_SAMPLES, CHALLENGE_BITS) < wanted) {
    queries++;
    if (queries > WHIR_LIMITS.queries) return null;
  }
  return queries <= WHIR_LIMITS.queries ? queries : null;
}

/** All sensible demands on an oracle that reach the goal: a list for each code, made once. */
function demands(goal: Goal): (slot: OracleSlot) => readonly Asked[] {
  const { needed, maxPowBits } = goal;
  const found = new Map<number, readonly Asked[]>();
  return (slot) => {
    const { variables, logInverseRate, first, folding } = slot;
    const key = (variables * 64 + logInverseRate) * 16 + (first ? folding : 0);
    const known = found.get(key);
    if (known !== undefined) return known;
    const list: Asked[] = [];
    for (const { delta, ...enough } of radii(slot, goal)) {
      let fewest = Number.POSITIVE_INFINITY;
      for (let queryPowBits = 0; queryPowBits <= maxPowBits; queryPowBits++) {
        const queries = fewestQueries(delta, needed - queryPowBits);
        if (queries === null || queries >= fewest) continue;
        fewest = queries;
        list.push({ ...enough, queries, queryPowBits });
      }
    }
    found.set(key, list);
    return list;
  };
}

/** `expectedMultiproof`, remembered: the search asks for the same few hundred pairs again and again. */
function rememberedMultiproof(): typeof expectedMultiproof {
  const found = new Map<number, ExpectedMultiproof>();
  return (queries, logLeaves) => {
    const key = queries * 64 + logLeaves;
    const value = found.get(key) ?? expectedMultiproof(queries, logLeaves);
    found.set(key, value);
    return value;
  };
}

/** A first oracle to be priced. */
interface FirstOracle {
  readonly columns: FirstOracleColumns;
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
  const counts = radii(slot, { ...goal, maxPowBits: powBits }).flatMap(({ delta }) => {
    const queries = fewestQueries(delta, goal.needed - powBits);
    return queries === null ? [] : [queries];
  });
  return counts.length === 0 ? null : Math.min(...counts);
}

/** k_0 for so many columns. */
function foldingFor({ total }: FirstOracleColumns): number {
  return Math.max(1, Math.ceil(Math.log2(total)));
}

/**
 * The first oracles worth pricing at one length and rate. In the hiding profile the columns depend on
 * the tails, and these on t_0 and k_0: t_0 is bounded first, then k_0 is the least that bears its own
 * tails.
 */
function firstOracles(
  columnsFor: DeriveOptions['columnsFor'],
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
        found.push({ columns, tailRows, maxQueries, folding: needed });
        break;
      }
      folding = needed;
    }
    if (found.some(({ tailRows }) => tailRows <= LONG_TAIL * 2 ** logRows)) break;
  }
  return found.filter(fits);
}

/** `columnsFor`, remembered: without tails every rate asks for the same. */
function rememberedColumns(columnsFor: DeriveOptions['columnsFor']): DeriveOptions['columnsFor'] {
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

/**
 * Chooses column length, rates, folding schedule, queries, out-of-domain samples, proof of work and, in
 * the hiding profile, tails: among all that reach `targetBits`, the cheapest by estimated proving time
 * plus proof bytes. Both sides derive the same: ties go to the candidate found first.
 * Cost: tens of milliseconds for each candidate of `logRows`.
 * @throws {AssayError} ASSAY_SECURITY_INFEASIBLE when nothing reaches the target, or no tail fits.
 */
export function deriveParameters(options: DeriveOptions): DerivedParameters {
  const model: CostModel = { ...DEFAULT_COST_MODEL, ...options.cost };
  const needed = options.targetBits + 2 * ROUNDING_MARGIN_BITS;
  const maxPowBits = options.maxPowBits ?? 20;
  const hiding = options.hiding ?? false;
  const goal: Goal = { needed, maxPowBits, hiding };
  const trees = options.trees ?? 2;
  const saltedTrees = options.saltedTrees ?? (hiding ? 1 : 0);
  const blinding = hiding ? { words: BLINDING_COLUMNS, saltBytes: SALT_BYTES } : undefined;
  const multiproof = rememberedMultiproof();
  const demanded = demands(goal);
  let firstColumns: FirstOracleColumns = { model: 0, witness: 0, total: 0 };
  let maxFirstQueries = WHIR_LIMITS.queries;

  const weigh = (proverMs: number, bytes: number): number =>
    proverMs + (bytes / 1024) * model.msPerKiB;

  const price = (slot: OracleSlot): { cost: number; choice: OracleChoice } | null => {
    const { first, variables, logInverseRate, folding } = slot;
    const shape = { variables, folding, logDomain: variables - folding + logInverseRate };
    const workMs = oracleWorkMs(shape, first ? firstColumns : null, model, blinding);
    const storage = first ? keyMs(firstColumns, shape.logDomain, model) : 0;
    const used = firstColumns.model + firstColumns.witness + (blinding?.words ?? 0);
    const rowBytes = first ? 4 * used + SALT_BYTES * saltedTrees : 20 * 2 ** folding;
    let best: { cost: number; choice: OracleChoice } | null = null;
    for (const asked of demanded(slot)) {
      if (first && asked.queries > maxFirstQueries) continue;
      const proverMs = workMs + oracleQueryMs(shape, asked, model);
      if (best !== null && proverMs + storage >= best.cost) continue;
      const opening = oracleBytes({
        ...asked,
        rowBytes,
        folding,
        trees: first ? trees : 1,
        opened: multiproof(asked.queries, shape.logDomain),
        sendsRoot: !first,
      });
      const bytes = opening + (first && hiding ? blindingBytes(asked.blindingPowBits) : 0);
      const cost = weigh(proverMs, bytes) + storage;
      if (best === null || cost < best.cost) best = { cost, choice: { ...asked, proverMs, bytes } };
    }
    return best;
  };

  const search = new ScheduleSearch<OracleChoice>({
    maxFolding: MAX_FOLDING,
    maxFinal: MAX_FINAL,
    twoAdicity: TWO_ADICITY,
    maxLogInverseRate: MAX_LOG_INVERSE_RATE,
    price,
    finalPrice: (variables) => weigh(0, finalBytes(variables)),
    allowSecond: () => true,
  });

  const columnsFor = rememberedColumns(options.columnsFor);
  let best: { schedule: Schedule<OracleChoice>; logRows: number; first: FirstOracle } | null = null;
  for (const logRows of options.logRows) {
    for (const logInverseRate of options.logInverseRates ?? [1, 2, 3, 4]) {
      if (logRows + logInverseRate > TWO_ADICITY) continue;
      for (const first of firstOracles(columnsFor, goal, logRows, logInverseRate)) {
        firstColumns = first.columns;
        maxFirstQueries = first.maxQueries;
        const schedule = search.best(first.folding + logRows, logInverseRate, first.folding);
        if (schedule !== null && (best === null || schedule.cost < best.schedule.cost)) {
          best = { schedule, logRows, first };
        }
      }
    }
  }
  if (best === null) {
    throw new AssayError({
      code: 'ASSAY_SECURITY_INFEASIBLE',
      shortMessage: `no parameters reach ${options.targetBits} provable bits${hiding ? ' and hide' : ''}`,
      details: `tried columns of 2^(${options.logRows.join(', ')}) rows, rates 2^-(${(options.logInverseRates ?? [1, 2, 3, 4]).join(', ')}), at most ${maxPowBits} bits of proof of work in one place${hiding ? '; random rows must leave room in each column' : ''}`,
    });
  }
  const { schedule, logRows, first } = best;
  const whir: WhirParameters = {
    logRows,
    columns: first.columns.total,
    foldings: schedule.oracles.map((o) => o.slot.folding),
    logInverseRates: schedule.oracles.map((o) => o.slot.logInverseRate),
    queries: schedule.oracles.map((o) => o.choice.queries),
    oodSamples: schedule.oracles.map((o) => o.choice.oodSamples),
    foldPowBits: schedule.oracles.map((o) => o.choice.foldPowBits),
    queryPowBits: schedule.oracles.map((o) => o.choice.queryPowBits),
    blinding: hiding ? { powBits: schedule.oracles[0]?.choice.blindingPowBits ?? 0 } : null,
  };
  const parameters = withPiopGrinding(whir, first.tailRows, options, needed);
  const budget = securityBudget(parameters, options.sizes);
  if (!(budget.bits >= options.targetBits)) {
    throw new AssayError({
      code: 'ASSAY_SECURITY_INFEASIBLE',
      shortMessage: `the argument reaches ${budget.bits.toFixed(2)} of ${options.targetBits} provable bits`,
      details: budget.terms
        .filter((t) => !(t.bits >= options.targetBits))
        .map((t) => `${t.name}: ${t.bits.toFixed(2)}`)
        .join('\n'),
    });
  }
  const choices = schedule.oracles.map((o) => o.choice);
  return {
    parameters,
    budget,
    estimate: {
      proverMs: choices.reduce((sum, c) => sum + c.proverMs, 0),
      proofBytes: choices.reduce((sum, c) => sum + c.bytes, finalBytes(schedule.finalVariables)),
    },
  };
}

/** Fills the two slots whose need is known once the schedule is: before (α, β) and before γ. */
function withPiopGrinding(
  whir: WhirParameters,
  tailRows: number,
  options: DeriveOptions,
  needed: number,
): ProofParameters {
  const bare: ProofParameters = {
    targetBits: options.targetBits,
    whir,
    registeredSamples: whir.oodSamples[0] ?? FIRST_SAMPLES,
    lookupPowBits: 0,
    batchPowBits: 0,
    tailRows,
  };
  const { terms } = securityBudget(bare, options.sizes);
  const missing = (step: string): number =>
    wholeBits(needed - (terms.find((t) => t.name.startsWith(step))?.bits ?? needed));
  return { ...bare, lookupPowBits: missing('S3'), batchPowBits: missing('S7') };
}
