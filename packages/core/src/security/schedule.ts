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
  /** Price of an oracle and what was chosen for it, or null where nothing is good enough. */
  readonly price: (oracle: OracleSlot) => { readonly cost: number; readonly choice: T } | null;
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

/** Keeps what it has found for later oracles between calls: they do not depend on the first one. */
export class ScheduleSearch<T> {
  readonly #problem: ScheduleProblem<T>;
  readonly #found = new Map<number, Schedule<T> | null>();

  constructor(problem: ScheduleProblem<T>) {
    this.#problem = problem;
  }

  /** Cheapest schedule whose oracle 0 is the given one; ties go to the one found first. */
  best(variables: number, logInverseRate: number, folding: number): Schedule<T> | null {
    return this.#search({ first: true, variables, logInverseRate, folding });
  }

  #later(slot: OracleSlot): Schedule<T> | null {
    const key = (slot.variables * 64 + slot.logInverseRate) * 64 + slot.folding;
    const known = this.#found.get(key);
    if (known !== undefined) return known;
    const result = this.#search(slot);
    this.#found.set(key, result);
    return result;
  }

  #search(slot: OracleSlot): Schedule<T> | null {
    const p = this.#problem;
    const priced = p.price(slot);
    if (priced === null) return null;
    const { variables, logInverseRate, folding } = slot;
    const rest = variables - folding;
    const own = { slot, choice: priced.choice };
    let best: Schedule<T> | null = null;
    if (rest <= p.maxFinal) {
      best = { cost: priced.cost + p.finalPrice(rest), oracles: [own], finalVariables: rest };
    }
    for (let k = SMALLEST_FOLDING; k <= Math.min(p.maxFolding, rest); k++) {
      for (let mu = logInverseRate; mu < logInverseRate + folding; mu++) {
        if (rest + mu - k > p.twoAdicity || mu > p.maxLogInverseRate) continue;
        if (slot.first && !p.allowSecond(rest, mu)) continue;
        const next = this.#later({ first: false, variables: rest, logInverseRate: mu, folding: k });
        if (next === null) continue;
        const cost = priced.cost + next.cost;
        if (best !== null && cost >= best.cost) continue;
        best = { cost, oracles: [own, ...next.oracles], finalVariables: next.finalVariables };
      }
    }
    return best;
  }
}
