import type { AddressBook } from '@assay/contracts/deploy';
import type { Address } from 'viem';

/** Where the market's contracts are, and since when. */
export interface Addresses {
  readonly chainId: number;
  /** First block that can hold an event of theirs. */
  readonly fromBlock: bigint;
  readonly market: Address;
  readonly disputes: Address;
  readonly models: Address;
  readonly providers: Address;
  readonly token: Address;
}

export function addressesOf({ chainId, fromBlock, contracts }: AddressBook): Addresses {
  return {
    chainId,
    fromBlock: BigInt(fromBlock),
    market: contracts.market.address,
    disputes: contracts.disputes.address,
    models: contracts.models.address,
    providers: contracts.providers.address,
    token: contracts.token.address,
  };
}
