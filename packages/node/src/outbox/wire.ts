import {
  BaseError,
  createPublicClient,
  type Hex,
  keccak256,
  type LocalAccount,
  RawContractError,
  TransactionReceiptNotFoundError,
  type Transport,
} from 'viem';
import type { Call, Fees, MinedReceipt, Refusal, SignedCall, Wire } from './types.ts';

export interface WireOptions {
  readonly transport: Transport;
  readonly chainId: number;
  readonly account: LocalAccount;
}

/** Data of a revert, wherever in the chain of causes the client has put it. */
function revertData(cause: unknown): Hex | null {
  if (!(cause instanceof BaseError)) return null;
  const raw = cause.walk(
    (e) => e instanceof RawContractError || (e instanceof Error && 'data' in e),
  );
  if (raw === null || !('data' in raw)) return null;
  const data: unknown = raw.data;
  const inner = typeof data === 'object' && data !== null && 'data' in data ? data.data : data;
  return typeof inner === 'string' && inner.startsWith('0x') ? (inner as Hex) : null;
}

/** Errors of execution have code 3, or say so; all others are of the node or of the way to it. */
function refusalOf(cause: unknown): Refusal | null {
  if (!(cause instanceof BaseError)) return null;
  const text = `${cause.shortMessage} ${cause.details ?? ''}`;
  const data = revertData(cause);
  const isRevert = data !== null || /revert|execution|out of gas|gas required exceeds/i.test(text);
  return isRevert ? { reason: cause.details ?? cause.shortMessage, data } : null;
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
