import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '@assay/core/engine';
import { AssayError } from '@assay/core/errors';
import type { Program } from '@assay/program';
import type { VerifyingKey } from '@assay/verifier';
import type { Hex, TransactionReceipt } from 'viem';
import { artefactUrl } from '../artefacts/index.ts';
import { type JobView, pause } from '../chain/index.ts';
import {
  type FetchedOutput,
  type JobRequest,
  type Judgement,
  type MarketClient,
  type OwnSide,
  type SealedOutput,
} from '../client/index.ts';
import { bytesOf } from '../hex.ts';
import { EVIDENCE, INPUT_KIND, isEnded } from '../jobs/index.ts';
import { newSealKey } from '../seal/index.ts';
import { ArtefactStore } from './artefact-store.ts';
import { startHttpServer } from './http-server.ts';
import { commitInput, onlyPort, openCommitted } from './sealed-values.ts';

/** A job to be posted and seen through, and one's own copy of the model that it is judged by. */
export interface Order extends Omit<JobRequest, 'input' | 'outputKey' | 'program'> {
  readonly program: Program;
  /** Needed for proof evidence. */
  readonly key: VerifyingKey | null;
  readonly values: ReadonlyMap<string, Int32Array>;
  /** Input and output are between requester and provider: sealed, and committed in the proof. Takes an engine. */
  readonly privately?: { readonly engine: Engine; readonly host?: string | undefined } | undefined;
}

/** What happens to a job, as it happens. */
export type OrderEvent =
  | { readonly kind: 'posted'; readonly id: Hex; readonly receipt: TransactionReceipt }
  | { readonly kind: 'state'; readonly job: JobView }
  | { readonly kind: 'delivered'; readonly receipt: TransactionReceipt; readonly bytes: number }
  | { readonly kind: 'judged'; readonly judgement: Judgement; readonly ms: number }
  | { readonly kind: 'accepted'; readonly receipt: TransactionReceipt };

export interface Fulfilled {
  readonly job: JobView;
  /** Of its proof; null: none was asked for, or none came. */
  readonly judgement: Judgement | null;
  /** Null unless the job was paid. */
  readonly output: FetchedOutput | null;
}

interface Private {
  readonly input: { readonly name: Uint8Array; readonly bytes: Uint8Array };
  readonly sealed: SealedOutput;
  publish(envelope: Uint8Array): Promise<string>;
  close(): Promise<void>;
}

/** What a private job needs on the requester's side: its commitment, its key, and a place to fetch from. */
async function preparePrivate({ key, values, privately }: Order): Promise<Private | null> {
  if (privately === undefined) return null;
  if (key === null) {
    throw new AssayError({
      code: 'ASSAY_JOB_REQUEST',
      shortMessage: 'job: a private job takes a proof, and this model is not set up for proofs',
    });
  }
  const { engine, host } = privately;
  const port = onlyPort(key, 'inputs');
  const output = onlyPort(key, 'outputs');
  const input = commitInput(engine, key, values.get(port.name) ?? new Int32Array());
  const sealKey = await newSealKey();
  const folder = mkdtempSync(join(tmpdir(), 'assay-order-'));
  const artefacts = new ArtefactStore(folder);
  const server = await startHttpServer({ artefacts, host });
  return {
    input,
    sealed: {
      key: sealKey,
      open: (bytes, name) => {
        const opened = openCommitted(engine, key, 'outputs', bytesOf(name), bytes);
        return typeof opened === 'string' ? opened : new Map([[output.name, opened.values]]);
      },
    },
    publish: async (envelope) => artefactUrl(server.url, artefacts.put(envelope)),
    close: async () => {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Between looks at the chain. */
const POLL_MS = 300;

const hasProof = ({ params }: JobView): boolean => (params.evidence & EVIDENCE.proof) !== 0;

/**
 * Posts a job and sees it through: delivers what is sealed to whoever has locked it, verifies the proof,
 * accepts one that holds, waits for the end, fetches the output. A proof that does not hold is not
 * accepted; what then becomes of the job the market's clocks decide.
 *
 * @throws {AssayError} what `prepare`, `post` and `fetchOutput` throw
 */
export async function placeOrder(
  client: MarketClient,
  order: Order,
  on: (event: OrderEvent) => void = () => {},
  signal?: AbortSignal,
): Promise<Fulfilled> {
  const mine = await preparePrivate(order);
  try {
    const prepared = await client.prepare({
      ...order,
      input:
        mine === null
          ? { kind: 'inline', values: order.values }
          : { kind: 'sealed', name: mine.input.name },
      outputKey: mine?.sealed.key.publicKey,
    });
    const { id, receipt } = await client.post(prepared);
    on({ kind: 'posted', id, receipt });
    return await seeThrough(client, id, order, mine, on, signal);
  } finally {
    await mine?.close();
  }
}

async function seeThrough(
  client: MarketClient,
  id: Hex,
  order: Order,
  mine: Private | null,
  on: (event: OrderEvent) => void,
  signal?: AbortSignal,
): Promise<Fulfilled> {
  const own: OwnSide = { program: order.program, key: order.key, inputs: order.values };
  let judgement: Judgement | null = null;
  let judged: Hex | null = null;
  let seen: string | null = null;
  for (;;) {
    const job = await client.job(id);
    if (job.state !== seen) on({ kind: 'state', job });
    seen = job.state;
    if (isEnded(job.state)) {
      const paid = job.state === 'final';
      const output = paid ? await client.fetchOutput(job, order.program, mine?.sealed) : null;
      return { job, judgement, output };
    }
    if (awaitsInput(job)) {
      if (mine === null) throw new TypeError('placeOrder: expected a sealed input');
      const { bytes } = mine.input;
      const delivery = await client.deliver(id, bytes, (envelope) => mine.publish(envelope));
      on({ kind: 'delivered', receipt: delivery, bytes: bytes.length });
      continue;
    }
    if (!hasProof(job) || !awaitsJudgement(job, judged)) {
      await expireIfOver(client, job);
      await pause(POLL_MS, signal);
      signal?.throwIfAborted();
      continue;
    }
    const started = performance.now();
    judgement = await client.check(job, own);
    judged = job.submission?.hash ?? null;
    on({ kind: 'judged', judgement, ms: performance.now() - started });
    if (judgement.verdict === 'pass') {
      on({ kind: 'accepted', receipt: await client.accept(id) });
    }
  }
}

/** Second at which a job may be ended for what somebody has not done; null: nobody's clock runs. */
function clockOf({ state, params, lock, rescue }: JobView): number | null {
  switch (state) {
    case 'open':
      return params.lockBy;
    case 'locked':
      return lock?.due ?? null;
    case 'rescue':
      return rescue?.until ?? null;
    default:
      return null;
  }
}

/** A missed clock gives the price back, and opens a rescue: whoever waits for it calls it. */
async function expireIfOver(client: MarketClient, job: JobView): Promise<void> {
  const clock = clockOf(job);
  if (clock === null) return;
  const { timestamp } = await client.reads.head();
  if (timestamp <= clock) return;
  try {
    await client.expire(job.id);
  } catch (error) {
    // Somebody else was first, or the provider was, in the last second.
    if (!(error instanceof AssayError) || error.code !== 'ASSAY_CALL_REFUSED') throw error;
  }
}

function awaitsInput(job: JobView): boolean {
  return (
    job.params.inputKind === INPUT_KIND.sealed && job.state === 'locked' && job.delivered === null
  );
}

function awaitsJudgement({ state, submission, settled }: JobView, judged: Hex | null): boolean {
  return (
    state === 'submitted' && settled === null && submission !== null && submission.hash !== judged
  );
}
