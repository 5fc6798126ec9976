import { type ChallengeView, type JobView, type MarketView, sameHex } from '@assay/market';
import type { ArtefactStore } from '@assay/market/node';
import type { TraceTrees } from '@assay/program/trace';
import type { Hex } from 'viem';
import type { Store } from '../database/index.ts';
import {
  answerChallenge,
  caseOf,
  type DisputeCalls,
  isProvidersMove,
  nextMove,
} from '../disputes/index.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { Call, Outbox } from '../outbox/index.ts';
import { Patience } from './patience.ts';
import { JobRecords } from './records.ts';
import type { Head, Reads, Work } from './types.ts';

export interface DefenderOptions {
  readonly address: Hex;
  readonly store: Store;
  readonly outbox: Outbox;
  readonly vault: ArtefactStore;
  readonly view: () => MarketView;
  readonly reads: Reads;
  readonly work: Work;
  readonly fetchInput: (job: JobView) => Promise<Uint8Array>;
  readonly calls: DisputeCalls;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** What a unit of gas costs now, in wei. */
  readonly gasPrice: () => Promise<bigint>;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Of the time, one part in so many is spent on traces for strangers. */
const SHARE = 10;

/** Shows what was committed to, to whoever asks over HTTP, and on chain to whoever has bonded the question. */
export class Defender {
  readonly #options: DefenderOptions;
  readonly #records: JobRecords;
  readonly #patience: Patience;
  #served: { readonly submission: Hex; readonly trees: TraceTrees | null } | null = null;
  #restUntil = 0;

  constructor(options: DefenderOptions) {
    this.#options = options;
    this.#records = new JobRecords(options.store);
    this.#patience = new Patience(options);
  }

  /**
   * Trees of a job that was submitted from here; null: there are none, or none are shown now. Whoever asks need not
   * say who he is, and an answer may take a run of the model: so these take a share of the time, and no more. An honest
   * provider's trace is asked for by nobody who has computed it.
   */
  async treesOf(id: Hex): Promise<TraceTrees | null> {
    const { view, address, now } = this.#options;
    const job = view().jobs.get(id);
    const { submission } = job ?? {};
    if (job === undefined || submission === null || submission === undefined) return null;
    if (!sameHex(submission.content.provider, address)) return null;
    if (this.#served?.submission === submission.hash) return this.#served.trees;
    const started = now();
    if (started < this.#restUntil) return null;
    this.#restUntil = Number.POSITIVE_INFINITY;
    try {
      const trees = await this.#trees(job);
      this.#served = { submission: submission.hash, trees };
      return trees;
    } finally {
      this.#restUntil = started + SHARE * (now() - started);
    }
  }

  /** Answers every challenge that waits for this provider, and ends those whose challenger is silent. */
  async step(): Promise<void> {
    const { view, address, reads, log } = this.#options;
    await this.#patience.look();
    const { challenges } = view();
    const mine = [...challenges.values()].filter(
      ({ open, state }) => open && state !== null && sameHex(state.provider, address),
    );
    if (mine.length === 0) return;
    const head = await reads.head();
    for (const challenge of mine) {
      try {
        await this.#stepOne(challenge, head);
      } catch (err) {
        log.error({ err, challenge: challenge.id }, 'answer failed');
      }
    }
  }

  async #stepOne(challenge: ChallengeView, head: Head): Promise<void> {
    const { view, calls, metrics, log } = this.#options;
    const { state, id, moves } = challenge;
    const move = state === null ? null : nextMove(state);
    const job = view().jobs.get(challenge.job);
    if (state === null || move === null || job?.state !== 'submitted') return;
    if (!isProvidersMove(move)) {
      const isOver = head.timestamp > state.due && head.number > state.dueBlock;
      const model = view().models.get(job.params.modelId);
      const about = model === undefined ? null : caseOf(job, model.record);
      if (isOver && about !== null) this.#want(`timeout:${id}`, calls.timeout(id, state, about));
      return;
    }
    const key = `answer:${id}:${moves.length}`;
    if (this.#want(key, null)) return;
    if (await this.#patience.waits(move, state, head.timestamp)) return;
    const trees = await this.#trees(job);
    const call = trees === null ? null : answerChallenge(challenge, trees, calls);
    if (call === null) {
      log.warn({ challenge: id, move }, 'no answer');
      return;
    }
    this.#want(key, call);
    metrics.challenges.inc({ side: 'provider', outcome: move });
    log.info({ challenge: id, job: job.id, move }, 'answered');
  }

  /** Wants a call once, and again if it was refused. False: it is not known, and no call is given. */
  #want(key: string, call: Call | null): boolean {
    const { outbox, store, log } = this.#options;
    const delivery = outbox.delivery(key);
    if (delivery === null) {
      if (call !== null) store.transaction(() => outbox.enqueue(key, call));
      return call !== null;
    }
    if (delivery.state === 'refused' || delivery.state === 'failed') {
      log.warn({ call: key, reason: delivery.refusal?.reason }, 'refused, and wanted again');
      outbox.retry(key, call ?? undefined);
    }
    return true;
  }

  async #trees(job: JobView): Promise<TraceTrees | null> {
    const { vault, work, fetchInput } = this.#options;
    const stored = this.#records.get(job.id)?.input ?? null;
    // Without the database the input is fetched again, and checked by the run that it gives.
    const input = (stored === null ? null : vault.get(stored)) ?? (await fetchInput(job));
    return work.trees(job, input);
  }
}
