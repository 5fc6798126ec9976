import { createSender, MarketClient, type Sender } from '@assay/market';
import { type AccountOptions, accountFor, type LocalName, type Network } from './network-file.ts';

/** A client that signs with the account that the options name. */
export function clientFor(
  network: Network,
  options: AccountOptions,
  fallback: LocalName = 'requester',
): MarketClient {
  const { client, addresses } = network;
  const sender = signing(network, options, fallback);
  return new MarketClient({ client, addresses, sender });
}

/** The account that the options name. */
export function signing(network: Network, options: AccountOptions, fallback: LocalName): Sender {
  const account = accountFor(network, options, fallback);
  return createSender({ client: network.client, account });
}

/** A client that looks on. */
export function onlooker({ client, addresses }: Network): MarketClient {
  return new MarketClient({ client, addresses, sender: null });
}
