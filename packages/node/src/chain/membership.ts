import {
  type Addresses,
  type MarketCalls,
  type MarketReads,
  type MarketView,
  sameHex,
} from '@assay/market';
import type { Hex } from 'viem';
import type { Store } from '../database/index.ts';
import type { Outbox } from '../outbox/index.ts';

export interface MembershipOptions {
  readonly reads: MarketReads;
  readonly calls: MarketCalls;
  readonly addresses: Addresses;
  readonly address: Hex;
  readonly store: Store;
  readonly outbox: Outbox;
  /** X25519 key that inputs are sealed to. */
  readonly encryptionKey: Hex;
  readonly endpoint: string;
  /** Staked once, at the first start. What is slashed is not made up for. */
  readonly stake: bigint;
}

const NO_HARDWARE: Hex = `0x${'0'.repeat(64)}`;

/** Keeps the registry's entry of a provider right, and stakes once. True: nothing is left to do. */
export async function ensureMembership(
  options: MembershipOptions,
  view: MarketView,
): Promise<boolean> {
  const { store, outbox, calls, address, endpoint, encryptionKey } = options;
  const known = view.provider(address);
  const isListed =
    known !== null && known.endpoint === endpoint && sameHex(known.encryptionKey, encryptionKey);
  if (!isListed) {
    const call = calls.updateProvider(encryptionKey, NO_HARDWARE, endpoint);
    const key = `update:${encryptionKey}:${endpoint}:${known === null ? 'first' : known.endpoint}`;
    store.transaction(() => outbox.enqueue(key, call));
  }
  return (await ensureStake(options)) && isListed;
}

async function ensureStake(options: MembershipOptions): Promise<boolean> {
  const { reads, calls, store, outbox, addresses, address, stake } = options;
  if (stake === 0n) return true;
  const key = `stake:${stake}`;
  const delivery = outbox.delivery(key);
  if (delivery?.state === 'refused' || delivery?.state === 'failed') outbox.retry(key);
  if (delivery !== null) return delivery.isSuccess === true;
  const account = await reads.account(address);
  // A database that was lost: the stake is there.
  if (account.free + account.reserved >= stake) return true;
  const allowance = await reads.allowance(address, addresses.providers);
  store.transaction(() => {
    if (allowance < stake) {
      outbox.enqueue(`approve:${key}`, calls.approve(addresses.providers, stake));
    } else {
      outbox.enqueue(key, calls.stake(stake));
    }
  });
  return false;
}
