import type { Address, Hex } from 'viem';
import {
  type FaultName,
  FAULTS,
  JOB_STATES,
  type JobParams,
  type JobState,
  type Submission,
} from '../jobs/index.ts';
import type { BlockRef, MarketEvent } from './events.ts';

/** What a job's events say of its submission. */
export interface SubmissionView {
  readonly hash: Hex;
  readonly content: Submission;
  /** Empty: not in the transaction. */
  readonly output: Hex;
  readonly uri: string;
  readonly windowEnd: number;
  readonly windowEndBlock: bigint;
  readonly block: BlockRef;
  readonly transaction: Hex;
}

export interface LockView {
  readonly provider: Address;
  readonly price: bigint;
  /** Unix seconds; sealed: when the input must have been delivered, then acknowledged, then when the work is due. */
  readonly due: number;
  readonly rescue: boolean;
  readonly block: BlockRef;
}

export interface FaultView {
  readonly provider: Address;
  readonly fault: FaultName;
  readonly accuser: Address;
  readonly reward: bigint;
  readonly refund: bigint;
  readonly burned: bigint;
}

/** A job as its events tell it. */
export interface JobView {
  readonly id: Hex;
  readonly state: JobState;
  readonly params: JobParams;
  /** The input itself, or its URI as UTF-8, as posted. */
  readonly input: Hex;
  readonly posted: BlockRef;
  readonly lock: LockView | null;
  readonly delivered: { readonly ciphertext: Hex; readonly uri: string } | null;
  readonly acknowledged: boolean;
  readonly submission: SubmissionView | null;
  /** Who has settled the proof: the requester by accepting, or k of n verifiers; null: nobody yet. */
  readonly settled: 'accepted' | 'verdict' | null;
  /** What it was paid. */
  readonly paid: bigint | null;
  readonly faults: readonly FaultView[];
  /** Pot of the rescue that is open, or was. */
  readonly rescue: { readonly pot: bigint; readonly until: number } | null;
  /** Data challenges that are open. */
  readonly challenges: readonly Hex[];
  /** Block of the last event. */
  readonly last: BlockRef;
}

/** Faults that end a job; after the others it goes on to a state that has an event of its own. */
const SLASHING: ReadonlySet<FaultName> = new Set([
  'fraud',
  'withheld',
  'proof-failed',
  'proof-unavailable',
]);

/** What a job has of no provider. */
const BEFORE_LOCK = {
  lock: null,
  delivered: null,
  acknowledged: false,
  submission: null,
  settled: null,
} as const;

/**
 * A job after one more of its events; null before it was posted. Pure: the same events give the same
 * job, so that a view can be thrown away and made again.
 */
export function reduceJob(job: JobView | null, event: MarketEvent): JobView | null {
  const last = event.raw.block;
  if (event.contract === 'market' && event.name === 'Posted') {
    const { job: id, params, input } = event.args;
    return {
      id,
      params,
      input,
      state: 'open',
      posted: last,
      last,
      ...BEFORE_LOCK,
      paid: null,
      faults: [],
      rescue: null,
      challenges: [],
    };
  }
  if (job === null) return null;
  if (event.contract === 'disputes') return { ...job, ...reduceDispute(job, event), last };
  if (event.contract !== 'market') return job;
  return { ...job, ...reduceMarket(job, event), last };
}

function reduceDispute(
  job: JobView,
  event: Extract<MarketEvent, { contract: 'disputes' }>,
): Partial<JobView> {
  switch (event.name) {
    case 'Opened':
      return { challenges: [...job.challenges, event.args.challenge] };
    case 'Closed':
      return { challenges: job.challenges.filter((id) => id !== event.args.challenge) };
    default:
      return {};
  }
}

function reduceMarket(
  job: JobView,
  event: Extract<MarketEvent, { contract: 'market' }>,
): Partial<JobView> {
  const block = event.raw.block;
  switch (event.name) {
    case 'Locked': {
      const { provider, price, due, rescue } = event.args;
      const lock = { provider, price, due, rescue, block };
      return { ...BEFORE_LOCK, state: 'locked', lock };
    }
    case 'Delivered':
      return { delivered: { ciphertext: event.args.ciphertext, uri: event.args.uri } };
    case 'InputAcknowledged':
      return {
        acknowledged: true,
        lock: job.lock === null ? null : { ...job.lock, due: event.args.due },
      };
    case 'Submitted': {
      const { submission: hash, content, output, uri, windowEnd, windowEndBlock } = event.args;
      const transaction = event.raw.transaction;
      return {
        state: 'submitted',
        submission: { hash, content, output, uri, windowEnd, windowEndBlock, block, transaction },
      };
    }
    case 'Finalized':
      return { state: 'final', paid: event.args.price };
    case 'ProofSettled':
      return { settled: event.args.accepted ? 'accepted' : 'verdict' };
    case 'Faulted': {
      const { provider, accuser, reward, refund, burned } = event.args;
      const fault = FAULTS[event.args.fault] ?? 'fraud';
      const faults = [...job.faults, { provider, fault, accuser, reward, refund, burned }];
      return SLASHING.has(fault) ? { faults, state: 'slashed' } : { faults };
    }
    case 'RescueOpened':
      return {
        state: 'rescue',
        rescue: { pot: event.args.pot, until: event.args.until },
        ...BEFORE_LOCK,
      };
    case 'Ended':
      return { state: JOB_STATES[event.args.state] ?? job.state };
    default:
      return {};
  }
}
