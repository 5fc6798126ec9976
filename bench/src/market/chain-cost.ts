import { disputesAbi, jobMarketAbi, modelRegistryAbi, providerRegistryAbi } from '@assay/contracts';
import type { LocalMarket } from '@assay/market/testing';
import { type Abi, decodeFunctionData, erc20Abi, type Hex } from 'viem';

/** Transactions of one function. */
export interface CallCost {
  readonly call: string;
  readonly transactions: number;
  /** Mined, and without effect: two wanted the same. */
  readonly reverted: number;
  readonly medianGas: number;
  readonly totalGas: number;
}

const ABIS: readonly Abi[] = [
  jobMarketAbi,
  providerRegistryAbi,
  modelRegistryAbi,
  disputesAbi,
  erc20Abi,
];

function nameOf(input: Hex): string {
  for (const abi of ABIS) {
    try {
      return decodeFunctionData({ abi, data: input }).functionName;
    } catch {
      // Of another contract.
    }
  }
  return input.slice(0, 10);
}

/** Gas of every transaction above a block, by the function that it calls; most of it first. */
export async function costsSince(
  { client }: LocalMarket,
  above: bigint,
): Promise<readonly CallCost[]> {
  const head = await client.getBlockNumber({ cacheTime: 0 });
  const gas = new Map<string, number[]>();
  const reverted = new Map<string, number>();
  for (let number = above + 1n; number <= head; number++) {
    const block = await client.getBlock({ blockNumber: number, includeTransactions: true });
    if (block.transactions.length === 0) continue;
    for (const { hash, input } of block.transactions) {
      const { gasUsed, status } = await client.getTransactionReceipt({ hash });
      const name = nameOf(input);
      gas.set(name, [...(gas.get(name) ?? []), Number(gasUsed)]);
      if (status !== 'success') reverted.set(name, (reverted.get(name) ?? 0) + 1);
    }
  }
  return [...gas]
    .map(([call, used]): CallCost => {
      const sorted = used.toSorted((a, b) => a - b);
      return {
        call,
        transactions: used.length,
        reverted: reverted.get(call) ?? 0,
        medianGas: sorted[sorted.length >> 1] ?? 0,
        totalGas: used.reduce((a, b) => a + b, 0),
      };
    })
    .toSorted((a, b) => b.totalGas - a.totalGas);
}
