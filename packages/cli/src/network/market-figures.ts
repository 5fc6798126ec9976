import { providerRegistryAbi } from '@assay/contracts';
import { Follower, type MarketView, MemoryFollowerStore } from '@assay/market';
import { localAccount } from '@assay/market/node';
import type { Hex } from 'viem';
import type { MarketFigures, ProviderFigures } from './market-table.ts';
import { LOCAL_ACCOUNTS, type Network } from './network-file.ts';

/** The market as its events tell it, followed from the first. */
export function followMarket(network: Network): Follower {
  const { client, addresses } = network;
  return new Follower({ client, addresses, store: new MemoryFollowerStore() });
}

/** Names of accounts that a local network has given; none elsewhere. */
export function accountNames(network: Network): ReadonlyMap<string, string> {
  if (!network.local) return new Map();
  return new Map(
    Object.entries(LOCAL_ACCOUNTS).map(([name, index]) => [
      localAccount(index).address.toLowerCase(),
      name,
    ]),
  );
}

async function providerFigures(network: Network, view: MarketView): Promise<ProviderFigures[]> {
  return Promise.all(
    [...view.providers.values()].map(async ({ address, endpoint }) => {
      const account = await network.client.readContract({
        address: network.addresses.providers,
        abi: providerRegistryAbi,
        functionName: 'account',
        args: [address],
      });
      const { free, reserved, done, late, slashed } = account;
      return { address, endpoint, free, reserved, done, late, slashed };
    }),
  );
}

/** Everything that the table shows, as of now. */
export async function marketFigures(
  network: Network,
  follower: Follower,
  titles: ReadonlyMap<Hex, string>,
): Promise<MarketFigures> {
  await follower.poll();
  const [{ number: head, timestamp }, providers] = await Promise.all([
    network.client.getBlock(),
    providerFigures(network, follower.view),
  ]);
  const names = accountNames(network);
  return { view: follower.view, providers, titles, names, head, now: Number(timestamp) };
}
