import { AssayError } from '@assay/core/errors';
import type { Program } from '@assay/program';
import {
  bytesOf,
  decodeValues,
  EVIDENCE,
  hexOf,
  httpTreeReader,
  type JobView,
  type MarketClient,
  type OwnSide,
  sameHex,
  valuesRoot,
} from '@assay/market';
import { type Order, placeOrder } from '@assay/market/node';
import { commitTrace, findFraud } from '@assay/runtime/trace';
import { executePorts } from '@assay/runtime';
import type { Hex } from 'viem';
import { EXIT } from '../exit-codes.ts';
import { STANDARD, writeBytes } from '../files.ts';
import { formatDollars, parseDollars } from '../network/amounts.ts';
import { clientFor, onlooker } from '../network/client.ts';
import { describeJob, jobJson } from '../network/job-text.ts';
import { accountNames } from '../network/market-figures.ts';
import { findRegistered, openOwnModel } from '../network/model.ts';
import { type AccountOptions, type NetworkOptions, openNetwork } from '../network/network-file.ts';
import { type Outcome, toJson, UsageError } from '../outcome.ts';
import { parseHex } from '../parse.ts';
import { startEngine } from '../pipeline.ts';
import { readInput, type SampleOptions } from '../sample.ts';
import { outputDocument } from '../tensors.ts';
import { type CommonOptions, progressFor, warn } from '../terminal.ts';

interface Common extends CommonOptions, NetworkOptions, AccountOptions {}

export interface SubmitOptions extends Common, SampleOptions {
  readonly input: readonly string[];
  readonly price: string;
  readonly leastPrice?: string;
  readonly evidence: 'trace' | 'proof' | 'both';
  readonly strict?: boolean;
  readonly lockSeconds?: number;
  readonly workSeconds?: number;
  readonly windowSeconds?: number;
  /** Input and output for the provider and oneself alone: takes a proof. */
  readonly private?: boolean;
  readonly threads?: number;
  /** Do not wait for the answer. */
  readonly detach?: boolean;
  readonly output: string;
}

const EVIDENCE_OF = { trace: ['trace'], proof: ['proof'], both: ['trace', 'proof'] } as const;

/** Posts a job; waits for the answer, verifies it, accepts a proof that holds. */
export async function submitJob(folder: string, options: SubmitOptions): Promise<Outcome> {
  if (options.private === true && options.evidence !== 'proof') {
    throw new UsageError('--private takes --evidence proof: a trace is public');
  }
  if (options.private === true && options.detach === true) {
    throw new UsageError('--private has to wait: the input is sealed to whoever locks the job');
  }
  const network = openNetwork(options);
  const client = clientFor(network, options);
  const own = openOwnModel(folder);
  try {
    const { program } = own.bundle;
    const model = await findRegistered(client, own);
    const inputs = await readInput(options.input, program, options);
    warn(options, inputs.clamped);
    const order: Order = {
      modelId: model.id,
      program,
      key: own.bundle.verifyingKey,
      values: inputs.values,
      evidence: EVIDENCE_OF[options.evidence],
      maxPrice: parseDollars('--price', options.price),
      minPrice:
        options.leastPrice === undefined
          ? undefined
          : parseDollars('--least-price', options.leastPrice),
      lockSeconds: options.lockSeconds,
      workSeconds: options.workSeconds,
      windowSeconds: options.windowSeconds,
    };
    return options.detach === true
      ? await postOnly(client, order)
      : await postAndWait(client, order, options);
  } finally {
    own.bundle.close();
  }
}

async function postOnly(client: MarketClient, order: Order): Promise<Outcome> {
  const input = { kind: 'inline', values: order.values } as const;
  const { id, receipt } = await client.post(await client.prepare({ ...order, input }));
  return {
    exitCode: EXIT.ok,
    json: { ok: true, job: id, gas: Number(receipt.gasUsed) },
    text: `posted      ${id} for ${receipt.gasUsed.toLocaleString('en')} gas`,
  };
}

async function postAndWait(
  client: MarketClient,
  order: Order,
  options: SubmitOptions,
): Promise<Outcome> {
  const progress = progressFor(options);
  const running = options.private === true ? await startEngine(options.threads) : null;
  try {
    const privately = running === null ? undefined : { engine: running.engine };
    const { job, judgement, output } = await placeOrder(
      client,
      { ...order, privately },
      (event) => {
        if (event.kind === 'state') progress.update(event.job.state, 0, 0);
      },
    );
    progress.end();
    const document = output === null ? null : outputDocument(order.program, output.values);
    const toFile = document !== null && options.output !== STANDARD;
    if (toFile) writeBytes(options.output, new TextEncoder().encode(`${toJson(document)}\n`));
    const held = judgement?.verdict === 'pass';
    const refused = judgement === null || judgement.verdict === 'pass' ? null : judgement;
    return {
      exitCode: output === null ? EXIT.rejected : EXIT.ok,
      json: { ok: output !== null, ...jobJson(job), judgement, ...document },
      text: [
        `job         ${job.id}: ${job.state}`,
        ...(job.paid === null ? [] : [`paid        ${formatDollars(job.paid)}`]),
        ...(held ? ['proof       verified here, and accepted'] : []),
        ...(refused === null ? [] : [`proof       ${refused.verdict}: ${refused.reason}`]),
        ...(toFile ? [`output      ${options.output}`] : []),
        ...(document === null || toFile ? [] : [toJson(document)]),
      ].join('\n'),
    };
  } finally {
    await running?.close();
  }
}

const jobHash = (text: string): Hex => hexOf(parseHex('job', text.replace(/^0x/, ''), 32, 32));

export async function jobStatus(id: string, options: Common): Promise<Outcome> {
  const network = openNetwork(options);
  const client = onlooker(network);
  const job = await client.job(jobHash(id));
  const { timestamp } = await client.reads.head();
  return {
    exitCode: EXIT.ok,
    json: { ok: true, ...jobJson(job) },
    text: describeJob(job, accountNames(network), timestamp),
  };
}

export interface FetchOptions extends Common {
  readonly model: string;
  readonly output: string;
  readonly receipt?: string;
}

/** Fetches the answer of a job, checked against what the chain keeps of it; the receipt too, if asked for. */
export async function fetchJob(id: string, options: FetchOptions): Promise<Outcome> {
  const network = openNetwork(options);
  const client = onlooker(network);
  const job = await client.job(jobHash(id));
  const own = openOwnModel(options.model);
  try {
    const { program } = own.bundle;
    const { values } = await client.fetchOutput(job, program);
    const document = outputDocument(program, values);
    const toFile = options.output !== STANDARD;
    if (toFile) writeBytes(options.output, new TextEncoder().encode(`${toJson(document)}\n`));
    if (options.receipt !== undefined) writeBytes(options.receipt, await client.fetchReceipt(job));
    return {
      exitCode: EXIT.ok,
      json: { ok: true, ...jobJson(job), receipt: options.receipt ?? null, ...document },
      text: [
        toFile ? `output      ${options.output}` : toJson(document),
        ...(options.receipt === undefined ? [] : [`receipt     ${options.receipt}`]),
      ].join('\n'),
      stdoutTaken: options.receipt === STANDARD,
    };
  } finally {
    own.bundle.close();
  }
}

export interface DisputeOptions extends Common {
  readonly model: string;
  readonly threads?: number;
}

/** Runs a submitted job again; where the trace differs, proves the fraud. */
export async function disputeJob(id: string, options: DisputeOptions): Promise<Outcome> {
  const network = openNetwork(options);
  const client = clientFor(network, options);
  const job = await client.job(jobHash(id));
  const { submission } = job;
  if (submission === null || job.state !== 'submitted') {
    throw new AssayError({
      code: 'ASSAY_JOB_STATE',
      shortMessage: `job ${job.id} is ${job.state}: only what is submitted, and not final, can be disputed`,
    });
  }
  if ((job.params.evidence & EVIDENCE.trace) === 0) {
    throw new UsageError('this job has no trace: its proof is accepted, or not');
  }
  const own = openOwnModel(options.model);
  const running = await startEngine(options.threads);
  try {
    const { trace, constants, bundle } = own;
    if (trace === null) throw new UsageError('this model has no trace');
    await findRegistered(client, own);
    const { program } = bundle;
    const inputs = inputsOf(job, program, await client.fetchInput(job, program));
    const weights = bundle.weights();
    const { trace: values } = executePorts(program, weights, inputs, running.engine);
    const mine = commitTrace(trace, program, weights, values, {
      engine: running.engine,
      constants,
    });
    const theirs = httpTreeReader({
      endpoints: client.endpoints(job),
      job: job.id,
      roots: {
        2: bytesOf(submission.content.traceRoot),
        3: bytesOf(submission.content.outputRoot),
      },
    });
    const fraud = await findFraud(trace, mine, theirs);
    if (fraud === null) {
      return {
        exitCode: EXIT.rejected,
        json: { ok: false, ...jobJson(job), fraud: null },
        text: `job         ${job.id}: output and trace are those of this model; there is nothing to dispute`,
      };
    }
    const { reveal } = await client.dispute(job.id, fraud);
    const ended = await client.job(job.id);
    const reward = ended.faults.at(-1)?.reward ?? 0n;
    return {
      exitCode: EXIT.ok,
      json: { ok: true, ...jobJson(ended), gas: Number(reveal.gasUsed) },
      text: `job         ${job.id}: ${ended.state}; reward ${formatDollars(reward)}, ${reveal.gasUsed.toLocaleString('en')} gas`,
    };
  } finally {
    own.bundle.close();
    await running.close();
  }
}

/** A public input, if it is the one that the job names. */
function inputsOf(job: JobView, program: Program, bytes: Uint8Array): OwnSide['inputs'] {
  const values = decodeValues(program, program.inputs, bytes);
  const isNamed = sameHex(hexOf(valuesRoot(program.inputs, bytes)), job.params.inputRoot);
  if (values.ok && isNamed) return values.value;
  throw new AssayError({
    code: 'ASSAY_JOB_INPUT',
    shortMessage: `the input of job ${job.id} is not the one that it names: its requester's fault, not the provider's`,
  });
}

export async function cancelJob(id: string, options: Common): Promise<Outcome> {
  const client = clientFor(openNetwork(options), options);
  const receipt = await client.cancel(jobHash(id));
  return {
    exitCode: EXIT.ok,
    json: { ok: true, job: jobHash(id), gas: Number(receipt.gasUsed) },
    text: `cancelled   ${jobHash(id)}`,
  };
}
