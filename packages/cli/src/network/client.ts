import { createSender, MarketClient } from '@assay/market';
import { type AccountOptions, accountFor, type LocalName, type Network } from './network-file.ts';

/** A client that signs with the account that the options name. */
export function clientFor(
  network: Network,
  options: AccountOptions,
  fallback: LocalName = 'requester',
): MarketClient {
  const { client, addresses } = network;
  const sender = createSender({ client, account: accountFor(network, options, fallback) });
  return new MarketClient({ client, addresses, sender });
}

/** A client that looks on. */
export function onlooker({ client, addresses }: Network): MarketClient {
  return new MarketClient({ client, addresses, sender: null });
}
