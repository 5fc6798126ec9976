import { WHIR_LIMITS } from '../pcs/parameters.ts';
import {
  bitsPerQuery,
  blindingBits,
  CHALLENGE_BITS,
  foldCount,
  listSize,
  MAX_PROXIMITY_PARAMETER,
  radius,
  shiftBits,
} from './formulas.ts';
import type { OracleSlot } from './schedule.ts';

/** Two out-of-domain samples in the first oracle: one could leak in a hiding proof (`pcs.md` §5.4). */
export const FIRST_SAMPLES = 2;
/** Assumed of the next oracle in a shift term: log2 of its list, and its samples. Lists beyond are not used. */
const MAX_LOG_LIST = 12;
const MAX_SAMPLES = 7;

/** What every oracle has to reach. */
export interface Goal {
  /** Bits of each error term. */
  readonly needed: number;
  /** Most proof of work in one slot. */
  readonly maxPowBits: number;
  readonly hiding: boolean;
}

/** A radius, and what makes it strong enough. */
export interface Radius {
  readonly delta: number;
  readonly foldPowBits: number;
  /** Before ρ, where oracle 0 is blinded. */
  readonly blindingPowBits: number;
  readonly oodSamples: number;
}

export function wholeBits(missing: number): number {
  return Math.max(0, Math.ceil(missing));
}

/**
 * For each fold proof of work the largest radius that it makes strong enough, in ascending order.
 * Logarithms only where something is kept: this is where most of a derivation goes.
 */
export function radii(
  { first, variables, logInverseRate, folding }: OracleSlot,
  { needed, maxPowBits, hiding }: Goal,
): Radius[] {
  const blinded = first && hiding;
  const maxSamples = blinded ? FIRST_SAMPLES : MAX_SAMPLES;
  /** Longest list that so many samples pin: ½·ℓ²·(2^variables/|K|)^s <= 2^−needed. */
  const pinned = (samples: number): number =>
    2 ** ((1 + samples * (CHALLENGE_BITS - variables) - needed) / 2);
  let oodSamples = first ? FIRST_SAMPLES : 1;
  let longest = pinned(oodSamples);
  let foldPowBits = 0;
  let most = 2 ** (CHALLENGE_BITS - needed);
  const found: Radius[] = [];
  for (let m = 1; m <= MAX_PROXIMITY_PARAMETER; m++) {
    const delta = radius(logInverseRate, m);
    if (delta <= 0) continue;
    // Lists and errors grow with m.
    const list = listSize(logInverseRate, m);
    if (list > 2 ** MAX_LOG_LIST) break;
    while (list > longest && oodSamples <= maxSamples) longest = pinned(++oodSamples);
    const count = foldCount(variables, logInverseRate, m);
    while (count > most && foldPowBits <= maxPowBits) {
      foldPowBits++;
      most *= 2;
    }
    if (oodSamples > maxSamples || foldPowBits > maxPowBits) break;
    // A line over a shorter code than the fold rounds': no more work than theirs.
    const blindingPowBits = blinded
      ? wholeBits(needed - blindingBits(variables - folding, logInverseRate, m, CHALLENGE_BITS))
      : 0;
    if (found.at(-1)?.foldPowBits === foldPowBits) found.pop();
    found.push({ delta, foldPowBits, blindingPowBits, oodSamples });
  }
  return found;
}

/** Fewest queries whose shift term reaches `wanted`; null: more than there may be. */
export function fewestQueries(delta: number, wanted: number): number | null {
  return fewestOf(bitsPerQuery(delta), delta, wanted);
}

/** 2^MAX_LOG_LIST·(queries + MAX_SAMPLES + 1)/|K| is less than 2^this. */
const LOG_BATCH = MAX_LOG_LIST + Math.log2(WHIR_LIMITS.queries + MAX_SAMPLES + 2) - CHALLENGE_BITS;

function fewestOf(perQuery: number, delta: number, wanted: number): number | null {
  let queries = Math.max(1, Math.ceil(wanted / perQuery));
  // (1 − δ)^queries = 2^−wanted·e^−x, and e^−x <= 1 − x + x²/2: mostly this leaves room for the batch.
  const x = (queries * perQuery - wanted) * Math.LN2;
  if (!(x - (x * x) / 2 > 2 ** (LOG_BATCH + wanted) + 1e-9)) {
    while (shiftBits(delta, queries, MAX_LOG_LIST, MAX_SAMPLES, CHALLENGE_BITS) < wanted) {
      queries++;
      if (queries > WHIR_LIMITS.queries) return null;
    }
  }
  return queries <= WHIR_LIMITS.queries ? queries : null;
}

/** No radius needs fewer queries than this at a rate: 1 − δ > √ρ. */
export function fewestAtRate(logInverseRate: number, { needed, maxPowBits }: Goal): number {
  return Math.max(1, Math.ceil(((needed - maxPowBits) * 2) / logInverseRate - 1e-9));
}

/** A radius with the fewest queries for each proof of work before them. */
export class Demand {
  readonly radius: Radius;
  readonly #goal: Goal;
  readonly #perQuery: number;
  readonly #queries: (number | null | undefined)[] = [];

  constructor(radius: Radius, goal: Goal) {
    this.radius = radius;
    this.#goal = goal;
    this.#perQuery = bitsPerQuery(radius.delta);
  }

  /** Computed when asked for; null: no number of queries is enough. */
  queries(powBits: number): number | null {
    const known = this.#queries[powBits];
    if (known !== undefined) return known;
    const { delta } = this.radius;
    const queries = fewestOf(this.#perQuery, delta, this.#goal.needed - powBits);
    this.#queries[powBits] = queries;
    return queries;
  }
}

/** The demands on an oracle that reach the goal, made once for each code. */
export function demands(goal: Goal): (slot: OracleSlot) => readonly Demand[] {
  const found = new Map<number, readonly Demand[]>();
  return (slot) => {
    const { variables, logInverseRate, first, folding } = slot;
    const key = (variables * 64 + logInverseRate) * 16 + (first ? folding : 0);
    const known = found.get(key);
    if (known !== undefined) return known;
    const list = radii(slot, goal).map((radius) => new Demand(radius, goal));
    found.set(key, list);
    return list;
  };
}
