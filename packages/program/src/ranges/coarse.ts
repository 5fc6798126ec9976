import type { Range } from '../types.ts';

/** Largest power of two <= x. */
function powerBelow(x: number): number {
  let power = 1;
  while (power * 2 <= x) power *= 2;
  while (power > x) power /= 2;
  return power;
}

/**
 * Smallest m·2^e >= x with whole m in [steps, 2·steps), 0 for 0: what a number that follows from private weights is
 * rounded up to before anyone sees it.
 *
 * @param x - finite, at least 0.
 * @param steps - how many such numbers there are from one power of two to the next, a power of two.
 */
export function coarseAbove(x: number, steps = 1): number {
  if (!(x >= 0 && x < Number.POSITIVE_INFINITY))
    throw new RangeError(`coarseAbove: expected a finite number of at least 0, got ${x}`);
  if (x === 0) return 0;
  const unit = powerBelow(x) / steps;
  return Math.ceil(x / unit) * unit;
}

/** Smallest interval that holds 0 and the interval and has such numbers, or their negatives, for ends. */
export function coarseRange({ lo, hi }: Range, steps = 1): Range {
  return {
    lo: -coarseAbove(Math.max(0, -lo), steps) + 0,
    hi: coarseAbove(Math.max(0, hi), steps),
  };
}

/** Smallest [−2^k, 2^k − 1] that holds the numbers: it does not even say whether all have one sign. */
export function powerRange(values: Iterable<number>): Range {
  let bound = 1;
  for (const v of values) while (v >= bound || v < -bound) bound *= 2;
  return { lo: -bound, hi: bound - 1 };
}
