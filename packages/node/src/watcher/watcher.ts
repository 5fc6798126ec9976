import { AssayError } from '@assay/core/errors';
import {
  type DisputeCase,
  EVIDENCE,
  hexOf,
  isEnded,
  type JobView,
  sameHex,
  type SubmissionView,
} from '@assay/market';
import type { Hex } from 'viem';
import { caseOf, type Evidence } from '../disputes/index.ts';
import { Challenger } from './challenger.ts';
import { commitKey, committing, type Outcome, revealKey } from './outcome.ts';
import { type CheckRecord, CheckRecords, isVerdict } from './records.ts';
import { Slots } from '../provider/slots.ts';
import { timedReader, TOO_SLOW } from './timed-reader.ts';
import type { Situation, WatcherOptions } from './types.ts';

/** At a time. */
const CHECKS = 4;
/** Tries to get input or nodes over HTTP before that counts as refused. */
const FETCH_TRIES = 3;
/** Most of the time until the window's end, and most time at all, for which one provider's nodes are waited for. */
const READ_SHARE = 1 / 8;
const MOST_READ_MS = 30_000;
const LEAST_READ_MS = 1_000;
const LEAST_REST_MS = 500;
const MOST_REST_MS = 30_000;

/** A share of submissions that is the same at every start: the first 32 bits of the hash decide. */
export function isSampled(submission: Hex, share: number): boolean {
  return Number.parseInt(submission.slice(2, 10), 16) < share * 2 ** 32;
}

/**
 * Runs submitted jobs again and compares roots. Where they differ it looks for one relation that does
 * not hold, commits to that evidence, and shows it from the next block on.
 */
export class Watcher {
  readonly #options: WatcherOptions;
  readonly #records: CheckRecords;
  /** Several: one whose input or trace is served slowly does not hold up the others. */
  readonly #slots: Slots = new Slots(CHECKS);
  readonly #running: Map<Hex, Promise<void>> = new Map();
  readonly #looked: Map<Hex, string> = new Map();
  readonly #challenger: Challenger;
  readonly #covered: Map<Hex, string | null> = new Map();

  constructor(options: WatcherOptions) {
    this.#options = options;
    this.#records = new CheckRecords(options.store);
    this.#challenger = new Challenger(options, {
      start: (record, run) => this.#start(record, run),
      apply: (record, outcome) => this.#apply(record, outcome),
    });
  }

  async step(): Promise<void> {
    const situation: Situation = {
      view: this.#options.view(),
      head: await this.#options.reads.head(),
    };
    for (const job of situation.view.jobs.values()) this.#discover(job);
    this.#challenger.collect(situation);
    for (const record of this.#records.active()) {
      try {
        await this.#look(record, situation);
      } catch (err) {
        this.#rest(record, err);
      }
    }
  }

  async settle(): Promise<void> {
    await Promise.allSettled(this.#running.values());
  }

  record(submission: Hex): CheckRecord | null {
    return this.#records.get(submission);
  }

  /** Models that submissions were checked, or refused, of; text: why not. */
  get coverage(): ReadonlyMap<Hex, string | null> {
    return this.#covered;
  }

  #discover(job: JobView): void {
    const { submission, params } = job;
    if (job.state !== 'submitted' || submission === null) return;
    if (this.#looked.get(job.id) === submission.hash) return;
    this.#looked.set(job.id, submission.hash);
    if ((params.evidence & EVIDENCE.trace) === 0) return;
    const { share = 1, address } = this.#options;
    const isOwn = sameHex(submission.content.provider, address);
    const phase = !isOwn && isSampled(submission.hash, share) ? 'seen' : 'skipped';
    this.#records.add(submission.hash, job.id, phase);
  }

  async #look(record: CheckRecord, situation: Situation): Promise<void> {
    const job = situation.view.jobs.get(record.job);
    if (job === undefined || this.#running.has(record.submission)) return;
    const ended = this.#reconcile(record, job);
    if (ended !== null) {
      this.#apply(record, ended);
      return;
    }
    if (job.state !== 'submitted' || job.submission?.hash !== record.submission) return;
    if (record.restUntil > this.#options.now()) return;
    switch (record.phase) {
      case 'seen':
      case 'differs':
        await this.#check(record, job, job.submission, situation);
        break;
      case 'committing':
        this.#reveal(record, situation);
        break;
      case 'revealing':
        this.#wantAgain(record);
        break;
      case 'challenging':
        await this.#challenger.step(record, job, situation);
        break;
      default:
    }
  }

  /** What has become of the job. */
  #reconcile(record: CheckRecord, job: JobView): Outcome | null {
    if (!isEnded(job.state)) return null;
    if (job.state === 'slashed') {
      const accuser = job.faults.at(-1)?.accuser;
      const byUs = accuser !== undefined && sameHex(accuser, this.#options.address);
      return { phase: 'fail', patch: { reason: byUs ? 'proven' : 'proven by another' } };
    }
    const wasRight = record.phase === 'seen';
    return { phase: 'missed', patch: { reason: wasRight ? 'not checked in time' : job.state } };
  }

  async #check(
    record: CheckRecord,
    job: JobView,
    submission: SubmissionView,
    { view, head }: Situation,
  ): Promise<void> {
    const model = view.models.get(job.params.modelId);
    const about = model === undefined ? null : caseOf(job, model.record);
    if (model === undefined || about === null) {
      this.#apply(record, { phase: 'unverifiable', patch: { reason: 'unknown model' } });
      return;
    }
    let reason = this.#covered.get(model.id);
    // A model that is not here may come.
    if (reason !== null) {
      reason = await this.#options.inspector.covers(model);
      this.#covered.set(model.id, reason);
    }
    if (reason !== null) {
      this.#apply(record, { phase: 'unverifiable', patch: { reason: `model: ${reason}` } });
      return;
    }
    const left = 1000 * (submission.windowEnd - head.timestamp);
    this.#start(record, () => this.#inspect(record, job, about, left));
  }

  async #inspect(
    record: CheckRecord,
    job: JobView,
    about: DisputeCase,
    leftMs: number,
  ): Promise<Outcome> {
    const { inspector, fetchInput, readerOf, calls, address, challenges, now } = this.#options;
    const { submission: content } = about;
    const canRetry = record.attempts + 1 < FETCH_TRIES;
    let input: Uint8Array;
    try {
      input = await fetchInput(job);
    } catch (cause) {
      if (canRetry) throw cause;
      return { phase: 'unverifiable', patch: { reason: 'input is not to be had' } };
    }
    const problem = await inspector.checkInput(job, input);
    if (problem !== null) return { phase: 'unverifiable', patch: { reason: `input: ${problem}` } };
    const mine = await inspector.trees(job, input);
    if (mine === null) return { phase: 'unverifiable', patch: { reason: 'no trace' } };
    const { roots } = mine.roots;
    const isSame =
      sameHex(hexOf(roots[2]), content.traceRoot) && sameHex(hexOf(roots[3]), content.outputRoot);
    if (isSame) return { phase: 'pass', patch: { reason: null } };
    let evidence: Evidence | null;
    try {
      // Else a liar who serves slowly keeps this job, and those behind it, until their windows are over.
      const wait = Math.max(LEAST_READ_MS, Math.min(MOST_READ_MS, READ_SHARE * leftMs));
      const theirs = timedReader(readerOf(job), now() + wait, now);
      evidence = await inspector.findFraud(job, mine, theirs);
    } catch (cause) {
      const isSlow = cause instanceof AssayError && cause.code === TOO_SLOW;
      if ((canRetry && !isSlow) || !challenges) throw cause;
      const isTraceSame = sameHex(hexOf(roots[2]), content.traceRoot);
      const challenge = this.#challenger.idOf(about, isTraceSame);
      return { phase: 'challenging', patch: { reason: 'data are refused', challenge } };
    }
    if (evidence === null) {
      return {
        phase: 'unverifiable',
        patch: { reason: 'roots differ, and no relation is violated' },
      };
    }
    return committing(calls, about, evidence, address);
  }

  /** From the block after the commitment on. */
  #reveal(record: CheckRecord, { head }: Situation): void {
    const { outbox, store, calls } = this.#options;
    const delivery = outbox.delivery(commitKey(record.submission, record.commitment));
    if (record.reveal === null || delivery === null) return;
    if (delivery.state === 'refused' || delivery.state === 'failed') {
      outbox.retry(delivery.key);
      return;
    }
    if (delivery.block === null || head.number <= delivery.block) return;
    const call = { to: calls.at, data: record.reveal };
    store.transaction(() => {
      outbox.enqueue(revealKey(record), call);
      this.#records.update(record.submission, { phase: 'revealing' });
    });
  }

  /** A commitment that a reorg has removed comes back, and so does what was refused without it. */
  #wantAgain(record: CheckRecord): void {
    const { outbox, now, log } = this.#options;
    const delivery = outbox.delivery(revealKey(record));
    if (delivery?.state !== 'refused' && delivery?.state !== 'failed') return;
    const attempts = record.attempts + 1;
    log.warn({ job: record.job, reason: delivery.refusal?.reason }, 'evidence was refused');
    outbox.retry(delivery.key);
    this.#records.update(record.submission, { attempts, restUntil: now() + restMs(attempts) });
  }

  #apply(record: CheckRecord, { phase, patch, also }: Outcome): void {
    const { store, log, metrics, outbox } = this.#options;
    store.transaction(() => {
      this.#records.update(record.submission, { attempts: 0, restUntil: 0, ...patch, phase });
      also?.(outbox);
    });
    log.info({ job: record.job, phase, reason: patch?.reason ?? null }, 'check');
    if (isVerdict(phase)) metrics.verdicts.inc({ verdict: phase });
  }

  #start(record: CheckRecord, run: () => Promise<Outcome | null>): void {
    const release = this.#slots.tryTake();
    if (release === null) return;
    const running = this.#perform(record, run).finally(() => {
      release();
      this.#running.delete(record.submission);
      this.#options.wake();
    });
    this.#running.set(record.submission, running);
  }

  async #perform(record: CheckRecord, run: () => Promise<Outcome | null>): Promise<void> {
    const { metrics } = this.#options;
    const started = performance.now();
    try {
      const outcome = await run();
      metrics.stepSeconds.observe({ step: 'check' }, (performance.now() - started) / 1000);
      if (outcome !== null) this.#apply(record, outcome);
    } catch (err) {
      this.#rest(record, err);
    }
  }

  /** What failed is tried again, less and less often; the others go on. */
  #rest(record: CheckRecord, err: unknown): void {
    const { log, metrics, now } = this.#options;
    metrics.stepErrors.inc({ step: record.phase });
    log.error({ err, job: record.job, attempts: record.attempts }, 'check failed');
    const attempts = record.attempts + 1;
    const reason = err instanceof Error ? (err.message.split('\n')[0] ?? '') : String(err);
    const restUntil = now() + restMs(attempts);
    try {
      this.#records.update(record.submission, { attempts, reason, restUntil });
    } catch (cause) {
      // A full disk, say: the phase is what it was.
      log.error({ err: cause, job: record.job }, 'cannot be recorded');
    }
  }
}

function restMs(attempts: number): number {
  return Math.min(LEAST_REST_MS * 2 ** Math.min(attempts, 10), MOST_REST_MS);
}
