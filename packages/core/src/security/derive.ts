import { AssayError } from '../errors.ts';
import { TWO_ADICITY } from '../field/index.ts';
import { WHIR_LIMITS, type WhirParameters } from '../pcs/parameters.ts';
import {
  type ArgumentSizes,
  ROUNDING_MARGIN_BITS,
  type SecurityBudget,
  securityBudget,
} from './budget.ts';
import {
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
  CHALLENGE_BITS,
  type ExpectedMultiproof,
  expectedMultiproof,
  foldBits,
  johnson,
  MAX_PROXIMITY_PARAMETER,
  outOfDomainBits,
  shiftBits,
} from './formulas.ts';
import type { ProofParameters } from './parameters.ts';
import { type OracleSlot, type Schedule, ScheduleSearch } from './schedule.ts';

/** Strict is the default. */
export const PROFILES: { readonly strict: 128; readonly fast: 100 } = { strict: 128, fast: 100 };

export interface DeriveOptions {
  readonly targetBits: number;
  /** log2 M to be tried. */
  readonly logRows: readonly number[];
  /** Columns that the layout needs at that length; null: it does not fit. */
  readonly columnsFor: (logRows: number) => FirstOracleColumns | null;
  readonly sizes: ArgumentSizes;
  /** Trees opened for oracle 0: model and witness, and one more for each input or output root. @default 2 */
  readonly trees?: number | undefined;
  /** mu_0 to be tried. @default [1, 2, 3, 4] */
  readonly logInverseRates?: readonly number[] | undefined;
  /** Most proof of work in one slot. @default 20 */
  readonly maxPowBits?: number | undefined;
  readonly cost?: Partial<CostModel> | undefined;
  /** Rows at the end of each column that the layout leaves free. @default 0 */
  readonly tailRows?: number | undefined;
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
  readonly oodSamples: number;
}

/** For each fold proof of work the largest radius that it makes strong enough. */
function radii(
  { first, variables, logInverseRate }: OracleSlot,
  needed: number,
  maxPowBits: number,
): Proximal[] {
  const byPow = new Map<number, Proximal>();
  for (let m = 1; m <= MAX_PROXIMITY_PARAMETER; m++) {
    const { delta, logList } = johnson(variables, logInverseRate, m);
    if (delta <= 0 || logList > MAX_LOG_LIST) continue;
    const fold = foldBits(variables, logInverseRate, m, CHALLENGE_BITS);
    const foldPowBits = Math.max(0, Math.ceil(needed - fold));
    if (foldPowBits > maxPowBits) continue;
    let oodSamples = first ? FIRST_SAMPLES : 1;
    while (outOfDomainBits(variables, oodSamples, logList, CHALLENGE_BITS) < needed) oodSamples++;
    if (oodSamples > MAX_SAMPLES) continue;
    byPow.set(foldPowBits, { delta, foldPowBits, oodSamples });
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

/** All sensible demands on an oracle that reach `needed`: a list for each code, made once. */
function demands(needed: number, maxPowBits: number): (slot: OracleSlot) => readonly Asked[] {
  const found = new Map<number, readonly Asked[]>();
  return (slot) => {
    const key = (slot.variables * 64 + slot.logInverseRate) * 2 + (slot.first ? 1 : 0);
    const known = found.get(key);
    if (known !== undefined) return known;
    const list: Asked[] = [];
    for (const { delta, foldPowBits, oodSamples } of radii(slot, needed, maxPowBits)) {
      let fewest = Number.POSITIVE_INFINITY;
      for (let queryPowBits = 0; queryPowBits <= maxPowBits; queryPowBits++) {
        const queries = fewestQueries(delta, needed - queryPowBits);
        if (queries === null || queries >= fewest) continue;
        fewest = queries;
        list.push({ queries, oodSamples, foldPowBits, queryPowBits });
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

function wholeBits(missing: number): number {
  return Math.max(0, Math.ceil(missing));
}

/**
 * Chooses column length, rates, folding schedule, queries, out-of-domain samples and proof of work:
 * among all that reach `targetBits`, the cheapest by estimated proving time plus proof bytes.
 * Cost: tens of milliseconds for each candidate of `logRows`.
 * @throws {AssayError} ASSAY_SECURITY_INFEASIBLE when nothing reaches the target.
 */
export function deriveParameters(options: DeriveOptions): DerivedParameters {
  const model: CostModel = { ...DEFAULT_COST_MODEL, ...options.cost };
  const needed = options.targetBits + 2 * ROUNDING_MARGIN_BITS;
  const maxPowBits = options.maxPowBits ?? 20;
  const trees = options.trees ?? 2;
  const multiproof = rememberedMultiproof();
  const demanded = demands(needed, maxPowBits);
  let firstColumns: FirstOracleColumns = { model: 0, witness: 0, total: 0 };

  const weigh = (proverMs: number, bytes: number): number =>
    proverMs + (bytes / 1024) * model.msPerKiB;

  const price = (slot: OracleSlot): { cost: number; choice: OracleChoice } | null => {
    const { first, variables, logInverseRate, folding } = slot;
    const shape = { variables, folding, logDomain: variables - folding + logInverseRate };
    const workMs = oracleWorkMs(shape, first ? firstColumns : null, model);
    const storage = first ? keyMs(firstColumns, shape.logDomain, model) : 0;
    const used = firstColumns.model + firstColumns.witness;
    const rowBytes = first ? 4 * used : 20 * 2 ** folding;
    let best: { cost: number; choice: OracleChoice } | null = null;
    for (const asked of demanded(slot)) {
      const proverMs = workMs + oracleQueryMs(shape, asked, model);
      if (best !== null && proverMs + storage >= best.cost) continue;
      const bytes = oracleBytes({
        ...asked,
        rowBytes,
        folding,
        trees: first ? trees : 1,
        opened: multiproof(asked.queries, shape.logDomain),
        sendsRoot: !first,
      });
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

  let best: { schedule: Schedule<OracleChoice>; logRows: number; columns: number } | null = null;
  for (const logRows of options.logRows) {
    const columns = options.columnsFor(logRows);
    if (columns === null || (options.tailRows ?? 0) >= 2 ** logRows) continue;
    const folding = Math.max(1, Math.ceil(Math.log2(columns.total)));
    if (folding > WHIR_LIMITS.firstFolding) continue;
    firstColumns = columns;
    for (const logInverseRate of options.logInverseRates ?? [1, 2, 3, 4]) {
      if (logRows + logInverseRate > TWO_ADICITY) continue;
      const schedule = search.best(folding + logRows, logInverseRate, folding);
      if (schedule !== null && (best === null || schedule.cost < best.schedule.cost)) {
        best = { schedule, logRows, columns: columns.total };
      }
    }
  }
  if (best === null) {
    throw new AssayError({
      code: 'ASSAY_SECURITY_INFEASIBLE',
      shortMessage: `no parameters reach ${options.targetBits} provable bits`,
      details: `tried columns of 2^(${options.logRows.join(', ')}) rows, rates 2^-(${(options.logInverseRates ?? [1, 2, 3, 4]).join(', ')}), at most ${maxPowBits} bits of proof of work in one place`,
    });
  }
  const { schedule, logRows, columns } = best;
  const whir: WhirParameters = {
    logRows,
    columns,
    foldings: schedule.oracles.map((o) => o.slot.folding),
    logInverseRates: schedule.oracles.map((o) => o.slot.logInverseRate),
    queries: schedule.oracles.map((o) => o.choice.queries),
    oodSamples: schedule.oracles.map((o) => o.choice.oodSamples),
    foldPowBits: schedule.oracles.map((o) => o.choice.foldPowBits),
    queryPowBits: schedule.oracles.map((o) => o.choice.queryPowBits),
    blinding: null,
  };
  const parameters = withPiopGrinding(whir, options, needed);
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
  options: DeriveOptions,
  needed: number,
): ProofParameters {
  const bare: ProofParameters = {
    targetBits: options.targetBits,
    whir,
    registeredSamples: whir.oodSamples[0] ?? FIRST_SAMPLES,
    lookupPowBits: 0,
    batchPowBits: 0,
    tailRows: options.tailRows ?? 0,
  };
  const { terms } = securityBudget(bare, options.sizes);
  const missing = (step: string): number =>
    wholeBits(needed - (terms.find((t) => t.name.startsWith(step))?.bits ?? needed));
  return { ...bare, lookupPowBits: missing('S3'), batchPowBits: missing('S7') };
}
