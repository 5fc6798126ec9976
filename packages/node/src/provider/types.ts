import type { JobParams, JobView, MarketView, ModelView, Rules, Submission } from '@assay/market';
import type { ArtefactStore } from '@assay/market/node';
import type { TraceTrees } from '@assay/program/trace';
import type { Hex } from 'viem';
import type { Store } from '../database/index.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { Call, Outbox } from '../outbox/index.ts';
import type { Phase } from './phases.ts';

/** What a model that is served can give. */
export interface Capability {
  /** Its record has been derived here, and is the registered one. */
  readonly evidence: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly canUnseal: boolean;
}

export interface Executed {
  /** Encoded as the contract reads it. */
  readonly output: Uint8Array;
  readonly outputRoot: Hex;
  /** 0: no trace was asked for. */
  readonly traceRoot: Hex;
}

export interface Proven {
  readonly receipt: Uint8Array;
  /** Output that only the requester can open, and the root that names it; null: public. */
  readonly sealed: { readonly output: Uint8Array; readonly root: Hex } | null;
}

/** Whatever needs a model: its record, its program, its weights, its prover. */
export interface Work {
  /** Text: why it is not served. */
  capability(model: ModelView): Promise<Capability | string>;
  /** Root and ranges. Null: right; text: what is wrong. */
  checkInput(job: JobView, input: Uint8Array): Promise<string | null>;
  /** Opens what the requester has sealed to this provider. @throws when it is not that */
  unseal(job: JobView, ciphertext: Uint8Array): Promise<Uint8Array>;
  execute(job: JobView, input: Uint8Array): Promise<Executed>;
  prove(job: JobView, input: Uint8Array): Promise<Proven>;
  /** Null: not served. */
  trees(job: JobView, input: Uint8Array): Promise<TraceTrees | null>;
  /** A job has ended: its secrets go. */
  forget(job: Hex): void;
}

export interface Head {
  readonly number: bigint;
  /** Unix seconds. */
  readonly timestamp: number;
}

/** What the chain says besides events. */
export interface Reads {
  head(): Promise<Head>;
  rules(version: bigint): Promise<Rules>;
  freeStake(): Promise<bigint>;
  /** Balance inside the market. */
  credit(): Promise<bigint>;
}

/** Transactions of a provider. */
export interface Calls {
  lock(params: JobParams): Call;
  acknowledge(params: JobParams): Call;
  submit(params: JobParams, submission: Submission, output: Hex, uri: string): Call;
  finalize(job: Hex): Call;
  expire(params: JobParams): Call;
  withdraw(to: Hex, amount: bigint): Call;
}

/** Which jobs are taken, and when. */
export interface Policy {
  /** Least pay by model, in the token's smallest unit. Null: any. */
  readonly leastPay: (model: Hex) => bigint;
  /** Jobs between choice and submission at a time. */
  readonly places: number;
  /** Verifier sets whose word is accepted (`verifierSetHash`). */
  readonly verifierSets: ReadonlySet<Hex>;
  /** Blocks on top of the lock before an output is revealed. */
  readonly confirmations: number;
  /** Most that is reserved for one job. */
  readonly mostReserve: bigint;
  /** Longest window, for which the reserve is held. @default 86400 */
  readonly mostWindowSeconds?: number | undefined;
  /** The same in blocks. @default 43200 */
  readonly mostWindowBlocks?: number | undefined;
  /** Seconds of work that are kept as a margin. */
  readonly marginSeconds: number;
  readonly takesRescues: boolean;
  /** Credits above this are withdrawn to the provider's own address. Null: stay. */
  readonly withdrawAbove: bigint | null;
}

/** The market as it stands. */
export interface Situation {
  readonly view: MarketView;
  readonly head: Head;
}

export interface ProviderOptions {
  readonly address: Hex;
  /** Where this provider's artefacts and traces are served. */
  readonly endpoint: () => string;
  readonly store: Store;
  readonly outbox: Outbox;
  /** Served to everyone. */
  readonly artefacts: ArtefactStore;
  /** Inputs, and outputs before they are published: served to nobody. */
  readonly vault: ArtefactStore;
  readonly view: () => MarketView;
  readonly reads: Reads;
  readonly calls: Calls;
  readonly work: Work;
  /** The public input of a job, not yet checked. */
  readonly fetchInput: (job: JobView) => Promise<Uint8Array>;
  /** The delivered ciphertext, its digest checked. */
  readonly fetchSealed: (job: JobView) => Promise<Uint8Array>;
  readonly policy: Policy;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** A task has ended: there may be more to do at once. */
  readonly wake: () => void;
  readonly onChange?: ((job: Hex, phase: Phase) => void) | undefined;
}
