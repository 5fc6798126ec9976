import {
  encodeManifest,
  EVIDENCE,
  hexOf,
  INPUT_KIND,
  type JobView,
  type ManifestEntry,
  type Rules,
  type Submission,
  ZERO_HASH,
} from '@assay/market';
import { AssayError } from '@assay/core/errors';
import type { Hex } from 'viem';
import type { Call } from '../outbox/index.ts';
import type { Phase } from './phases.ts';
import type { JobPatch, JobRecord } from './records.ts';
import type { ProviderOptions, Situation } from './types.ts';

export interface StepContext extends ProviderOptions {
  readonly situation: Situation;
  readonly record: JobRecord;
  readonly job: JobView;
  readonly rules: Rules;
}

/** A step that is done: applied as one transaction. */
export interface Done {
  readonly phase: Phase;
  readonly reason: string | null;
  readonly patch?: JobPatch | undefined;
  readonly calls?: readonly (readonly [key: string, call: Call])[] | undefined;
}

/** A step that takes time, and one of the slots. */
export interface Task {
  readonly slot: 'compute' | 'transfer';
  run(): Promise<Done>;
}

/** Tries to get an input before the job is given up, as long as it is not locked. */
const INPUT_TRIES = 5;
/** Outputs of at most this many bytes are in the submission (IJobMarket). */
const INLINE_OUTPUT_BYTES = 4096;

const to = (phase: Phase, patch?: JobPatch): Done => ({ phase, reason: null, patch });
const end = (phase: Phase, reason: string): Done => ({ phase, reason });

export function callKey(name: string, { id, round }: JobRecord): string {
  return `${name}:${id}:${round}`;
}

/** What is next for a job in its phase; null: to wait. */
export async function advance(context: StepContext): Promise<Done | Task | null> {
  switch (context.record.phase) {
    case 'chosen':
      return prepare(context);
    case 'ready':
      return lock(context);
    case 'locking':
      return afterCall(context, 'lock');
    case 'locked':
      return receive(context);
    case 'acknowledging':
      return context.job.acknowledged ? to('held') : afterCall(context, 'acknowledge');
    case 'held':
      return execute(context);
    case 'executed':
      return prove(context);
    case 'proven':
      return publish(context);
    case 'published':
      return submit(context);
    case 'submitting':
      return afterCall(context, 'submit');
    case 'submitted':
      return collect(context);
    default:
      return null;
  }
}

function isSealed({ job }: StepContext): boolean {
  return job.params.inputKind === INPUT_KIND.sealed;
}

/** Public inputs are fetched and checked before anything is locked. */
function prepare(context: StepContext): Done | Task {
  if (isSealed(context)) return to('ready');
  return { slot: 'transfer', run: () => fetchInput(context, 'ready') };
}

async function fetchInput(context: StepContext, next: Phase): Promise<Done> {
  const { job, record, fetchInput: fetch, work, vault } = context;
  let input: Uint8Array;
  try {
    input = await fetch(job);
  } catch (cause) {
    if (next !== 'ready' || record.attempts + 1 < INPUT_TRIES) throw cause;
    return end('skipped', 'input is not to be had');
  }
  const problem = await work.checkInput(job, input);
  // Whoever lost it fetches it again.
  if (problem === null) return to(next, { input: vault.put(input, false) });
  if (next === 'ready') return end('skipped', `input: ${problem}`);
  throw new AssayError({ code: 'ASSAY_JOB_INPUT', shortMessage: `input: ${problem}` });
}

function lock({ record, job, calls }: StepContext): Done | null {
  if (job.state !== 'open' && job.state !== 'rescue') return null;
  return { ...to('locking'), calls: [[callKey('lock', record), calls.lock(job.params)]] };
}

/** A call that is mined shows in the job; one that is refused is told here. */
function afterCall(context: StepContext, name: 'lock' | 'acknowledge' | 'submit'): Done | null {
  const { outbox, record, job, situation } = context;
  const key = callKey(name, record);
  const delivery = outbox.delivery(key);
  if (delivery?.state !== 'refused' && delivery?.state !== 'failed') return null;
  const reason = `${name}: ${delivery.refusal?.reason ?? 'reverted'}`;
  if (name === 'lock') return end('skipped', reason);
  // Locked here, and refused: the node may be behind, or the clock has run out.
  if (situation.head.timestamp > (job.lock?.due ?? 0)) return end('failed', reason);
  // Wanted again behind a rest, which grows.
  outbox.retry(key);
  throw new AssayError({ code: 'ASSAY_CALL_REFUSED', shortMessage: reason });
}

/** The job is ours: public input is here or fetched again, sealed input is waited for and opened. */
function receive(context: StepContext): Done | Task | null {
  const { record, job } = context;
  if (!isSealed(context)) {
    if (record.input !== null) return to('held');
    return { slot: 'transfer', run: () => fetchInput(context, 'held') };
  }
  if (job.acknowledged && record.input !== null) return to('held');
  // Not delivered in time: the lock is ended as every lock is whose time is over.
  if (job.delivered === null) return null;
  return { slot: 'transfer', run: () => openInput(context) };
}

async function openInput({
  job,
  record,
  fetchSealed,
  work,
  vault,
  calls,
}: StepContext): Promise<Done> {
  const input = await work.unseal(job, await fetchSealed(job));
  const problem = await work.checkInput(job, input);
  if (problem !== null) {
    throw new AssayError({ code: 'ASSAY_JOB_INPUT', shortMessage: `sealed input: ${problem}` });
  }
  const patch = { input: vault.put(input) };
  if (job.acknowledged) return to('held', patch);
  const call = calls.acknowledge(job.params);
  return { ...to('acknowledging', patch), calls: [[callKey('acknowledge', record), call]] };
}

/** Something that was stored here; lost: the job goes back to where it is made. */
function stored({ vault }: StepContext, name: string | null): Uint8Array | null {
  return name === null ? null : vault.get(name);
}

function execute(context: StepContext): Done | Task {
  const { work, job, vault } = context;
  const input = stored(context, context.record.input);
  if (input === null) return to('locked', { input: null });
  return {
    slot: 'compute',
    run: async () => {
      const { output, outputRoot, traceRoot } = await work.execute(job, input);
      // Lost, it is computed again: a receipt, which is dear, and a sealed input, which may be gone, are not.
      return to('executed', { output: vault.put(output, false), outputRoot, traceRoot });
    },
  };
}

function prove(context: StepContext): Done | Task {
  const { work, job, vault, record } = context;
  if ((job.params.evidence & EVIDENCE.proof) === 0) return to('proven');
  const input = stored(context, record.input);
  if (input === null) return to('locked', { input: null });
  return {
    slot: 'compute',
    run: async () => {
      const { receipt, sealed } = await work.prove(job, input);
      return to('proven', {
        receipt: vault.put(receipt),
        ...(sealed === null
          ? {}
          : { sealedOutput: vault.put(sealed.output), outputRoot: sealed.root }),
      });
    },
  };
}

/**
 * From here on strangers can have the output: not before the lock is as deep as it has to be, lest a
 * reorg gives the job, and the work, to another.
 */
function publish(context: StepContext): Done | null {
  const { job, record, situation, policy, artefacts } = context;
  const { lock: locked } = job;
  if (locked === null) return null;
  if (situation.head.number - locked.block.number < BigInt(policy.confirmations)) return null;
  const entry = (bytes: Uint8Array | null): ManifestEntry | null =>
    bytes === null ? null : { sha256: artefacts.put(bytes), bytes: bytes.length };
  const output = stored(context, record.output);
  const receipt = stored(context, record.receipt);
  const sealedOutput = stored(context, record.sealedOutput);
  const hasProof = (job.params.evidence & EVIDENCE.proof) !== 0;
  if (output === null || (hasProof && receipt === null)) return to('held');
  const manifest = encodeManifest({
    job: job.id,
    model: job.params.modelId,
    output: record.sealedOutput === null ? entry(output) : null,
    receipt: entry(receipt),
    sealedOutput: entry(sealedOutput),
  });
  return to('published', { manifest: artefacts.put(manifest) });
}

function submit(context: StepContext): Done | null {
  const { job, record, calls, address, endpoint, situation } = context;
  const { manifest, outputRoot, traceRoot, receipt } = record;
  if (job.state !== 'locked' || job.lock === null) return null;
  if (situation.head.timestamp > job.lock.due) return null;
  if (manifest === null || outputRoot === null) return to('held');
  const submission: Submission = {
    job: job.id,
    provider: address,
    outputRoot,
    traceRoot: traceRoot ?? ZERO_HASH,
    proofDigest: receipt === null ? ZERO_HASH : `0x${receipt}`,
    artefacts: `0x${manifest}`,
  };
  const output = record.sealedOutput === null ? stored(context, record.output) : null;
  if (record.sealedOutput === null && output === null) return to('held');
  const inline: Hex =
    output !== null && output.length <= INLINE_OUTPUT_BYTES ? hexOf(output) : '0x';
  const call = calls.submit(job.params, submission, inline, endpoint());
  return { ...to('submitting'), calls: [[callKey('submit', record), call]] };
}

/** Submitted: asks for the pay when all clocks are over, or for the end when nobody judged the proof. */
function collect(context: StepContext): null {
  const { job, rules, situation, record, calls } = context;
  const { submission, params } = job;
  if (submission === null || job.challenges.length > 0) return null;
  const { timestamp, number } = situation.head;
  const hasTrace = (params.evidence & EVIDENCE.trace) !== 0;
  const needsVerdict = (params.evidence & EVIDENCE.proof) !== 0 && job.settled === null;
  const windowEnd = submission.windowEnd + rules.graceSeconds;
  const windowEndBlock = submission.windowEndBlock + BigInt(rules.graceBlocks);
  if (hasTrace && (timestamp <= windowEnd || number <= windowEndBlock)) return null;
  if (!needsVerdict) {
    wantAgain(context, callKey('finalize', record), calls.finalize(job.id));
    return null;
  }
  return expireAfter(context, Math.max(submission.windowEnd, 0) + rules.verdictSeconds);
}

function expireAfter(context: StepContext, clock: number): null {
  const { situation, record, calls, job } = context;
  if (situation.head.timestamp <= clock) return null;
  wantAgain(context, callKey('expire', record), calls.expire(job.params));
  return null;
}

/** Enqueued once; after a refusal, which clocks of blocks make likely, again behind a rest. */
function wantAgain({ outbox, store, log }: StepContext, key: string, call: Call): void {
  const delivery = outbox.delivery(key);
  if (delivery === null) store.transaction(() => outbox.enqueue(key, call));
  else if (delivery.state === 'refused' || delivery.state === 'failed') {
    log.debug({ call: key, reason: delivery.refusal?.reason }, 'wanted again');
    outbox.retry(key, call);
  }
}
