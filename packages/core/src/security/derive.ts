import { AssayError } from '../errors.ts';
import { TWO_ADICITY } from '../field/index.ts';
import type { WhirParameters } from '../pcs/parameters.ts';
import {
  type ArgumentSizes,
  ROUNDING_MARGIN_BITS,
  type SecurityBudget,
  securityBudget,
} from './budget.ts';
import { type CostModel, DEFAULT_COST_MODEL, finalBytes, HIDING_MS_PER_KIB } from './cost.ts';
import { FIRST_SAMPLES, type Goal, wholeBits } from './demands.ts';
import {
  type ColumnsFor,
  type FirstOracle,
  firstOracles,
  rememberedColumns,
} from './first-oracle.ts';
import type { ProofParameters } from './parameters.ts';
import { type OracleChoice, OraclePrices } from './pricing.ts';
import { type Schedule, ScheduleSearch } from './schedule.ts';

/** Strict is the default. */
export const PROFILES: { readonly strict: 128; readonly fast: 100 } = { strict: 128, fast: 100 };

export interface DeriveOptions {
  readonly targetBits: number;
  /** log2 M to be tried. */
  readonly logRows: readonly number[];
  /**
   * Columns that the layout needs at that length with those tails; null: it does not fit. Called a few
   * times for each length and rate.
   */
  readonly columnsFor: ColumnsFor;
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

const MAX_FOLDING = 6;
const MAX_FINAL = 8;
const MAX_LOG_INVERSE_RATE = 12;

/** mu_0 where no others are asked for. */
const LOG_INVERSE_RATES: readonly number[] = [1, 2, 3, 4];

/**
 * Chooses column length, rates, folding schedule, queries, out-of-domain samples, proof of work and, in
 * the hiding profile, tails: among all that reach `targetBits`, the cheapest by estimated proving time
 * plus proof bytes. Both sides derive the same: ties go to the candidate found first.
 * Cost: a few milliseconds for each length and rate, twice that for GPT-2.
 * @throws {AssayError} ASSAY_SECURITY_INFEASIBLE when nothing reaches the target, or no tail fits.
 */
export function deriveParameters(options: DeriveOptions): DerivedParameters {
  const hiding = options.hiding ?? false;
  const rate = hiding ? { msPerKiB: HIDING_MS_PER_KIB } : {};
  const model: CostModel = { ...DEFAULT_COST_MODEL, ...rate, ...options.cost };
  const goal: Goal = {
    needed: options.targetBits + 2 * ROUNDING_MARGIN_BITS,
    maxPowBits: options.maxPowBits ?? 20,
    hiding,
  };
  const prices = new OraclePrices(goal, model, {
    trees: options.trees ?? 2,
    saltedTrees: options.saltedTrees ?? 1,
  });
  let oracle0: FirstOracle | null = null;
  const search = new ScheduleSearch<OracleChoice>({
    maxFolding: MAX_FOLDING,
    maxFinal: MAX_FINAL,
    twoAdicity: TWO_ADICITY,
    maxLogInverseRate: MAX_LOG_INVERSE_RATE,
    price: (slot, limit) => prices.price(slot, slot.first ? oracle0 : null, limit),
    finalPrice: (variables) => prices.final(variables),
    atLeast: (slot) => prices.atLeast(slot),
    allowSecond: () => true,
  });

  const columnsFor = rememberedColumns(options.columnsFor);
  const rates = options.logInverseRates ?? LOG_INVERSE_RATES;
  let best: { schedule: Schedule<OracleChoice>; logRows: number; first: FirstOracle } | null = null;
  for (const logRows of options.logRows) {
    for (const logInverseRate of rates) {
      if (logRows + logInverseRate > TWO_ADICITY) continue;
      for (const first of firstOracles(columnsFor, goal, logRows, logInverseRate)) {
        oracle0 = first;
        const { folding } = first;
        const limit = best?.schedule.cost;
        const schedule = search.best(folding + logRows, logInverseRate, folding, limit);
        if (schedule !== null) best = { schedule, logRows, first };
      }
    }
  }
  if (best === null) {
    throw new AssayError({
      code: 'ASSAY_SECURITY_INFEASIBLE',
      shortMessage: `no parameters reach ${options.targetBits} provable bits${hiding ? ' and hide' : ''}`,
      details: `tried columns of 2^(${options.logRows.join(', ')}) rows, rates 2^-(${rates.join(', ')}), at most ${goal.maxPowBits} bits of proof of work in one place${hiding ? '; random rows must leave room in each column' : ''}`,
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
  const parameters = withPiopGrinding(whir, first.tailRows, options, goal.needed);
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
