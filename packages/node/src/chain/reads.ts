import type { MarketReads } from '@assay/market';
import type { Hex } from 'viem';
import type { Reads } from '../provider/index.ts';

/** What the contracts say of one account, and of everyone. */
export function readsOf(reads: MarketReads, account: Hex): Reads {
  return {
    head: () => reads.head(),
    rules: (version) => reads.rules(version),
    freeStake: async () => (await reads.account(account)).free,
    credit: () => reads.balance(account),
  };
}
