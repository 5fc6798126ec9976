/** Closed forms. Amounts in any one unit; shares and probabilities in [0, 1]. */

/** The amounts of inequality 1. */
export interface Stakes {
  /** C: what an honest execution costs. */
  readonly cost: number;
  /** R */
  readonly price: number;
  /** V: gain outside the market from a wrong answer that stands. */
  readonly outside: number;
  /** S */
  readonly reserve: number;
  /** ρ: the share of S that comes back to the cheater, because it reports itself; 0 where it does not. */
  readonly returned: number;
}

/** Gain of a wrong answer over an honest one: C + (1−d)·V − d·(R + S(1−ρ)). Inequality 1: it is below 0. */
export function advantage(stakes: Stakes, detection: number): number {
  const { cost, price, outside, reserve, returned } = stakes;
  return cost + (1 - detection) * outside - detection * (price + reserve * (1 - returned));
}

/** d* at which cheating breaks even: (C + V) / (R + S(1−ρ) + V). */
export function threshold(stakes: Stakes): number {
  const { cost, price, outside, reserve, returned } = stakes;
  return (cost + outside) / (price + reserve * (1 - returned) + outside);
}

/** d = q·(1 − Π(1 − p)) for m independent watchers who check with p each. */
export const openWatching = (q: number, p: number, m: number): number => q * (1 - (1 - p) ** m);

/** The p at which m watchers find a share d: the inverse of `openWatching`. */
export const watcherShare = (q: number, d: number, m: number): number => 1 - (1 - d / q) ** (1 / m);

/** d whose odds d/(1−d) are this many times those of another. */
export const withOdds = (d: number, factor: number): number => (d * factor) / (1 - d + d * factor);

/** Checks per job at which a wrong one is found with probability d, checks falling at random: −ln(1−d). */
export const checksPerJob = (d: number): number => -Math.log(1 - d);

/**
 * Share of wrong jobs at which a check breaks even: C·λ/((1−s)·ρS·(1−e^−λ)), C/(ρS) for few checks a job (λ → 0)
 * and no self-reports (s = 0). 1 at most.
 */
export function wrongShare(
  cost: number,
  reward: number,
  checks: number,
  selfReports: number,
): number {
  const first = checks === 0 ? 1 : (1 - Math.exp(-checks)) / checks;
  return Math.min(1, cost / ((1 - selfReports) * reward * first));
}

/** Gain per job, over honest work, of n wrong jobs behind one stake: a proven one loses its price, all lose the stake once. */
export function pooledAdvantage(stakes: Stakes, detection: number, n: number): number {
  const { cost, price, outside, reserve, returned } = stakes;
  const caught = 1 - (1 - detection) ** n;
  return (
    cost + (1 - detection) * outside - detection * price - (reserve * (1 - returned) * caught) / n
  );
}

/** n at which the pooled stake breaks even; Infinity if it never does. */
export function pooledThreshold(stakes: Stakes, detection: number): number {
  if (pooledAdvantage(stakes, detection, 1e9) <= 0) return Infinity;
  let [low, high] = [1, 1e9];
  if (pooledAdvantage(stakes, detection, low) > 0) return 1;
  while (high - low > 1e-6 * low) {
    const middle = Math.sqrt(low * high);
    if (pooledAdvantage(stakes, detection, middle) > 0) high = middle;
    else low = middle;
  }
  return low;
}

/**
 * Share of moments from which an outage of length L, one in each period, keeps an answer that takes a from
 * landing within T: (L + 2a − T)⁺/period. The a before an outage count: an answer under way starts again.
 */
export const missedTurns = (outage: number, turn: number, answer: number, period: number): number =>
  Math.max(0, outage + 2 * answer - turn) / period;

/** Blocking of n servers under offered load a (Erlang B). */
export function erlangB(n: number, load: number): number {
  let blocked = 1;
  for (let i = 1; i <= n; i++) blocked = (load * blocked) / (i + load * blocked);
  return blocked;
}

/** P(wait > 0) with c servers under offered load a < c (Erlang C). */
export function erlangC(c: number, load: number): number {
  const blocked = erlangB(c, load);
  return (c * blocked) / (c - load * (1 - blocked));
}

/** P(wait + service > t) in M/M/c with service rate μ and offered load a = λ/μ < c. */
export function sojournTail(c: number, load: number, rate: number, t: number): number {
  const waits = erlangC(c, load);
  const excess = c - 1 - load;
  const x = rate * t;
  const term = Math.abs(excess) < 1e-9 ? x : (1 - Math.exp(-excess * x)) / excess;
  return Math.exp(-x) * (1 + waits * term);
}
