import { join } from 'node:path';
import { EXIT } from '../exit-codes.ts';
import { interruption } from '../network/interruption.ts';
import { startLocalNetwork } from '../network/local-network.ts';
import { accountNames, followMarket, marketFigures } from '../network/market-figures.ts';
import { renderMarket } from '../network/market-table.ts';
import { knownTitles } from '../network/model.ts';
import { openNetwork } from '../network/network-file.ts';
import { type Role, startRole } from '../network/roles.ts';
import { waitForStake } from '../network/stakes.ts';
import type { Outcome } from '../outcome.ts';
import { type CommonOptions, progressFor } from '../terminal.ts';
import { registerModel } from './model-register.ts';

export interface NetworkUpOptions extends CommonOptions {
  readonly folder: string;
  readonly port?: number;
  readonly blockTime: number;
  readonly providers: number;
  readonly stake: string;
  /** Bundles to register at once. */
  readonly model?: readonly string[];
  readonly watch: boolean;
  readonly fresh?: boolean;
}

const PROVIDERS = ['provider-1', 'provider-2', 'provider-3'] as const;

/** A chain with a market on it, providers and a watcher, on this machine, until Ctrl-C. */
export async function networkUp(options: NetworkUpOptions): Promise<Outcome> {
  const { folder, blockTime } = options;
  const progress = progressFor(options);
  const interrupted = interruption();
  progress.update('chain', 0, 0);
  const local = await startLocalNetwork({
    folder,
    port: options.port,
    blockTimeSeconds: blockTime,
    fresh: options.fresh,
  });
  const roles: Role[] = [];
  try {
    for (const bundle of options.model ?? []) {
      progress.update('models', 0, 0);
      await registerModel(bundle, { network: folder, account: 'deployer' });
    }
    progress.update('daemons', 0, 0);
    const names = PROVIDERS.slice(0, options.providers);
    for (const name of names) {
      roles.push(startRole(folder, name, 'provide', ['--stake', options.stake]));
    }
    if (options.watch) roles.push(startRole(folder, 'watcher', 'watch', []));
    const network = openNetwork({ network: folder });
    const abort = new AbortController();
    void interrupted.then(() => abort.abort());
    await waitForStake(network, names, abort.signal);
    progress.end();
    const figures = await marketFigures(network, followMarket(network), knownTitles(network));
    const accounts = accountNames(network);
    if (options.json !== true) {
      process.stdout.write(
        [
          `chain       ${local.rpcUrl} (${local.deployed.length === 0 ? 'continued' : `${local.deployed.length} contracts deployed`}), a block every ${blockTime} s`,
          `network     ${join(folder, 'network.json')}`,
          `logs        ${roles.map(({ log }) => log).join(', ')}`,
          '',
          renderMarket(figures, 20),
          '',
          'Next: assay model register DIR, then assay job submit DIR --input FILE --price 0.10',
          'Ctrl-C ends everything; the chain is kept for the next start.',
          '',
        ].join('\n'),
      );
    }
    await interrupted;
    return {
      exitCode: EXIT.ok,
      json: { ok: true, rpcUrl: local.rpcUrl, network: folder, accounts: [...accounts] },
      text: 'stopped',
    };
  } finally {
    await Promise.all(roles.map((role) => role.stop()));
    await local.stop();
  }
}
