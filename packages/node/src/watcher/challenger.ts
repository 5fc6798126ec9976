import {
  type ChallengeState,
  type DisputeCase,
  isEnded,
  type JobView,
  sameHex,
} from '@assay/market';
import { LIST } from '@assay/program/trace';
import type { Hex } from 'viem';
import { caseOf } from '../disputes/index.ts';
import type { Call } from '../outbox/index.ts';
import { challengeStep } from './challenge.ts';
import { committing, type Outcome } from './outcome.ts';
import type { CheckRecord } from './records.ts';
import type { Situation, WatcherOptions } from './types.ts';

/** How a challenge has work done, and its result stored. */
export interface ChallengerHost {
  /** `run` gives null when there is nothing to store. */
  start(record: CheckRecord, run: () => Promise<Outcome | null>): void;
  apply(record: CheckRecord, outcome: Outcome): void;
}

/** Bonds of opening and of three asks for 64 leaves each (Disputes.sol). */
const BOND_UNITS = 7n;
/** Challenges of one submission and list: another one where a turn was missed. Ids are known before they are opened. */
const MOST_CHALLENGES = 3;
const nonceOf = (attempt: number): Hex => `0x${attempt.toString(16).padStart(64, '0')}`;

interface Attempt {
  readonly list: number;
  readonly attempt: number;
}

/**
 * Demands on chain what is refused over HTTP. All that it knows of a challenge are the challenge's
 * moves, so that nothing is lost with the process.
 */
export class Challenger {
  readonly #options: WatcherOptions;
  readonly #host: ChallengerHost;

  constructor(options: WatcherOptions, host: ChallengerHost) {
    this.#options = options;
    this.#host = host;
  }

  /** Id of the challenge that asks for the trace, or, where that is ours, for the output. */
  idOf(about: DisputeCase, isTraceSame: boolean): Hex {
    return this.#idOf(about, { list: isTraceSame ? LIST.output : LIST.trace, attempt: 0 });
  }

  #idOf(about: DisputeCase, { list, attempt }: Attempt): Hex {
    const { calls, address } = this.#options;
    return calls.challengeId(about, address, list, nonceOf(attempt));
  }

  /** Which of the submission's challenges has an id. */
  #attemptOf(about: DisputeCase, challenge: Hex): Attempt | null {
    for (const list of [LIST.trace, LIST.output]) {
      for (let attempt = 0; attempt < MOST_CHALLENGES; attempt++) {
        if (this.#idOf(about, { list, attempt }) === challenge) return { list, attempt };
      }
    }
    return null;
  }

  /** Takes back bonds of challenges whose job has ended otherwise. */
  collect({ view }: Situation): void {
    const { address, calls } = this.#options;
    for (const challenge of view.challenges.values()) {
      if (!challenge.open || !sameHex(challenge.challenger, address)) continue;
      const job = view.jobs.get(challenge.job);
      const { state } = challenge;
      if (job === undefined || state === null || !isEnded(job.state)) continue;
      this.#want(`close:${challenge.id}`, calls.close(challenge.id, state));
    }
  }

  async step(record: CheckRecord, job: JobView, situation: Situation): Promise<void> {
    const model = situation.view.models.get(job.params.modelId);
    const about = model === undefined ? null : caseOf(job, model.record);
    if (about === null || record.challenge === null) return;
    const challenge = situation.view.challenges.get(record.challenge);
    const place = this.#attemptOf(about, record.challenge);
    if (place === null) return;
    if (challenge === undefined) {
      await this.#open(record.challenge, place, job, about);
      return;
    }
    if (challenge.open) {
      this.#host.start(record, () => this.#move(record, job, about, situation));
      return;
    }
    const next = { ...place, attempt: place.attempt + 1 };
    const windowEnd = job.submission?.windowEnd ?? 0;
    if (next.attempt < MOST_CHALLENGES && situation.head.timestamp < windowEnd) {
      const challengeId = this.#idOf(about, next);
      const patch = { challenge: challengeId, reason: 'a turn was missed' };
      this.#host.apply(record, { phase: 'challenging', patch });
      return;
    }
    const reason = 'the challenge was lost';
    this.#host.apply(record, { phase: 'unverifiable', patch: { reason } });
  }

  /** Bonds come from a balance inside the market: it is filled first. */
  async #open(
    challenge: Hex,
    { list, attempt }: Attempt,
    job: JobView,
    about: DisputeCase,
  ): Promise<void> {
    const { reads, fund, calls, outbox, metrics } = this.#options;
    const { challengeBond } = await reads.rules(job.params.rules);
    const needed = BOND_UNITS * challengeBond;
    const opening = `open:${challenge}`;
    if (outbox.delivery(opening) === null && (await reads.credit()) < needed) {
      const [approve, deposit] = fund(needed);
      const allowance = `approve:${challenge}`;
      this.#want(allowance, approve);
      if (outbox.delivery(allowance)?.isSuccess === true) {
        this.#want(`deposit:${challenge}`, deposit);
      }
      return;
    }
    if (outbox.delivery(opening) === null) {
      metrics.challenges.inc({ side: 'challenger', outcome: 'open' });
    }
    this.#want(opening, calls.open(about, list, nonceOf(attempt)));
  }

  async #move(
    record: CheckRecord,
    job: JobView,
    about: DisputeCase,
    situation: Situation,
  ): Promise<Outcome | null> {
    const { inspector, fetchInput, calls, address, metrics, log } = this.#options;
    const challenge = situation.view.challenges.get(record.challenge ?? '0x');
    const program = inspector.program(job);
    if (challenge === undefined || program === null) return null;
    const mine = await inspector.trees(job, await fetchInput(job));
    if (mine === null) return null;
    const step = await challengeStep({
      challenge,
      submission: about.submission,
      mine,
      program,
      calls,
      findFraud: (shown, first) => inspector.findFraud(job, mine, shown, first),
    });
    switch (step.kind) {
      case 'wait':
        if (step.state !== null) this.#timeout(challenge.id, step.state, about, situation);
        return null;
      case 'evidence':
        return committing(calls, about, step.evidence, address);
      case 'stuck':
        log.warn({ challenge: challenge.id, reason: step.reason }, 'challenge leads nowhere');
        return { phase: 'unverifiable', patch: { reason: step.reason } };
      case 'call': {
        const key = `move:${challenge.id}:${challenge.moves.length}`;
        if (this.#options.outbox.delivery(key) === null) {
          metrics.challenges.inc({ side: 'challenger', outcome: 'move' });
        }
        this.#want(key, step.call);
        return null;
      }
    }
  }

  /** The provider is silent: that is the fault. */
  #timeout(challenge: Hex, state: ChallengeState, about: DisputeCase, { head }: Situation): void {
    if (head.timestamp <= state.due || head.number <= state.dueBlock) return;
    this.#want(`timeout:${challenge}`, this.#options.calls.timeout(challenge, state, about));
  }

  /** Once; after a refusal again, for a turn of blocks may end later than estimated. */
  #want(key: string, call: Call): void {
    const { outbox, store } = this.#options;
    const delivery = outbox.delivery(key);
    if (delivery === null) store.transaction(() => outbox.enqueue(key, call));
    else if (delivery.state === 'refused' || delivery.state === 'failed') outbox.retry(key, call);
  }
}
