import { AssayError } from '@assay/core/errors';
import { localAccount } from '@assay/market/node';
import { followMarket, marketFigures } from './market-figures.ts';
import { LOCAL_ACCOUNTS, type LocalName, type Network } from './network-file.ts';

const JOIN_MS = 120_000;
const POLL_MS = 300;

/** Waits until providers have staked and said where they are. @throws {AssayError} ASSAY_NETWORK_START */
export async function waitForStake(
  network: Network,
  names: readonly LocalName[],
  signal?: AbortSignal,
): Promise<void> {
  const follower = followMarket(network);
  const wanted = names.map((name) => localAccount(LOCAL_ACCOUNTS[name]).address.toLowerCase());
  const end = Date.now() + JOIN_MS;
  while (signal?.aborted !== true) {
    const { providers } = await marketFigures(network, follower, new Map());
    const staked = new Set(
      providers
        .filter(({ free, reserved }) => free + reserved > 0n)
        .map(({ address }) => address.toLowerCase()),
    );
    if (wanted.every((address) => staked.has(address))) return;
    if (Date.now() > end) {
      throw new AssayError({
        code: 'ASSAY_NETWORK_START',
        shortMessage: `${names.join(', ')}: no stake after ${JOIN_MS / 1000} s`,
        details: "Their logs, in the network's folder, say why.",
      });
    }
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
}
