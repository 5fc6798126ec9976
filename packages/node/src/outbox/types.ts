import type { Hex } from 'viem';

/** A call that this account wants mined. */
export interface Call {
  readonly to: Hex;
  readonly data: Hex;
  readonly value?: bigint | undefined;
}

export interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

export interface SignedCall {
  readonly raw: Hex;
  readonly hash: Hex;
}

export interface MinedReceipt {
  readonly hash: Hex;
  readonly block: bigint;
  readonly isSuccess: boolean;
  readonly gasUsed: bigint;
}

/** A call that the chain would not carry out: what its contract says, in words and as data. */
export interface Refusal {
  readonly reason: string;
  readonly data: Hex | null;
}

/** What an outbox needs of an account and of a node of the chain. Network failures throw; refusals are answers. */
export interface Wire {
  readonly address: Hex;
  head(): Promise<bigint>;
  /** Transactions of the account that are mined in the block, or in the latest one. */
  countOf(block?: bigint): Promise<number>;
  estimate(call: Call): Promise<{ readonly gas: bigint } | { readonly refusal: Refusal }>;
  fees(): Promise<Fees>;
  sign(call: Call & Fees & { readonly nonce: number; readonly gas: bigint }): Promise<SignedCall>;
  /** Refused because it is known, replaced or mined already: also an answer. */
  broadcast(raw: Hex): Promise<{ readonly problem: string | null }>;
  receipt(hash: Hex): Promise<MinedReceipt | null>;
}

/**
 * queued: wanted, no nonce yet. sent: signed, stored, and broadcast as often as it takes.
 * mined: in a block that may still be replaced. confirmed: deep enough. failed: deep enough, reverted.
 * refused: would revert, was never signed.
 */
export type DeliveryState = 'queued' | 'sent' | 'mined' | 'confirmed' | 'failed' | 'refused';

export interface Delivery {
  readonly key: string;
  readonly state: DeliveryState;
  /** Of the attempt that was mined; null before. */
  readonly hash: Hex | null;
  readonly block: bigint | null;
  /** Mined: whether it succeeded. Null before. */
  readonly isSuccess: boolean | null;
  readonly refusal: Refusal | null;
}

/** Transactions that happen once, whatever happens to the process that wanted them. */
export interface Outbox {
  /**
   * Wants a call mined, once for each key. Part of the caller's database transaction: together with
   * the state that says so, or not at all. A key that is known is left as it is.
   */
  enqueue(key: string, call: Call): void;
  /** A call that was refused or failed is wanted again, with other data if given. */
  retry(key: string, call?: Call): void;
  delivery(key: string): Delivery | null;
  /** Signs, broadcasts, raises fees and looks for receipts: one round. */
  step(): Promise<void>;
  /** Calls that are not settled. */
  readonly pending: number;
}
