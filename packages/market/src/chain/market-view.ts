import type { Address, Hex } from 'viem';
import type { ModelRecord } from '../jobs/index.ts';
import { type BlockRef, jobOf, type MarketEvent } from './events.ts';
import { type JobView, reduceJob } from './job-view.ts';

export interface ModelView {
  readonly id: Hex;
  readonly record: ModelRecord;
  readonly registrant: Address;
  readonly uris: readonly string[];
  readonly block: BlockRef;
}

export interface ProviderView {
  readonly address: Address;
  /** HPKE key that inputs are sealed to; 0: none. */
  readonly encryptionKey: Hex;
  readonly hardware: Hex;
  readonly endpoint: string;
}

type DisputeEvent = Extract<MarketEvent, { contract: 'disputes' }>;

/** `Challenge` of IDisputes. */
export type ChallengeState = Extract<DisputeEvent, { name: 'Moved' }>['args']['state'];

/** A data challenge: all of its moves, in order. */
export interface ChallengeView {
  readonly id: Hex;
  readonly job: Hex;
  readonly challenger: Address;
  readonly open: boolean;
  /** Null while it is open. */
  readonly upheld: boolean | null;
  /** What the next move is called with: the state that the last move has shown. */
  readonly state: ChallengeState | null;
  readonly moves: readonly DisputeEvent[];
}

/**
 * What the events of the market's contracts add up to. All of it is derived: events in the order of the
 * chain give the same view, whoever applies them, and after a reorg it is made again from those that
 * remain.
 */
export class MarketView {
  readonly jobs: Map<Hex, JobView> = new Map();
  readonly models: Map<Hex, ModelView> = new Map();
  /** By address in lower case. */
  readonly providers: Map<string, ProviderView> = new Map();
  readonly challenges: Map<Hex, ChallengeView> = new Map();

  constructor(events: Iterable<MarketEvent> = []) {
    for (const event of events) this.apply(event);
  }

  provider(address: Address): ProviderView | null {
    return this.providers.get(address.toLowerCase()) ?? null;
  }

  /** @returns the job that the event has changed, or null. */
  apply(event: MarketEvent): JobView | null {
    if (event.contract === 'models') this.#applyModel(event);
    if (event.contract === 'providers') this.#applyProvider(event);
    if (event.contract === 'disputes') this.#applyDispute(event);
    const id = this.#jobOf(event);
    if (id === null) return null;
    const job = reduceJob(this.jobs.get(id) ?? null, event);
    if (job !== null) this.jobs.set(id, job);
    return job;
  }

  /** Moves of a challenge name the challenge alone. */
  #jobOf(event: MarketEvent): Hex | null {
    if (event.contract === 'disputes' && 'challenge' in event.args) {
      return this.challenges.get(event.args.challenge)?.job ?? null;
    }
    return jobOf(event);
  }

  #applyModel(event: Extract<MarketEvent, { contract: 'models' }>): void {
    if (event.name !== 'ModelRegistered') return;
    const { id, registrant, model: record, uris } = event.args;
    this.models.set(id, { id, record, registrant, uris, block: event.raw.block });
  }

  #applyProvider(event: Extract<MarketEvent, { contract: 'providers' }>): void {
    if (event.name !== 'ProviderUpdated') return;
    const { provider: address, encryptionKey, hardware, endpoint } = event.args;
    this.providers.set(address.toLowerCase(), { address, encryptionKey, hardware, endpoint });
  }

  #applyDispute(event: DisputeEvent): void {
    if (!('challenge' in event.args)) return;
    const id = event.args.challenge;
    if (event.name === 'Opened') {
      const { job, challenger } = event.args;
      this.challenges.set(id, {
        id,
        job,
        challenger,
        open: true,
        upheld: null,
        state: null,
        moves: [event],
      });
      return;
    }
    const challenge = this.challenges.get(id);
    if (challenge === undefined) return;
    const moves = [...challenge.moves, event];
    const closed =
      event.name === 'Closed'
        ? { open: false, upheld: event.args.upheld }
        : { open: challenge.open };
    const state = event.name === 'Moved' ? event.args.state : challenge.state;
    this.challenges.set(id, { ...challenge, ...closed, state, moves });
  }
}
