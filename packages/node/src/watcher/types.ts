import type { JobView, MarketView, ModelView } from '@assay/market';
import type { TensorRef, TraceProgram, TraceTrees } from '@assay/program/trace';
import type { TreeReader } from '@assay/runtime/trace';
import type { Hex } from 'viem';
import type { Store } from '../database/index.ts';
import type { DisputeCalls, Evidence } from '../disputes/index.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { Call, Outbox } from '../outbox/index.ts';
import type { Head, Reads } from '../provider/index.ts';

/** What checks submissions: a model's program and weights, and the search for fraud. */
export interface Inspector {
  /** Text: why submissions for the model cannot be checked. */
  covers(model: ModelView): Promise<string | null>;
  checkInput(job: JobView, input: Uint8Array): Promise<string | null>;
  /** The trees of an honest run. */
  trees(job: JobView, input: Uint8Array): Promise<TraceTrees | null>;
  /** What a job's model is checked by. Null: it has no trace. */
  program(job: JobView): TraceProgram | null;
  /**
   * Evidence that the contract accepts, from nodes of the submitted trees. Null: none is found.
   *
   * @param first - to look around this tensor alone
   */
  findFraud(
    job: JobView,
    mine: TraceTrees,
    theirs: TreeReader,
    first?: TensorRef,
  ): Promise<Evidence | null>;
}

export interface Situation {
  readonly view: MarketView;
  readonly head: Head;
}

export interface WatcherOptions {
  readonly address: Hex;
  readonly store: Store;
  readonly outbox: Outbox;
  readonly view: () => MarketView;
  readonly reads: Reads;
  readonly calls: DisputeCalls;
  readonly inspector: Inspector;
  readonly fetchInput: (job: JobView) => Promise<Uint8Array>;
  /** Nodes as the provider serves them. */
  readonly readerOf: (job: JobView) => TreeReader;
  /** Share of submissions that are checked, in [0, 1]. @default 1 */
  readonly share?: number | undefined;
  /** Demands data on chain where they are refused; needs bonds. */
  readonly challenges: boolean;
  /** Brings own tokens into the market for a bond: an allowance, then a deposit. */
  readonly fund: (amount: bigint) => readonly [approve: Call, deposit: Call];
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly wake: () => void;
}
