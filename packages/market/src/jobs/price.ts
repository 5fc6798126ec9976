import type { JobParams } from './types.ts';

/**
 * Price at a time: minPrice until rampStart, then linearly up to maxPrice within rampSeconds,
 * rounded down: what `lock` would fix in a block of that timestamp.
 */
export function priceAt(
  p: Pick<JobParams, 'minPrice' | 'maxPrice' | 'rampStart' | 'rampSeconds'>,
  unixSeconds: number,
): bigint {
  if (unixSeconds <= p.rampStart) return p.minPrice;
  const elapsed = unixSeconds - p.rampStart;
  if (elapsed >= p.rampSeconds) return p.maxPrice;
  return p.minPrice + ((p.maxPrice - p.minPrice) * BigInt(elapsed)) / BigInt(p.rampSeconds);
}

/** First second at which the price is at least `wanted`; null: never. */
export function priceReaches(
  p: Pick<JobParams, 'minPrice' | 'maxPrice' | 'rampStart' | 'rampSeconds'>,
  wanted: bigint,
): number | null {
  if (wanted <= p.minPrice) return 0;
  if (wanted > p.maxPrice) return null;
  const span = p.maxPrice - p.minPrice;
  const seconds = ((wanted - p.minPrice) * BigInt(p.rampSeconds) + span - 1n) / span;
  return p.rampStart + Number(seconds);
}
