import { AssayError } from '@assay/core/errors';
import {
  type Address,
  type Hex,
  keccak256,
  type LocalAccount,
  type PublicClient,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
} from 'viem';
import { pause } from '../chain/index.ts';
import type { Call } from './calls.ts';
import { refusalOf } from './refusals.ts';

/** Gets transactions of one account mined. A daemon has one that survives `kill -9`; this one waits. */
export interface Sender {
  readonly address: Address;
  /**
   * @throws {AssayError} ASSAY_CALL_REFUSED: it would revert, and was not sent; ASSAY_CALL_REVERTED: it was
   *   mined and did; ASSAY_CALL_PENDING: not mined in time
   */
  send(call: Call): Promise<TransactionReceipt>;
}

export interface SenderOptions {
  readonly client: PublicClient;
  readonly account: LocalAccount;
  /** @default 120000 */
  readonly timeoutMs?: number | undefined;
  /** Between looks for a receipt. @default 200 */
  readonly pollMs?: number | undefined;
  /** Called with every signed transaction before it is broadcast: store it, and broadcasting it again is safe. */
  readonly onSigned?: ((signed: { readonly hash: Hex; readonly raw: Hex }) => void) | undefined;
}

/** An estimate is of the state now; the transaction runs on a later one. */
const GAS_PERCENT = 125n;

export function createSender(options: SenderOptions): Sender {
  let last: Promise<unknown> = Promise.resolve();
  return {
    address: options.account.address,
    send: (call) => {
      // One after the other: two that run at once would count the same nonce.
      const sent = last.then(() => sign(options, call));
      last = sent.catch(() => null);
      return sent.then((signed) => mined(options, signed));
    },
  };
}

interface Signed {
  readonly raw: Hex;
  readonly hash: Hex;
}

async function sign({ client, account, onSigned }: SenderOptions, call: Call): Promise<Signed> {
  const from = account.address;
  let gas: bigint;
  try {
    gas = await client.estimateGas({ account: from, ...call });
  } catch (cause) {
    const refusal = refusalOf(cause);
    if (refusal === null) throw cause;
    throw new AssayError({
      code: 'ASSAY_CALL_REFUSED',
      shortMessage: `the contract refuses: ${refusal.reason}`,
      details: refusal.name,
      cause,
    });
  }
  const [nonce, chainId, fees] = await Promise.all([
    client.getTransactionCount({ address: from, blockTag: 'pending' }),
    client.getChainId(),
    client.estimateFeesPerGas(),
  ]);
  const raw = await account.signTransaction({
    type: 'eip1559',
    chainId,
    nonce,
    ...call,
    gas: (gas * GAS_PERCENT) / 100n,
    maxFeePerGas: fees.maxFeePerGas,
    maxPriorityFeePerGas: fees.maxPriorityFeePerGas,
  });
  const hash = keccak256(raw);
  onSigned?.({ hash, raw });
  await client.sendRawTransaction({ serializedTransaction: raw });
  return { raw, hash };
}

async function mined(
  { client, timeoutMs = 120_000, pollMs = 200 }: SenderOptions,
  { hash, raw }: Signed,
): Promise<TransactionReceipt> {
  const end = Date.now() + timeoutMs;
  for (let attempt = 1; Date.now() < end; attempt++) {
    const receipt = await receiptOf(client, hash);
    if (receipt?.status === 'success') return receipt;
    if (receipt !== null) {
      throw new AssayError({
        code: 'ASSAY_CALL_REVERTED',
        shortMessage: `transaction ${hash} was mined and reverted`,
      });
    }
    await pause(pollMs);
    // A node that has lost its pool is told again; one that has not answers that it knows.
    if (attempt % 25 === 0) {
      await client.sendRawTransaction({ serializedTransaction: raw }).catch(() => null);
    }
  }
  throw new AssayError({
    code: 'ASSAY_CALL_PENDING',
    shortMessage: `transaction ${hash} was not mined within ${timeoutMs} ms`,
    details: 'It may still be.',
  });
}

async function receiptOf(client: PublicClient, hash: Hex): Promise<TransactionReceipt | null> {
  try {
    return await client.getTransactionReceipt({ hash });
  } catch (error) {
    if (error instanceof TransactionReceiptNotFoundError) return null;
    throw error;
  }
}
