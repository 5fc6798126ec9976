import type { Range } from '@assay/program';

/** Real interval. */
export interface Interval {
  readonly lo: number;
  readonly hi: number;
}

/**
 * Smallest number with so many significant bits that is at least |x|, sign kept: ranges that differ in the
 * last float bits of a machine give the same program.
 */
export const roundAway = (x: number, bits = 8): number => {
  if (x === 0 || !Number.isFinite(x)) return x + 0;
  const exponent = Math.floor(Math.log2(Math.abs(x)));
  const unit = 2 ** (exponent + 1 - bits);
  return Math.sign(x) * Math.ceil(Math.abs(x) / unit) * unit;
};

export const roundInterval = ({ lo, hi }: Interval, bits = 8): Interval => ({
  lo: Math.min(0, roundAway(lo, bits)),
  hi: Math.max(0, roundAway(hi, bits)),
});

/** Integers that stand for a real interval that contains 0: real = scale · integer. */
export interface Quantization {
  readonly scale: number;
  readonly range: Range;
}

/**
 * `bits` bits for [lo, hi]: [0, 2^bits) or its mirror image where the interval is one-sided,
 * [−2^(bits−1), 2^(bits−1)) otherwise. Few distinct ranges, so that clamp tables are shared.
 */
export const quantizeInterval = ({ lo, hi }: Interval, bits: number): Quantization => {
  if (lo === 0 && hi === 0) return { scale: 1, range: { lo: 0, hi: 2 ** bits - 1 } };
  if (lo >= 0) return { scale: hi / (2 ** bits - 1), range: { lo: 0, hi: 2 ** bits - 1 } };
  if (hi <= 0) return { scale: -lo / (2 ** bits - 1), range: { lo: 1 - 2 ** bits, hi: 0 } };
  const half = 2 ** (bits - 1);
  return { scale: Math.max(hi / (half - 1), -lo / half), range: { lo: -half, hi: half - 1 } };
};

/** Halves up: the one rounding that tables and constants use. */
export const roundHalfUp = (x: number): number => Math.floor(x + 0.5) + 0;
