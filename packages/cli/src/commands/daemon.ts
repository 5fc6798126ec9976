import { type DaemonOptions, startDaemon } from '@assay/node';
import { EXIT } from '../exit-codes.ts';
import { parseDollars } from '../network/amounts.ts';
import { interruption } from '../network/interruption.ts';
import {
  type AccountOptions,
  accountSecret,
  type LocalName,
  type NetworkOptions,
  openNetwork,
} from '../network/network-file.ts';
import { modelsFolder } from '../network/served-models.ts';
import { type Outcome, UsageError } from '../outcome.ts';
import type { CommonOptions } from '../terminal.ts';
import { parseHex } from '../parse.ts';
import { hexOf } from '@assay/market';
import type { CheatName } from '@assay/node/testing';

/** What provider and watcher have in common. */
export interface DaemonCommandOptions extends CommonOptions, NetworkOptions, AccountOptions {
  readonly folder: string;
  /** Bundles. */
  readonly model?: readonly string[];
  /** A folder of bundles: what is put there later is taken, too. */
  readonly models?: string;
  readonly host?: string;
  readonly port?: number;
  readonly publicUrl?: string;
  readonly confirmations?: number;
  readonly pollMs?: number;
  readonly threads?: number;
  readonly logLevel?: string;
}

export interface ProvideOptions extends DaemonCommandOptions {
  readonly stake: string;
  readonly leastPay?: string;
  readonly places?: number;
  readonly verifierSet?: readonly string[];
  readonly rescues?: boolean;
  readonly withdrawAbove?: string;
  /** Local networks: how the demonstration's cheats depart from what is right. */
  readonly cheat?: CheatName;
}

export interface WatchOptions extends DaemonCommandOptions {
  readonly share?: number;
  readonly challenges?: boolean;
}

/** Runs jobs for money until it is told to stop. */
export async function provide(options: ProvideOptions): Promise<Outcome> {
  const { leastPay, places, verifierSet, rescues, withdrawAbove, cheat } = options;
  const alterWork = cheat === undefined ? undefined : await cheating(cheat, options);
  return daemon(
    options,
    {
      provider: {
        stake: parseDollars('--stake', options.stake),
        leastPay: leastPay === undefined ? undefined : parseDollars('--least-pay', leastPay),
        places,
        verifierSets: verifierSet?.map((text) =>
          hexOf(parseHex('--verifier-set', text.replace(/^0x/, ''), 32, 32)),
        ),
        takesRescues: rescues,
        withdrawAbove:
          withdrawAbove === undefined ? null : parseDollars('--withdraw-above', withdrawAbove),
      },
      alterWork,
    },
    'provider-1',
  );
}

/** For demonstrations on a chain of one's own: elsewhere it would cost the stake. @throws {UsageError} */
async function cheating(
  cheat: CheatName,
  options: NetworkOptions,
): Promise<DaemonOptions['alterWork']> {
  if (!openNetwork(options).local) throw new UsageError('--cheat is for local networks');
  const { CHEATS, cheatingWork } = await import('@assay/node/testing');
  return (honest) => cheatingWork(honest, CHEATS[cheat]);
}

/** Runs submitted jobs again, and proves what is wrong, until it is told to stop. */
export function watch(options: WatchOptions): Promise<Outcome> {
  const { share, challenges } = options;
  return daemon(options, { watcher: { share, challenges } }, 'watcher');
}

async function daemon(
  options: DaemonCommandOptions,
  roles: Pick<DaemonOptions, 'provider' | 'watcher' | 'alterWork'>,
  fallback: LocalName,
): Promise<Outcome> {
  const network = openNetwork(options);
  const { model, models } = options;
  // On a local network `model register` puts models where its daemons look.
  const shelf =
    models ?? (network.local && model === undefined ? modelsFolder(network) : undefined);
  if (model === undefined && shelf === undefined) {
    throw new UsageError(
      '--model DIR or --models FOLDER is missing: which models, after `assay setup`?',
    );
  }
  const started = performance.now();
  const running = await startDaemon({
    ...roles,
    folder: options.folder,
    rpcUrl: network.rpcUrl,
    addresses: network.addresses,
    secret: accountSecret(network, options, fallback),
    bundles: model ?? [],
    modelsFolder: shelf,
    host: options.host,
    port: options.port,
    publicUrl: options.publicUrl,
    confirmations: options.confirmations,
    pollMs: options.pollMs,
    threads: options.threads,
    logLevel: options.logLevel ?? (options.quiet === true ? 'warn' : 'info'),
  });
  await interruption();
  await running.stop();
  const seconds = Math.round((performance.now() - started) / 1000);
  return {
    exitCode: EXIT.ok,
    json: { ok: true, address: running.address, seconds },
    text: `stopped     ${running.address} after ${seconds} s`,
  };
}
