import { refusalOf } from '@assay/market';
import {
  BaseError,
  createPublicClient,
  keccak256,
  type LocalAccount,
  TransactionReceiptNotFoundError,
  type Transport,
} from 'viem';
import type { Call, Fees, MinedReceipt, SignedCall, Wire } from './types.ts';

export interface WireOptions {
  readonly transport: Transport;
  readonly chainId: number;
  readonly account: LocalAccount;
}

/** A node of the chain by JSON-RPC and an account whose key is here. */
export function createWire({ transport, chainId, account }: WireOptions): Wire {
  const client = createPublicClient({ transport });
  const from = account.address;
  return {
    address: from,
    head: () => client.getBlockNumber({ cacheTime: 0 }),
    countOf: (block) =>
      client.getTransactionCount({
        address: from,
        ...(block === undefined ? { blockTag: 'latest' } : { blockNumber: block }),
      }),
    estimate: async (call: Call) => {
      try {
        const { to, data, value = 0n } = call;
        return { gas: await client.estimateGas({ account: from, to, data, value }) };
      } catch (cause) {
        const refusal = refusalOf(cause);
        if (refusal === null) throw cause;
        return { refusal };
      }
    },
    fees: async (): Promise<Fees> => {
      const { maxFeePerGas, maxPriorityFeePerGas } = await client.estimateFeesPerGas();
      return { maxFeePerGas, maxPriorityFeePerGas };
    },
    sign: async (call): Promise<SignedCall> => {
      const raw = await account.signTransaction({
        type: 'eip1559',
        chainId,
        to: call.to,
        data: call.data,
        value: call.value ?? 0n,
        nonce: call.nonce,
        gas: call.gas,
        maxFeePerGas: call.maxFeePerGas,
        maxPriorityFeePerGas: call.maxPriorityFeePerGas,
      });
      return { raw, hash: keccak256(raw) };
    },
    broadcast: async (raw) => {
      try {
        await client.sendRawTransaction({ serializedTransaction: raw });
        return { problem: null };
      } catch (cause) {
        if (!(cause instanceof BaseError)) throw cause;
        // Known, mined, replaced, or not taken now: what became of it the next round asks the chain.
        return { problem: cause.details ?? cause.shortMessage };
      }
    },
    receipt: async (hash): Promise<MinedReceipt | null> => {
      try {
        const receipt = await client.getTransactionReceipt({ hash });
        const { blockNumber: block, status, gasUsed } = receipt;
        return { hash, block, isSuccess: status === 'success', gasUsed };
      } catch (cause) {
        if (cause instanceof TransactionReceiptNotFoundError) return null;
        throw cause;
      }
    },
  };
}
