import { AssayError } from '@assay/core/errors';
import { EVIDENCE, isEnded, type JobView, type Rules, sameHex } from '@assay/market';
import type { Hex } from 'viem';
import type { Call } from '../outbox/index.ts';
import { choose } from './choose.ts';
import { inOwnOrder } from './own-order.ts';
import { isBefore, isWorkPhase, type Phase, takesPlace } from './phases.ts';
import { type JobPatch, type JobRecord, JobRecords } from './records.ts';
import { Slots } from './slots.ts';
import { advance, type Done, type StepContext, type Task } from './steps.ts';
import type { Capability, ProviderOptions, Situation } from './types.ts';

/** Phases whose next step may be a task. */
const HAS_TASK: ReadonlySet<Phase> = new Set(['chosen', 'locked', 'held', 'executed']);
/** Of the jobs that wait longest, so many for each place are taken in an order of one's own. */
const WINDOW = 8;
/** Passes over all jobs in one round: transitions that need nothing follow one another at once. */
const PASSES = 16;
/** Rest of a job whose choice waits for something. */
const WAIT_MS = 2_000;
const LEAST_REST_MS = 500;
const MOST_REST_MS = 60_000;

/** What running a program on inputs in their ranges may meet if the program is not one for all of them. */
const PROGRAM_FAULTS: ReadonlySet<string> = new Set([
  'ASSAY_DIVISOR',
  'ASSAY_INEXACT',
  'ASSAY_LOOKUP_MISS',
  'ASSAY_PROGRAM_STEP',
  'ASSAY_VALUE_RANGE',
]);

export function lateFaults(job: JobView): number {
  return job.faults.filter(({ fault }) => fault === 'late').length;
}

/**
 * Takes jobs and carries them to their pay. What is to be done follows from two things: the phase of a
 * job on disk, and the job as the chain has it; each step is one transaction of the database, calls to
 * the chain included. So any round may be the first after `kill -9`.
 */
export class Provider {
  readonly #options: ProviderOptions;
  readonly #records: JobRecords;
  readonly #slots: { readonly compute: Slots; readonly transfer: Slots };
  readonly #running: Map<Hex, Promise<void>> = new Map();
  /** What was last seen of a job that is not under way: it is looked at again when that changes. */
  readonly #looked: Map<Hex, string> = new Map();
  /** Unix milliseconds until which a job that nobody has locked rests: not worth a write each. */
  readonly #waits: Map<Hex, number> = new Map();
  readonly #capabilities: Map<Hex, Capability | string> = new Map();
  /** Models that had no answer to an input in its range: whoever knows such inputs has each job of theirs end late. */
  readonly #unfit: Map<Hex, string> = new Map();
  readonly #rules: Map<bigint, Rules> = new Map();
  readonly #workSeconds: Map<Hex, number> = new Map();
  #isDraining = false;
  #freeStake: bigint | null = null;
  #situation: Situation | null = null;
  /** Never rejects. */
  #going: Promise<void> = Promise.resolve();

  constructor(options: ProviderOptions) {
    this.#options = options;
    this.#records = new JobRecords(options.store);
    this.#slots = { compute: new Slots(1), transfer: new Slots(4) };
  }

  /** One round over all jobs. @throws when chain or database cannot be reached: the next round goes on */
  async step(): Promise<void> {
    const { reads, view, metrics, store, address, policy } = this.#options;
    const situation: Situation = { view: view(), head: await reads.head() };
    this.#freeStake = null;
    this.#situation = situation;
    const looked = new Map<Hex, string>();
    // One write for all that is new, however much that is.
    store.transaction(() => {
      for (const job of situation.view.jobs.values()) {
        this.#discover(job, looked);
        this.#expireLate(job, situation);
      }
    });
    for (const [id, signature] of looked) this.#looked.set(id, signature);
    for (let pass = 0; pass < PASSES; pass++) {
      const jobs = inOwnOrder(this.#records.active(), address, WINDOW * policy.places);
      try {
        if (!(await store.batch(() => this.#lookAt(jobs, situation)))) break;
      } finally {
        this.#records.reread();
      }
    }
    metrics.jobs.reset();
    for (const [state, count] of this.#records.counts()) {
      if (isWorkPhase(state)) metrics.jobs.set({ state }, count);
    }
  }

  /** Takes no more jobs; those under way go on. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Waits for the tasks that run now, and unless it drains for those that follow from them. */
  async settle(): Promise<void> {
    while (this.#running.size > 0) {
      await Promise.allSettled(this.#running.values());
      await this.#going;
    }
  }

  /** Jobs whose work is under way. */
  get busy(): number {
    return this.#running.size;
  }

  record(id: Hex): JobRecord | null {
    return this.#records.get(id);
  }

  #isMine(job: JobView): boolean {
    return job.lock !== null && sameHex(job.lock.provider, this.#options.address);
  }

  #discover(job: JobView, looked: Map<Hex, string>): void {
    const signature = `${job.state}:${job.lock?.provider ?? ''}:${job.last.hash}`;
    if (this.#looked.get(job.id) === signature) return;
    looked.set(job.id, signature);
    this.#waits.delete(job.id);
    const isMine = this.#isMine(job);
    const isOffered = job.state === 'open' || job.state === 'rescue';
    const isHeld = isMine && (job.state === 'locked' || job.state === 'submitted');
    const record = this.#records.get(job.id);
    if (record === null) {
      // Those that are held here and unknown: the database was lost.
      if (isOffered || isHeld) this.#records.add(job.id);
      return;
    }
    if (isWorkPhase(record.phase)) return;
    const round = lateFaults(job);
    const isNewRound = isOffered && round > record.round && record.phase !== 'failed';
    const isBack = record.phase === 'lost' && job.state === 'open';
    const isUndone = isHeld && (record.phase === 'final' || record.phase === 'lost');
    if (!isNewRound && !isBack && !isUndone) return;
    this.#records.update(job.id, {
      phase: 'seen',
      round,
      reason: null,
      attempts: 0,
      restUntil: 0,
    });
  }

  /**
   * Ends a lock whose time is over: one's own, which frees the rest of its stake, or another's, whose
   * job can be taken over then.
   */
  #expireLate(job: JobView, { head }: Situation): void {
    const { policy, calls, outbox, store } = this.#options;
    if (job.state !== 'locked' || job.lock === null || head.timestamp <= job.lock.due) return;
    const isServed = typeof (this.#capabilities.get(job.params.modelId) ?? '') !== 'string';
    const canRescue =
      policy.takesRescues && isServed && job.params.rescueSeconds > 0 && !job.lock.rescue;
    if (!this.#isMine(job) && !canRescue) return;
    const key = `expire:${job.id}:${job.lock.block.hash}`;
    const delivery = outbox.delivery(key);
    if (delivery === null) store.transaction(() => outbox.enqueue(key, calls.expire(job.params)));
    else if (delivery.state === 'refused' || delivery.state === 'failed') outbox.retry(key);
  }

  /** Moves what has been earned to the own address, when it is worth it. */
  async collect(): Promise<void> {
    const { policy, reads, calls, outbox, store, address } = this.#options;
    const { withdrawAbove } = policy;
    if (withdrawAbove === null) return;
    let count = 0;
    for (; ; count++) {
      const delivery = outbox.delivery(`withdraw:${count}`);
      if (delivery === null) break;
      if (!['confirmed', 'failed', 'refused'].includes(delivery.state)) return;
    }
    const credit = await reads.credit();
    if (credit <= withdrawAbove) return;
    const call = calls.withdraw(address, credit);
    store.transaction(() => outbox.enqueue(`withdraw:${count}`, call));
  }

  /** True: one of them is in another phase now. */
  async #lookAt(records: readonly JobRecord[], situation: Situation): Promise<boolean> {
    let hasChanged = false;
    for (const record of records) {
      hasChanged = (await this.#tryLook(record, situation)) || hasChanged;
    }
    return hasChanged;
  }

  /** One job that cannot go on does not keep the others. */
  async #tryLook(record: JobRecord, situation: Situation): Promise<boolean> {
    try {
      return await this.#look(record, situation);
    } catch (err) {
      this.#options.metrics.stepErrors.inc({ step: record.phase });
      this.#options.log.error({ err, job: record.id, phase: record.phase }, 'step failed');
      this.#rest(record, err);
      return false;
    }
  }

  /** True: it is in another phase now. */
  async #look(record: JobRecord, situation: Situation): Promise<boolean> {
    const job = situation.view.jobs.get(record.id);
    // A post that a reorg has removed mostly comes back.
    if (job === undefined || this.#running.has(record.id)) return false;
    const changed = this.#reconcile(record, job);
    if (changed !== null) return this.#apply(record, changed);
    if (Math.max(record.restUntil, this.#waits.get(record.id) ?? 0) > this.#options.now())
      return false;
    if (record.phase === 'seen') return this.#choose(record, job, situation);
    const context: StepContext = {
      ...this.#options,
      situation,
      record,
      job,
      rules: await this.#rulesOf(job.params.rules),
    };
    const next = await advance(context);
    if (next === null) return false;
    if (!('run' in next)) return this.#apply(record, next);
    this.#start(record, next);
    return false;
  }

  /** What the chain says, where it is ahead of the record. */
  #reconcile(record: JobRecord, job: JobView): Done | null {
    const { phase } = record;
    if (!isWorkPhase(phase)) return null;
    const isMine = this.#isMine(job);
    if (isEnded(job.state)) {
      if (!isMine) return { phase: 'lost', reason: `the job is ${job.state}` };
      const fault = job.faults.at(-1)?.fault;
      const reason = fault === undefined ? job.state : `${job.state}: ${fault}`;
      return job.state === 'final' ? { phase: 'final', reason: null } : { phase: 'failed', reason };
    }
    if (job.state === 'rescue' && lateFaults(job) > record.round) {
      const last = job.faults.at(-1);
      if (last !== undefined && sameHex(last.provider, this.#options.address)) {
        return { phase: 'failed', reason: 'late' };
      }
      return { phase: 'seen', patch: { round: lateFaults(job) }, reason: null };
    }
    if (job.state === 'locked' || job.state === 'submitted') {
      if (!isMine) return { phase: 'lost', reason: 'another provider has it' };
      if (job.state === 'submitted' && phase !== 'submitted') {
        return { phase: 'submitted', reason: null };
      }
      if (isBefore(phase, 'locked')) return { phase: 'locked', reason: null };
    }
    return null;
  }

  async #choose(record: JobRecord, job: JobView, { head, view }: Situation): Promise<boolean> {
    const { policy, work, metrics, log } = this.#options;
    if (job.state !== 'open' && job.state !== 'rescue') return false;
    if (this.#isDraining) return false;
    const model = view.models.get(job.params.modelId);
    if (model === undefined)
      return this.#apply(record, { phase: 'skipped', reason: 'unknown model' });
    let capability = this.#capabilities.get(model.id);
    // A model that is not here may come.
    if (capability === undefined || typeof capability === 'string') {
      const before = capability;
      capability = await work.capability(model);
      this.#capabilities.set(model.id, capability);
      if (typeof capability === 'string' && capability !== before) {
        log.info({ model: model.id, capability }, 'not served');
      }
    }
    const active = this.#records.active();
    const choice = choose(job, head, policy, {
      capability: this.#unfit.get(model.id) ?? capability,
      freeStake: (await this.#stake()) - this.#promised(active, view.jobs),
      freePlaces: policy.places - active.filter(({ phase }) => takesPlace(phase)).length,
      workSeconds: this.#workSeconds.get(model.id) ?? 0,
    });
    if (choice.kind === 'take') return this.#apply(record, { phase: 'chosen', reason: null });
    if (choice.kind === 'skip') {
      metrics.skipped.inc({ reason: choice.reason.split(':')[0] ?? '' });
      return this.#apply(record, { phase: 'skipped', reason: choice.reason });
    }
    const now = this.#options.now();
    const untilMs = choice.until === null ? WAIT_MS : 1000 * (choice.until - head.timestamp);
    this.#waits.set(record.id, now + Math.min(Math.max(untilMs, LEAST_REST_MS), MOST_REST_MS));
    return false;
  }

  async #stake(): Promise<bigint> {
    this.#freeStake ??= await this.#options.reads.freeStake();
    return this.#freeStake;
  }

  /** Stake of jobs that are chosen and not yet locked. */
  #promised(active: readonly JobRecord[], jobs: ReadonlyMap<Hex, JobView>): bigint {
    return active
      .filter(({ phase }) => isWorkPhase(phase) && isBefore(phase, 'locked') && phase !== 'seen')
      .reduce((sum, { id }) => sum + (jobs.get(id)?.params.reserve ?? 0n), 0n);
  }

  async #rulesOf(version: bigint): Promise<Rules> {
    const known = this.#rules.get(version);
    if (known !== undefined) return known;
    const rules = await this.#options.reads.rules(version);
    this.#rules.set(version, rules);
    return rules;
  }

  /** Phase, values and calls in one transaction. False: it has moved on meanwhile. */
  #apply(record: JobRecord, done: Done): boolean {
    const { store, outbox, log, metrics, onChange } = this.#options;
    const isCurrent = store.transaction(() => {
      const now = this.#records.get(record.id);
      if (now === null || now.phase !== record.phase || now.round !== record.round) return false;
      const patch: JobPatch = { ...done.patch, phase: done.phase, reason: done.reason };
      this.#records.update(record.id, { ...patch, attempts: 0, restUntil: 0 });
      for (const [key, call] of done.calls ?? []) this.#want(key, call);
      return true;
    });
    if (!isCurrent) {
      this.#records.reread();
      return false;
    }
    this.#waits.delete(record.id);
    metrics.transactionsPending.set(outbox.pending);
    log.info({ job: record.id, from: record.phase, to: done.phase, reason: done.reason }, 'job');
    if (!isWorkPhase(done.phase)) {
      metrics.ended.inc({ state: done.phase });
      this.#forget(record.id);
    }
    onChange?.(record.id, done.phase);
    return true;
  }

  /** What strangers must not see, and nobody needs any more: inputs, and what was kept before it was published. */
  #forget(id: Hex): void {
    const { vault, work, log } = this.#options;
    const files = (record: JobRecord | null): readonly string[] =>
      [record?.input, record?.output, record?.receipt, record?.sealedOutput].flatMap(
        (name) => name ?? [],
      );
    try {
      const own = files(this.#records.get(id));
      // Most jobs that end here were another's from the start, and have none.
      const needed = new Set(own.length === 0 ? [] : this.#records.active().flatMap(files));
      for (const name of own) if (!needed.has(name)) vault.remove(name);
      work.forget(id);
    } catch (err) {
      log.warn({ err, job: id }, 'files of a job that has ended stay');
    }
  }

  /** A key that was refused before, in another life of the chain, is wanted again. */
  #want(key: string, call: Call): void {
    const { outbox } = this.#options;
    outbox.enqueue(key, call);
    outbox.retry(key, call);
  }

  #start(record: JobRecord, task: Task): void {
    if (this.#running.has(record.id)) return;
    const release = this.#slots[task.slot].tryTake();
    if (release === null) return;
    const running = this.#perform(record, task).finally(() => {
      release();
      this.#running.delete(record.id);
      this.#options.wake();
      this.#going = this.#going.then(() => this.#goOn());
    });
    this.#running.set(record.id, running);
  }

  /** The next tasks begin when one ends, not with the next round. */
  async #goOn(): Promise<void> {
    const situation = this.#situation;
    if (situation === null || this.#isDraining) return;
    try {
      for (const record of this.#records.active()) {
        if (HAS_TASK.has(record.phase)) await this.#tryLook(record, situation);
      }
    } catch (err) {
      this.#options.log.error({ err }, 'tasks wait for the next round');
    }
  }

  async #perform(record: JobRecord, task: Task): Promise<void> {
    const { metrics, log, view } = this.#options;
    const started = performance.now();
    try {
      const done = await task.run();
      const seconds = (performance.now() - started) / 1000;
      metrics.stepSeconds.observe({ step: record.phase }, seconds);
      if (task.slot === 'compute') this.#learn(view().jobs.get(record.id), seconds);
      this.#apply(record, done);
    } catch (err) {
      metrics.stepErrors.inc({ step: record.phase });
      log.error(
        { err, job: record.id, phase: record.phase, attempts: record.attempts },
        'step failed',
      );
      if (err instanceof AssayError && PROGRAM_FAULTS.has(err.code)) {
        const model = view().jobs.get(record.id)?.params.modelId;
        if (model !== undefined) this.#unfit.set(model, `has no answer: ${err.shortMessage}`);
      }
      this.#rest(record, err);
    }
  }

  #learn(job: JobView | undefined, seconds: number): void {
    if (job === undefined) return;
    const { modelId, evidence } = job.params;
    const before = this.#workSeconds.get(modelId) ?? 0;
    const steps = (evidence & EVIDENCE.proof) === 0 ? 1 : 2;
    this.#workSeconds.set(modelId, Math.max(seconds * steps, 0.8 * before));
  }

  #rest(record: JobRecord, cause: unknown): void {
    const { now, log } = this.#options;
    const attempts = record.attempts + 1;
    const rest = Math.min(LEAST_REST_MS * 2 ** Math.min(attempts, 20), MOST_REST_MS);
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    try {
      this.#records.update(record.id, { attempts, restUntil: now() + rest, reason });
    } catch (err) {
      // A full disk, say. The phase is what it was, and the next round tries again.
      log.error({ err, job: record.id }, 'cannot be recorded');
    }
  }
}
