import type { Addresses } from '@assay/market';
import type { Hex } from 'viem';
import type { FetchSettings } from './fetch-input.ts';
import type { ModelService } from './models/index.ts';
import type { Work } from './provider/index.ts';

export interface ProviderSettings {
  /** Staked at the first start, in the token's smallest unit. */
  readonly stake: bigint;
  /** Least pay for a job. @default 0 */
  readonly leastPay?: bigint | undefined;
  /** Jobs under way at a time. @default 4 */
  readonly places?: number | undefined;
  /** Sets of verifiers whose word is accepted (`verifierSetHash`). @default none */
  readonly verifierSets?: readonly Hex[] | undefined;
  /** Most stake that one job may reserve. @default the stake */
  readonly mostReserve?: bigint | undefined;
  /** @default 5 */
  readonly marginSeconds?: number | undefined;
  /** @default true */
  readonly takesRescues?: boolean | undefined;
  /** Credits above this are withdrawn to the own address; null: they stay. @default null */
  readonly withdrawAbove?: bigint | null | undefined;
}

export interface WatcherSettings {
  /** Share of submissions that are checked. @default 1 */
  readonly share?: number | undefined;
  /** Demands refused data on chain, with bonds from the own tokens. @default true */
  readonly challenges?: boolean | undefined;
}

export interface DaemonOptions {
  /** Database and artefacts; one daemon at a time. */
  readonly folder: string;
  readonly rpcUrl: string;
  readonly addresses: Addresses;
  /** The account's private key, 32 bytes; keys for receipts and sealed inputs are derived from it. */
  readonly secret: Uint8Array;
  /** Folders of compiled models. */
  readonly bundles: readonly string[];
  /** A folder of them: what is put there later is taken, too. */
  readonly modelsFolder?: string | undefined;
  readonly provider?: ProviderSettings | undefined;
  readonly watcher?: WatcherSettings | undefined;
  /** @default 127.0.0.1 */
  readonly host?: string | undefined;
  /** @default a free one */
  readonly port?: number | undefined;
  /** How others reach it. @default where it listens */
  readonly publicUrl?: string | undefined;
  /** Blocks on top of one before it counts. @default 2 */
  readonly confirmations?: number | undefined;
  /** Between looks at the chain. @default 1000 */
  readonly pollMs?: number | undefined;
  /** Unmined transactions offer more after this time. @default 30000 */
  readonly bumpAfterMs?: number | undefined;
  /** Threads of the kernels. @default the machine's */
  readonly threads?: number | undefined;
  /** Models whose runs have larger traces give no trace evidence here. @default a quarter of the memory */
  readonly mostTraceBytes?: number | undefined;
  /** Traces that are kept in memory. @default 4 */
  readonly keptTraces?: number | undefined;
  readonly fetch?: FetchSettings | undefined;
  /** @default 'info' */
  readonly logLevel?: string | undefined;
  /** Where log lines go. @default standard error */
  readonly writeLog?: ((line: string) => void) | undefined;
  /** Replaces what the provider does for a job: for tests of those who watch it. */
  readonly alterWork?: ((honest: ModelService) => Work) | undefined;
}
