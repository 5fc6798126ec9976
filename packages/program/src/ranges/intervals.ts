import type { Range } from '../types.ts';

/** Beyond this an endpoint would no longer be exact; far outside (−p, p) in any case. */
export const EXACT: number = 2 ** 52;

/** Interval arithmetic on exact integers; null once an endpoint leaves ±2^52 (then nothing is claimed). */
export type Interval = Range | null;

export const POINT_ZERO: Range = { lo: 0, hi: 0 };

function exact(lo: number, hi: number): Interval {
  return lo >= -EXACT && hi <= EXACT ? { lo: lo + 0, hi: hi + 0 } : null;
}

export function addIntervals(a: Interval, b: Interval): Interval {
  return a === null || b === null ? null : exact(a.lo + b.lo, a.hi + b.hi);
}

export function scaleInterval(a: Interval, factor: number): Interval {
  if (a === null) return null;
  const x = a.lo * factor;
  const y = a.hi * factor;
  return exact(Math.min(x, y), Math.max(x, y));
}

export function multiplyIntervals(a: Interval, b: Interval): Interval {
  if (a === null || b === null) return null;
  const corners = [a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi];
  return exact(Math.min(...corners), Math.max(...corners));
}

export function hullIntervals(a: Interval, b: Interval): Interval {
  return a === null || b === null ? null : { lo: Math.min(a.lo, b.lo), hi: Math.max(a.hi, b.hi) };
}
