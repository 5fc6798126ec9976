import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AssayError } from '@assay/core/errors';
import { MarketCalls, MarketReads, modelId, pause, withProvenance } from '@assay/market';
import { localAccount, localSecret } from '@assay/market/node';
import { type LocalMarket, startLocalMarket } from '@assay/market/testing';
import { openServedModel, type ServedModel } from '@assay/node';
import { createWalletClient, type Hex, http, maxUint256, type WalletClient } from 'viem';
import type { LoadedCase } from '../cases/index.ts';
import { connectedPipeline } from '../connected.ts';
import { percentile } from '../statistics.ts';
import { type CallCost, costsSince } from './chain-cost.ts';
import { type Facts, findFaults, type Money, type Standing } from './check.ts';
import { type ExpectedJob, listJobs, postCalls } from './job-list.ts';
import { observe, type Observer } from './observer.ts';
import {
  metricsOf,
  metricSum,
  peakMemory,
  type ProviderProcess,
  startProvider,
} from './provider-process.ts';

export interface LoadOptions {
  readonly jobs: number;
  readonly name: string;
  readonly model: LoadedCase;
  /** JavaScript that runs `daemon-main`. */
  readonly script: string;
  readonly onProgress?: ((stage: string, done: number, of: number) => void) | undefined;
  /** Jobs that are neither finished nor go on for so long are stuck. @default 120000 */
  readonly patienceMs?: number | undefined;
}

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface NodeFigures {
  readonly name: string;
  readonly jobs: number;
  /** Null where the system does not say. */
  readonly peakBytes: number | null;
  /** Steps that failed and were tried again. */
  readonly stepErrors: number;
}

export interface LoadFigures {
  readonly model: string;
  readonly jobs: number;
  /** From the first post that was seen to the last payment. */
  readonly seconds: number;
  readonly jobsPerSecond: number;
  readonly postSeconds: number;
  /** Jobs that were open at a time, at most. */
  readonly mostOpen: number;
  readonly postToSubmittedMs: Percentiles;
  readonly postToPaidMs: Percentiles;
  readonly nodes: readonly NodeFigures[];
  /** Of all transactions from the first post on: reverted ones, and those that belong to no job, too. */
  readonly gasPerJob: number;
  readonly transactions: number;
  readonly reverted: number;
  readonly calls: readonly CallCost[];
}

const DOLLAR = 1_000_000n;
const REQUESTER = 1;
const PROVIDERS = [3, 4, 5] as const;
const PRICE = DOLLAR / 10n;
const STAKE = 25_000n * DOLLAR;
/** Accounts of a local market that have test dollars. */
const FUNDED = 10;
/** Transactions of the requester that are on their way at a time. */
const POSTING = 50;
const POST_GAS = 1_000_000n;

/**
 * Posts jobs all at once to a local chain and lets providers in processes of their own do them. What
 * comes out is checked first: figures of something broken are not given.
 *
 * @throws {AssayError} ASSAY_BENCH_WRONG_RESULT, ASSAY_BENCH_NODE
 */
export async function measureLoad(options: LoadOptions): Promise<LoadFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-load-'));
  const closing: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  try {
    const bundle = join(folder, 'model');
    options.onProgress?.('compile', 0, 0);
    const { model, calibration } = options.model;
    const request = { name: options.name, model, samples: calibration, folder: bundle };
    await connectedPipeline.compile({ ...request, privateWeights: false });
    const served = openServedModel(bundle);
    closing.push(() => {
      served.bundle.close();
    });
    options.onProgress?.('chain', 0, 0);
    const market = await startLocalMarket({ blockTimeSeconds: 1, args: ['--mixed-mining'] });
    closing.push(() => market.stop());
    return await load({ ...options, folder, bundle, served, market }, closing);
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

interface Setting extends LoadOptions {
  readonly folder: string;
  readonly bundle: string;
  readonly served: ServedModel;
  readonly market: LocalMarket;
}

async function load(setting: Setting, closing: (() => unknown)[]): Promise<LoadFigures> {
  const { market, served, model, folder, bundle, script, onProgress } = setting;
  const reads = new MarketReads(market.client, market.addresses);
  const calls = new MarketCalls(market.addresses);
  const wallet = createWalletClient({
    account: localAccount(REQUESTER),
    transport: http(market.anvil.url),
  });
  const record = withProvenance(served.record);
  await sendAll(wallet, market, [
    calls.registerModel(record, []),
    calls.approve(market.addresses.market, maxUint256),
  ]);
  const jobs = await listJobs(served, model.scored, market, reads, {
    count: setting.jobs,
    requester: localAccount(REQUESTER).address,
    modelId: modelId(record),
    maxPrice: PRICE,
    // The chain's clock runs ahead when it has several blocks in a second.
    lockSeconds: 86_400,
    workSeconds: 86_400,
    windowSeconds: 5,
  });
  onProgress?.('providers', 0, 0);
  const nodes = await Promise.all(
    PROVIDERS.map((account, i) =>
      startProvider(script, `provider-${i + 1}`, localAccount(account).address, {
        folder: join(folder, `provider-${i + 1}`),
        rpcUrl: market.anvil.url,
        addresses: market.addresses,
        secret: localSecret(account),
        bundles: [bundle],
        threads: 1,
        pollMs: 500,
        provider: { stake: STAKE, places: 64 },
        logLevel: process.env['ASSAY_BENCH_LOG'] ?? 'warn',
      }),
    ),
  );
  closing.push(() => Promise.all(nodes.map((node) => node.stop())));
  await until(
    'providers have staked',
    setting.patienceMs,
    async () => {
      const accounts = await Promise.all(nodes.map(({ address }) => reads.account(address)));
      return accounts.filter(({ free }) => free === STAKE).length;
    },
    nodes.length,
  );

  const start = await market.client.getBlockNumber({ cacheTime: 0 });
  const before = await tokensOfAccounts(reads);
  const observer = observe(market, () => performance.now());
  closing.push(() => observer.stop());
  const begun = performance.now();
  await sendAll(wallet, market, postCalls(market, jobs), (done) =>
    onProgress?.('post', done, jobs.length),
  );
  const postSeconds = (performance.now() - begun) / 1000;
  await until(
    'jobs are paid',
    setting.patienceMs,
    async () => {
      onProgress?.('paid', observer.count('Finalized'), jobs.length);
      return observer.count('Finalized');
    },
    jobs.length,
  );
  const leftovers = await settle(nodes, setting.patienceMs);
  await observer.stop();
  const figures = await Promise.all(nodes.map((node) => nodeFigures(node, reads)));
  const facts: Facts = {
    jobs,
    events: observer.events,
    money: await moneyOf(market, reads, nodes, before, BigInt(jobs.length) * PRICE),
    standings: await Promise.all(nodes.map((node) => standingOf(node, reads))),
    leftovers,
  };
  const faults = findFaults(facts);
  if (faults.length > 0) throw wrong(faults);
  const costs = await costsSince(market, start);
  return { ...summary(setting, jobs, observer, costs), postSeconds, nodes: figures };
}

function wrong(faults: readonly string[]): AssayError {
  const more = faults.length > 20 ? [`and ${faults.length - 20} more`] : [];
  return new AssayError({
    code: 'ASSAY_BENCH_WRONG_RESULT',
    shortMessage: 'The result is wrong, so there are no figures.',
    details: [...faults.slice(0, 20), ...more].join('\n'),
  });
}

/** Waits for a count to reach its goal, as long as it moves. @throws {AssayError} ASSAY_BENCH_WRONG_RESULT */
async function until(
  what: string,
  patienceMs = 120_000,
  count: () => Promise<number>,
  goal: number,
): Promise<void> {
  let last = -1;
  let moved = performance.now();
  for (;;) {
    const now = await count();
    if (now >= goal) return;
    if (now !== last) moved = performance.now();
    last = now;
    if (performance.now() - moved > patienceMs) {
      throw wrong([`${what}: ${now} of ${goal}, and none more in ${patienceMs / 1000} s`]);
    }
    await pause(200);
  }
}

/** Sends calls of one account in order, many under way at a time, and waits until all are mined. */
async function sendAll(
  wallet: WalletClient,
  { client }: LocalMarket,
  calls: readonly { readonly to: Hex; readonly data: Hex }[],
  onSent: (done: number) => void = () => {},
): Promise<void> {
  const { account } = wallet;
  if (account?.signTransaction === undefined) throw new TypeError('sendAll: expected an account');
  const { signTransaction } = account;
  const first = await client.getTransactionCount({ address: account.address });
  const chainId = await client.getChainId();
  for (let i = 0; i < calls.length; i += POSTING) {
    const hashes = await Promise.all(
      calls.slice(i, i + POSTING).map(async ({ to, data }, k) => {
        const serializedTransaction = await signTransaction({
          type: 'eip1559',
          chainId,
          to,
          data,
          nonce: first + i + k,
          gas: POST_GAS,
          maxFeePerGas: 10n ** 11n,
          maxPriorityFeePerGas: 1n,
        });
        return client.sendRawTransaction({ serializedTransaction });
      }),
    );
    for (const hash of hashes) {
      const { status } = await client.waitForTransactionReceipt({ hash, pollingInterval: 50 });
      if (status !== 'success') throw wrong([`a transaction of the requester reverted: ${hash}`]);
    }
    onSent(i + hashes.length);
  }
}

/** Until no node has anything left to do. @returns what is left when patience is over */
async function settle(
  nodes: readonly ProviderProcess[],
  patienceMs = 120_000,
): Promise<Facts['leftovers']> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const left = await Promise.all(
      nodes.map(async (node) => {
        const text = await metricsOf(node);
        const transactions = metricSum(text, 'assay_transactions_pending');
        // Jobs that others have done are no work any more, but may still be seen as such.
        return { name: node.name, count: transactions + metricSum(text, 'assay_jobs') };
      }),
    );
    if (left.every(({ count }) => count === 0) || performance.now() > end) return left;
    await pause(500);
  }
}

async function nodeFigures(node: ProviderProcess, reads: MarketReads): Promise<NodeFigures> {
  const [text, { done }] = await Promise.all([metricsOf(node), reads.account(node.address)]);
  return {
    name: node.name,
    jobs: done,
    peakBytes: peakMemory(node.process.pid),
    stepErrors: metricSum(text, 'assay_step_errors_total'),
  };
}

async function standingOf(node: ProviderProcess, reads: MarketReads): Promise<Standing> {
  const { free, reserved, done, late, faulty, slashed } = await reads.account(node.address);
  const { address } = node;
  return { address, stake: STAKE, free, reserved, done, late, faulty, slashed };
}

async function tokensOfAccounts(reads: MarketReads): Promise<bigint> {
  const indices = Array.from({ length: FUNDED }, (_, i) => i);
  const amounts = await Promise.all(indices.map((i) => reads.tokens(localAccount(i).address)));
  return amounts.reduce((a, b) => a + b, 0n);
}

async function moneyOf(
  { addresses }: LocalMarket,
  reads: MarketReads,
  nodes: readonly ProviderProcess[],
  before: bigint,
  deposited: bigint,
): Promise<Money> {
  const stakes = STAKE * BigInt(nodes.length);
  return {
    minted: before + stakes,
    accounts: await tokensOfAccounts(reads),
    inMarket: await reads.tokens(addresses.market),
    inProviders: await reads.tokens(addresses.providers),
    inDisputes: await reads.tokens(addresses.disputes),
    requester: await reads.balance(localAccount(REQUESTER).address),
    providers: await Promise.all(nodes.map(({ address }) => reads.balance(address))),
    deposited,
  };
}

function percentiles(values: readonly number[]): Percentiles {
  return {
    p50: percentile(values, 0.5),
    p95: percentile(values, 0.95),
    p99: percentile(values, 0.99),
  };
}

function summary(
  { name }: Setting,
  jobs: readonly ExpectedJob[],
  { times }: Observer,
  calls: readonly CallCost[],
): Omit<LoadFigures, 'postSeconds' | 'nodes'> {
  const seen = jobs.map(({ id }) => {
    const { Posted, Submitted, Finalized } = times.get(id) ?? {};
    return { posted: Posted ?? 0, submitted: Submitted ?? 0, paid: Finalized ?? 0 };
  });
  const first = Math.min(...seen.map(({ posted }) => posted));
  const seconds = (Math.max(...seen.map(({ paid }) => paid)) - first) / 1000;
  const total = (field: 'transactions' | 'totalGas' | 'reverted'): number =>
    calls.reduce((sum, call) => sum + call[field], 0);
  return {
    model: name,
    jobs: jobs.length,
    seconds,
    jobsPerSecond: jobs.length / seconds,
    mostOpen: mostAtOnce(seen),
    postToSubmittedMs: percentiles(seen.map(({ posted, submitted }) => submitted - posted)),
    postToPaidMs: percentiles(seen.map(({ posted, paid }) => paid - posted)),
    gasPerJob: Math.round(total('totalGas') / jobs.length),
    transactions: total('transactions'),
    reverted: total('reverted'),
    calls,
  };
}

/** Jobs between post and payment at a time. */
function mostAtOnce(seen: readonly { readonly posted: number; readonly paid: number }[]): number {
  const changes = [
    ...seen.map(({ posted }) => ({ at: posted, by: 1 })),
    ...seen.map(({ paid }) => ({ at: paid, by: -1 })),
  ].toSorted((a, b) => (a.at === b.at ? b.by - a.by : a.at - b.at));
  let now = 0;
  return changes.reduce((most, { by }) => Math.max(most, (now += by)), 0);
}
