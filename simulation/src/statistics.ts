/** An estimate and its standard error. */
export interface Estimate {
  readonly value: number;
  readonly sigma: number;
}

export const exactly = (value: number): Estimate => ({ value, sigma: 0 });

/** Mean of observations that come one by one (Welford). */
export class Mean {
  count: number = 0;
  mean: number = 0;
  #squares: number = 0;

  add(value: number): void {
    this.count++;
    const before = value - this.mean;
    this.mean += before / this.count;
    this.#squares += before * (value - this.mean);
  }

  get variance(): number {
    return this.count < 2 ? 0 : this.#squares / (this.count - 1);
  }

  estimate(): Estimate {
    return { value: this.mean, sigma: Math.sqrt(this.variance / this.count) };
  }
}

export function meanOf(values: Iterable<number>): Estimate {
  const mean = new Mean();
  for (const value of values) mean.add(value);
  return mean.estimate();
}

/**
 * Share of successes. Its standard error is that of the expected share where one is given (the score test,
 * right for rare events too), else Agresti and Coull's.
 */
export function shareOf(successes: number, trials: number, expected?: number): Estimate {
  const value = successes / trials;
  const p = expected ?? (successes + 2) / (trials + 4);
  return { value, sigma: Math.sqrt((p * (1 - p)) / trials) };
}

export const scaled = (estimate: Estimate, by: number): Estimate => ({
  value: estimate.value * by,
  sigma: estimate.sigma * Math.abs(by),
});

/** Sigmas between an estimate and what is expected; 0 where both are exact and equal. */
export function deviation(estimate: Estimate, expected: number): number {
  const difference = estimate.value - expected;
  if (estimate.sigma > 0) return difference / estimate.sigma;
  return Math.abs(difference) <= 1e-9 * Math.max(1, Math.abs(expected)) ? 0 : Infinity;
}

/**
 * Where a line through two estimates at x1 < x2 is 0, to first order in their errors.
 */
export function crossing(x1: number, y1: Estimate, x2: number, y2: Estimate): Estimate {
  const slope = (y2.value - y1.value) / (x2 - x1);
  const value = x1 - y1.value / slope;
  const [w1, w2] = [(x2 - value) / (x2 - x1), (value - x1) / (x2 - x1)];
  return { value, sigma: Math.hypot(w1 * y1.sigma, w2 * y2.sigma) / Math.abs(slope) };
}

/** Where the least-squares line through points is 0; its error from the residuals. */
export function regressionCrossing(xs: readonly number[], ys: readonly number[]): Estimate {
  const n = xs.length;
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / n;
  const [mx, my] = [mean(xs), mean(ys)];
  let [sxx, sxy] = [0, 0];
  for (const [i, x] of xs.entries()) {
    sxx += (x - mx) ** 2;
    sxy += (x - mx) * ((ys[i] ?? 0) - my);
  }
  const slope = sxy / sxx;
  let residual = 0;
  for (const [i, x] of xs.entries()) residual += ((ys[i] ?? 0) - my - slope * (x - mx)) ** 2;
  const value = mx - my / slope;
  const noise = residual / (n - 2);
  const sigma = Math.sqrt(noise * (1 / n + (value - mx) ** 2 / sxx)) / Math.abs(slope);
  return { value, sigma };
}
