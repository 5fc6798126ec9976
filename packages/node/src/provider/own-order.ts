import type { Hex } from 'viem';
import type { JobRecord } from './records.ts';

/** First 52 bits of a hash or an address. */
const leading = (hex: Hex): number => Number.parseInt(hex.slice(2, 15), 16);
const HALF = 2 ** 26;

/** Distance of Kademlia: every address puts the jobs in another order. */
function distance(job: Hex, address: Hex): number {
  const [a, b] = [leading(job), leading(address)];
  const high = Math.trunc(a / HALF) ^ Math.trunc(b / HALF);
  return high * HALF + ((a % HALF) ^ (b % HALF));
}

/**
 * Jobs in the order in which a provider looks at them: those under way, then the `window` that nobody has locked and
 * that wait longest, nearest to its address first, then the others as they came. Providers that all began with the
 * oldest would want the same jobs at the same time, and all but one pay for a lock that reverts. Pure.
 */
export function inOwnOrder(
  records: readonly JobRecord[],
  address: Hex,
  window: number,
): readonly JobRecord[] {
  const seen = records.filter(({ phase }) => phase === 'seen');
  const near = seen
    .slice(0, window)
    .map((record) => ({ record, far: distance(record.id, address) }))
    .toSorted((a, b) => a.far - b.far)
    .map(({ record }) => record);
  const underWay = records.filter(({ phase }) => phase !== 'seen');
  return [...underWay, ...near, ...seen.slice(window)];
}
