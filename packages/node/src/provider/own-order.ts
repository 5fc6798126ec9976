import type { Hex } from 'viem';
import type { JobRecord } from './records.ts';

/** 32 bits of a hash or an address. */
const word = (hex: Hex): number => Number.parseInt(hex.slice(2, 10), 16) | 0;

/** A place for a job that looks random, and is another one for every address: the finaliser of MurmurHash3. */
function placeOf(job: Hex, address: Hex): number {
  let h = word(job) ^ word(address);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * Jobs in the order in which a provider looks at them: those under way, then the `window` that nobody has locked and
 * that wait longest, in an order of its address, then the others as they came. Providers that all began with the
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
    .map((record) => ({ record, at: placeOf(record.id, address) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ record }) => record);
  const underWay = records.filter(({ phase }) => phase !== 'seen');
  return [...underWay, ...near, ...seen.slice(window)];
}
