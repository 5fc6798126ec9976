import type { Observations } from './compile-graph.ts';
import type { DenseTensor } from './graph/index.ts';

/** Ranges of every tensor over the samples, by the float evaluator. */
export const observe = (floats: readonly ReadonlyMap<string, DenseTensor>[]): Observations => {
  const observed = new Map<string, { lo: number; hi: number }>();
  for (const values of floats) {
    for (const [name, { data }] of values) {
      const range = observed.get(name) ?? { lo: Number.POSITIVE_INFINITY, hi: Number.NEGATIVE_INFINITY };
      for (const x of data) {
        if (x < range.lo) range.lo = x;
        if (x > range.hi) range.hi = x;
      }
      observed.set(name, range);
    }
  }
  return observed;
};
