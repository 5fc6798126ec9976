import { formatUnits, parseUnits } from 'viem';
import { UsageError } from '../outcome.ts';

/** Decimals of the market's token, a dollar. */
const DECIMALS = 6;

/** 1500000n → "1.50 $". */
export function formatDollars(amount: bigint): string {
  const [whole = '0', fraction = ''] = formatUnits(amount, DECIMALS).split('.');
  return `${whole}.${fraction.padEnd(2, '0').slice(0, DECIMALS)} $`;
}

/** "1.5" → 1500000n. @throws {UsageError} */
export function parseDollars(option: string, text: string): bigint {
  if (!/^\d{1,12}(\.\d{1,6})?$/.test(text)) {
    throw new UsageError(`${option}: expected an amount in dollars like 0.25, got "${text}"`);
  }
  return parseUnits(text, DECIMALS);
}
