import { disputesAbi, jobMarketAbi, modelRegistryAbi, providerRegistryAbi } from '@assay/contracts';
import { type Address, decodeEventLog, type Hex, type ParseEventLogsReturnType } from 'viem';
import { sameHex } from '../hex.ts';
import type { Addresses } from './addresses.ts';

export interface BlockRef {
  readonly number: bigint;
  readonly hash: Hex;
}

/** A log as the chain gave it: what is stored, and decoded again when it is read. */
export interface RawLog {
  readonly address: Address;
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly block: BlockRef;
  readonly logIndex: number;
  readonly transaction: Hex;
}

type NamesAndArgs<Log> = Log extends { eventName: infer Name; args: infer Args }
  ? { readonly name: Name; readonly args: Args }
  : never;
type EventsOf<
  Abi extends
    | typeof jobMarketAbi
    | typeof disputesAbi
    | typeof modelRegistryAbi
    | typeof providerRegistryAbi,
> = NamesAndArgs<ParseEventLogsReturnType<Abi, undefined, true>[number]>;

/** Whence an event is, its name and its arguments. */
export type EventBody =
  | ({ readonly contract: 'market' } & EventsOf<typeof jobMarketAbi>)
  | ({ readonly contract: 'disputes' } & EventsOf<typeof disputesAbi>)
  | ({ readonly contract: 'models' } & EventsOf<typeof modelRegistryAbi>)
  | ({ readonly contract: 'providers' } & EventsOf<typeof providerRegistryAbi>);

/** A log of one of the market's contracts, decoded. */
export type MarketEvent = EventBody & { readonly raw: RawLog };

const ABIS = {
  market: jobMarketAbi,
  disputes: disputesAbi,
  models: modelRegistryAbi,
  providers: providerRegistryAbi,
} as const;
const CONTRACTS = ['market', 'disputes', 'models', 'providers'] as const;

/** A log to an event; null: of another contract, or none of the events that this version knows. */
export function decodeEvent(addresses: Addresses, raw: RawLog): MarketEvent | null {
  const contract = CONTRACTS.find((name) => sameHex(addresses[name], raw.address));
  const [signature, ...rest] = raw.topics;
  if (contract === undefined || signature === undefined) return null;
  try {
    const { eventName, args } = decodeEventLog({
      abi: ABIS[contract],
      topics: [signature, ...rest],
      data: raw.data,
      strict: true,
    });
    // The ABI that decoded it is the one that the type is derived from.
    return { contract, name: eventName, args: args ?? {}, raw } as unknown as MarketEvent;
  } catch {
    return null;
  }
}

/** The job that an event is about; null: none. */
export function jobOf(event: MarketEvent): Hex | null {
  if ('job' in event.args && event.contract !== 'providers' && event.name !== 'Credited') {
    return event.args.job;
  }
  return null;
}
