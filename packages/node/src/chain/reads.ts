import { jobMarketAbi, providerRegistryAbi } from '@assay/contracts';
import type { Addresses } from '@assay/market';
import type { Hex, PublicClient } from 'viem';
import type { Reads } from '../provider/index.ts';

/** What the contracts say now, besides their events. */
export function chainReads(client: PublicClient, addresses: Addresses, account: Hex): Reads {
  const { market, providers } = addresses;
  return {
    head: async () => {
      const { number, timestamp } = await client.getBlock({ blockTag: 'latest' });
      return { number, timestamp: Number(timestamp) };
    },
    rules: (version) =>
      client.readContract({
        address: market,
        abi: jobMarketAbi,
        functionName: 'rules',
        args: [version],
      }),
    freeStake: async () => {
      const { free } = await client.readContract({
        address: providers,
        abi: providerRegistryAbi,
        functionName: 'account',
        args: [account],
      });
      return free;
    },
    credit: () =>
      client.readContract({
        address: market,
        abi: jobMarketAbi,
        functionName: 'balanceOf',
        args: [account],
      }),
  };
}
