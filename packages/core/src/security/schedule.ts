/**
 * Search over folding schedules: oracle 0 binds k_0 variables, oracle i has any k_i in [2, maxFolding]
 * and any rate mu_i <= mu_{i+1} < mu_i + k_i; the rest is sent in clear once it has at most maxFinal
 * variables. What an oracle costs is the caller's: the dynamic programme only adds and compares.
 */
export interface ScheduleProblem<T> {
  readonly maxFolding: number;
  readonly maxFinal: number;
  readonly twoAdicity: number;
  readonly maxLogInverseRate: number;
  /** Price of an oracle and what was chosen for it, or null where nothing below `limit` is good enough. */
  readonly price: (
    oracle: OracleSlot,
    limit: number,
  ) => { readonly cost: number; readonly choice: T } | null;
  /** A lower bound, quickly found, for the price of an oracle that is not the first. */
  readonly atLeast: (oracle: OracleSlot) => number;
  /** Price of sending 2^variables coefficients. */
  readonly finalPrice: (variables: number) => number;
  /** Whether oracle 1 may encode `variables` at 2^−logInverseRate. */
  readonly allowSecond: (variables: number, logInverseRate: number) => boolean;
}

export interface OracleSlot {
  readonly first: boolean;
  readonly variables: number;
  readonly logInverseRate: number;
  readonly folding: number;
}

export interface Schedule<T> {
  readonly cost: number;
  readonly oracles: readonly { readonly slot: OracleSlot; readonly choice: T }[];
  readonly finalVariables: number;
}

const SMALLEST_FOLDING = 2;

/** A difference of sums is off by less: nothing is cut that would be cheaper by the sum itself. */
const SLACK = 1 + 1e-9;

/** The cheapest schedule of a slot; null: it costs at least that much. */
interface Found<T> {
  readonly schedule: Schedule<T> | null;
  readonly atLeast: number;
}

/**
 * Branch and bound over a dynamic programme. Keeps what it has found for later oracles between calls:
 * they do not depend on the first one.
 */
export class ScheduleSearch<T> {
  readonly #problem: ScheduleProblem<T>;
  readonly #found = new Map<number, Found<T>>();

  constructor(problem: ScheduleProblem<T>) {
    this.#problem = problem;
  }

  /**
   * Cheapest schedule below `limit` whose oracle 0 is the given one, or null; ties go to the one found
   * first.
   */
  best(
    variables: number,
    logInverseRate: number,
    folding: number,
    limit: number = Number.POSITIVE_INFINITY,
  ): Schedule<T> | null {
    return this.#search({ first: true, variables, logInverseRate, folding }, limit);
  }

  #later(slot: OracleSlot, limit: number): Schedule<T> | null {
    const key = (slot.variables * 64 + slot.logInverseRate) * 64 + slot.folding;
    const known = this.#found.get(key);
    if (known !== undefined && (known.schedule !== null || known.atLeast >= limit)) {
      return known.schedule;
    }
    const bound = known?.atLeast ?? this.#problem.atLeast(slot);
    const schedule = bound >= limit ? null : this.#search(slot, limit);
    this.#found.set(key, { schedule, atLeast: schedule?.cost ?? Math.max(bound, limit) });
    return schedule;
  }

  #search(slot: OracleSlot, limit: number): Schedule<T> | null {
    const p = this.#problem;
    const priced = p.price(slot, limit);
    if (priced === null) return null;
    const { first, variables, logInverseRate, folding } = slot;
    const rest = variables - folding;
    const own = { slot, choice: priced.choice };
    let best: Schedule<T> | null = null;
    let least = limit;
    if (rest <= p.maxFinal) {
      const cost = priced.cost + p.finalPrice(rest);
      if (cost < least) {
        best = { cost, oracles: [own], finalVariables: rest };
        least = cost;
      }
    }
    for (let k = SMALLEST_FOLDING; k <= Math.min(p.maxFolding, rest); k++) {
      for (let mu = logInverseRate; mu < logInverseRate + folding; mu++) {
        if (rest + mu - k > p.twoAdicity || mu > p.maxLogInverseRate) continue;
        if (first && !p.allowSecond(rest, mu)) continue;
        const next = this.#later(
          { first: false, variables: rest, logInverseRate: mu, folding: k },
          (least - priced.cost) * SLACK,
        );
        if (next === null) continue;
        const cost = priced.cost + next.cost;
        if (cost >= least) continue;
        best = { cost, oracles: [own, ...next.oracles], finalVariables: next.finalVariables };
        least = cost;
      }
    }
    return best;
  }
}
