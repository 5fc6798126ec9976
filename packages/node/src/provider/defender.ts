import { type JobView, type MarketView, sameHex } from '@assay/market';
import type { ArtefactStore } from '@assay/market/node';
import type { TraceTrees } from '@assay/program/trace';
import type { Hex } from 'viem';
import type { Store } from '../database/index.ts';
import {
  answerChallenge,
  type DisputeCalls,
  isProvidersMove,
  nextMove,
  stateOf,
} from '../disputes/index.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { Outbox } from '../outbox/index.ts';
import { JobRecords } from './records.ts';
import type { Work } from './types.ts';

export interface DefenderOptions {
  readonly address: Hex;
  readonly store: Store;
  readonly outbox: Outbox;
  readonly vault: ArtefactStore;
  readonly view: () => MarketView;
  readonly work: Work;
  readonly fetchInput: (job: JobView) => Promise<Uint8Array>;
  readonly calls: DisputeCalls;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Shows what was committed to, to whoever asks over HTTP, and on chain to whoever has bonded the question. */
export class Defender {
  readonly #options: DefenderOptions;
  readonly #records: JobRecords;

  constructor(options: DefenderOptions) {
    this.#options = options;
    this.#records = new JobRecords(options.store);
  }

  /** Trees of a job that was submitted from here; null: there are none, or none are shown. */
  async treesOf(id: Hex): Promise<TraceTrees | null> {
    const { view, address } = this.#options;
    const job = view().jobs.get(id);
    const { submission } = job ?? {};
    if (job === undefined || submission === null || submission === undefined) return null;
    if (!sameHex(submission.content.provider, address)) return null;
    return this.#trees(job);
  }

  /** Answers every challenge that waits for this provider. */
  async step(): Promise<void> {
    const { view, address, outbox, store, calls, log, metrics } = this.#options;
    const { challenges, jobs } = view();
    for (const challenge of challenges.values()) {
      if (!challenge.open) continue;
      const state = stateOf(challenge);
      if (state === null || !sameHex(state.provider, address)) continue;
      const move = nextMove(state);
      if (move === null || !isProvidersMove(move)) continue;
      const key = `answer:${challenge.id}:${challenge.moves.length}`;
      const delivery = outbox.delivery(key);
      if (delivery?.state === 'refused' || delivery?.state === 'failed') {
        log.error({ challenge: challenge.id, reason: delivery.refusal?.reason }, 'answer refused');
        outbox.retry(key);
      }
      const job = jobs.get(challenge.job);
      if (delivery !== null || job?.state !== 'submitted') continue;
      const trees = await this.#trees(job);
      const call = trees === null ? null : answerChallenge(challenge, trees, calls);
      if (call === null) {
        log.warn({ challenge: challenge.id, move }, 'no answer');
        continue;
      }
      store.transaction(() => outbox.enqueue(key, call));
      metrics.challenges.inc({ side: 'provider', outcome: move });
      log.info({ challenge: challenge.id, job: job.id, move }, 'answered');
    }
  }

  async #trees(job: JobView): Promise<TraceTrees | null> {
    const { vault, work, fetchInput } = this.#options;
    const stored = this.#records.get(job.id)?.input ?? null;
    // Without the database the input is fetched again, and checked by the run that it gives.
    const input = (stored === null ? null : vault.get(stored)) ?? (await fetchInput(job));
    return work.trees(job, input);
  }
}
