import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '@assay/core/engine';
import { asciiBytes, concatBytes, keccak256, toHex } from '@assay/core/hash';
import {
  backoffMs,
  bytesOf,
  httpTreeReader,
  Follower,
  hexOf,
  type JobView,
  MarketCalls,
  MarketReads,
  type MarketView,
  pause,
  sealKeyFromSeed,
  valuesBytes,
} from '@assay/market';
import { accountOf, ArtefactStore, startHttpServer } from '@assay/market/node';
import { createNodePool } from '@assay/runtime/node';
import { keyFromSeed } from '@assay/verifier';
import { createPublicClient, type Hex, http } from 'viem';
import {
  createFollowerStore,
  ensureMembership,
  FOLLOWER_SCHEMA,
  type MembershipOptions,
  readsOf,
} from './chain/index.ts';
import type { DaemonOptions } from './daemon-options.ts';
import { openDatabase } from './database/index.ts';
import { DisputeCalls } from './disputes/index.ts';
import { allowedUrls, type FetchSettings, fetchInput, fetchSealed } from './fetch-input.ts';
import { type Content, nodeRoutes, servedTrees } from './http/index.ts';
import { createLogger, type Logger } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import {
  mirrorModel,
  ModelService,
  ModelShelf,
  openServedModel,
  type ServedModel,
} from './models/index.ts';
import { createOutbox, createWire, type Outbox, OUTBOX_SCHEMA } from './outbox/index.ts';
import { Defender, Provider, PROVIDER_SCHEMA, type Work } from './provider/index.ts';
import { Watcher, WATCHER_SCHEMA } from './watcher/index.ts';

/** A daemon that runs. */
export interface Daemon {
  readonly address: Hex;
  /** Where it listens. */
  readonly url: string;
  readonly provider: Provider | null;
  readonly watcher: Watcher | null;
  readonly outbox: Outbox;
  view(): MarketView;
  /** Takes no more jobs, lets the task that runs end within `graceMs`, and closes everything. @default 30000 */
  stop(graceMs?: number): Promise<void>;
}

const SCHEMA = [OUTBOX_SCHEMA, FOLLOWER_SCHEMA, PROVIDER_SCHEMA, WATCHER_SCHEMA];
/** Without a round that went well for so long it is not well. */
const WELL_MS = 60_000;
/** Between looks at what has been earned. */
const COLLECT_MS = 30_000;
const LOCAL_CHAIN = 31_337;

/** Keys of other purposes than the account's: who has them has not its money. */
function derivedSeed(purpose: string, secret: Uint8Array): Uint8Array {
  return keccak256(concatBytes(asciiBytes(`assay/${purpose}/v1\n`), secret));
}

/** Runs rounds one after the other; `wake` makes the next one come at once. */
class Rounds {
  readonly #abort = new AbortController();
  #wake = new AbortController();
  #running: Promise<void> = Promise.resolve();

  wake(): void {
    this.#wake.abort();
  }

  start(round: () => Promise<void>, pollMs: number, onTrouble: (error: unknown) => void): void {
    this.#running = this.#run(round, pollMs, onTrouble);
  }

  async #run(
    round: () => Promise<void>,
    pollMs: number,
    onTrouble: (error: unknown) => void,
  ): Promise<void> {
    let attempt = 0;
    while (!this.#abort.signal.aborted) {
      this.#wake = new AbortController();
      let rest = pollMs;
      try {
        await round();
        attempt = 0;
      } catch (error) {
        onTrouble(error);
        rest = Math.max(pollMs, backoffMs(attempt, { firstMs: pollMs }));
        attempt += 1;
      }
      await pause(rest, AbortSignal.any([this.#abort.signal, this.#wake.signal]));
    }
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }
}

/** What is to be undone at the end, the last first. */
class Closing {
  readonly #steps: (() => unknown)[] = [];

  add(step: () => unknown): void {
    this.#steps.push(step);
  }

  async run(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) await step();
  }
}

/**
 * Starts a provider, a watcher, or both, on one account.
 *
 * @throws {AssayError} what opening the database, the bundles, the worker pool and the HTTP server throw
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const closing = new Closing();
  try {
    return await start(options, closing);
  } catch (cause) {
    await closing.run();
    throw cause;
  }
}

async function start(options: DaemonOptions, closing: Closing): Promise<Daemon> {
  const { folder, addresses, secret, pollMs = 1000, confirmations = 2 } = options;
  const account = accountOf(secret);
  const log = createLogger({
    level: options.logLevel,
    secrets: [toHex(secret)],
    write: options.writeLog,
  }).child({ account: account.address });
  mkdirSync(folder, { recursive: true });
  const store = openDatabase(join(folder, 'node.db'), SCHEMA);
  closing.add(() => store.close());
  const metrics = createMetrics(true);
  const transport = http(options.rpcUrl, { retryCount: 1, timeout: 10_000 });
  const client = createPublicClient({ transport, cacheTime: 0 });
  const follower = new Follower({
    client,
    addresses,
    store: createFollowerStore(store),
    onReorg: (from, to) => {
      metrics.reorgs.inc();
      log.warn({ from: from.number, to: to?.number ?? null }, 'blocks were replaced');
    },
  });
  const view = (): MarketView => follower.view;
  const wire = createWire({ transport, chainId: addresses.chainId, account });
  const outbox = createOutbox({
    store,
    wire,
    log,
    confirmations,
    bumpAfterMs: options.bumpAfterMs,
  });
  const marketReads = new MarketReads(client, addresses);
  const reads = readsOf(marketReads, account.address);
  const marketCalls = new MarketCalls(addresses);
  const disputeCalls = new DisputeCalls(addresses);

  const models = options.bundles.map((path) => openServedModel(path, options.mostTraceBytes));
  const shelf = options.modelsFolder === undefined ? null : new ModelShelf(options.modelsFolder);
  const takeNew = (): readonly ServedModel[] => {
    const taken =
      shelf?.takeNew((bundle, err) => log.error({ bundle, err }, 'model refused')) ?? [];
    models.push(...taken);
    return taken;
  };
  takeNew();
  closing.add(() => {
    for (const { bundle } of models) bundle.close();
  });
  const pool = await createNodePool(
    options.threads === undefined ? {} : { threads: options.threads },
  );
  closing.add(() => pool.close());
  const sealKey = await sealKeyFromSeed(derivedSeed('sealed-input-key', secret));
  const service = new ModelService({
    models,
    engine: createEngine(pool),
    receiptKey: keyFromSeed(derivedSeed('receipt-key', secret)),
    sealKey,
    registered: (id) => follower.view.models.get(id),
    keptTraces: options.keptTraces,
    openings: join(folder, 'openings'),
    now: Date.now,
  });
  const artefacts = new ArtefactStore(join(folder, 'artefacts'));
  // Inputs that were sealed are in there.
  mkdirSync(join(folder, 'vault'), { recursive: true, mode: 0o700 });
  const vault = new ArtefactStore(join(folder, 'vault'));
  const rounds = new Rounds();
  // On a chain of this machine everyone is on this machine.
  const fetchSettings: FetchSettings = {
    allowsLocalUrls: addresses.chainId === LOCAL_CHAIN,
    ...options.fetch,
  };
  const getInput = (job: JobView): Promise<Uint8Array> => {
    const model = follower.view.models.get(job.params.modelId);
    const served = model === undefined ? null : service.find(model);
    const bytes =
      served === null || typeof served === 'string' ? 0 : valuesBytes(served.program.inputs);
    return fetchInput(job, bytes, fetchSettings);
  };

  let endpoint = options.publicUrl ?? '';
  const common = {
    address: account.address,
    store,
    outbox,
    view,
    reads,
    fetchInput: getInput,
    log,
    metrics,
    now: Date.now,
    wake: () => rounds.wake(),
  };
  const work: Work = options.alterWork?.(service) ?? service;
  const provider = createProvider();
  const defender =
    provider === null
      ? null
      : new Defender({
          ...common,
          vault,
          work,
          calls: disputeCalls,
          gasPrice: async () => (await wire.fees()).maxFeePerGas,
        });
  const watcher =
    options.watcher === undefined
      ? null
      : new Watcher({
          ...common,
          calls: disputeCalls,
          inspector: service,
          readerOf: (job) => {
            const { submission } = job;
            if (submission === null) throw new TypeError('watcher: expected a submission');
            const { timeoutMs } = fetchSettings;
            const { job: id, traceRoot, outputRoot } = submission.content;
            return httpTreeReader({
              endpoints: [submission.uri],
              job: id,
              roots: { 2: bytesOf(traceRoot), 3: bytesOf(outputRoot) },
              limits: { timeoutMs, allows: allowedUrls(fetchSettings) },
            });
          },
          share: options.watcher.share,
          challenges: options.watcher.challenges ?? true,
          fund: (amount) => [disputeCalls.approve(amount), disputeCalls.deposit(amount)],
        });

  function createProvider(): Provider | null {
    const { provider: settings } = options;
    if (settings === undefined) return null;
    for (const model of models) mirrorModel(model, artefacts);
    return new Provider({
      ...common,
      endpoint: () => endpoint,
      artefacts,
      vault,
      calls: marketCalls,
      work,
      fetchSealed: (job) => fetchSealed(job, fetchSettings),
      policy: {
        leastPay: () => settings.leastPay ?? 0n,
        places: settings.places ?? 4,
        verifierSets: new Set(settings.verifierSets ?? []),
        confirmations,
        mostReserve: settings.mostReserve ?? settings.stake,
        marginSeconds: settings.marginSeconds ?? 5,
        takesRescues: settings.takesRescues ?? true,
        withdrawAbove: settings.withdrawAbove ?? null,
      },
    });
  }

  const state = { head: 0n, followed: 0n, rounds: 0, lastRound: 0, lastCollection: 0, trouble: '' };
  const content: Content = {
    health: () => ({
      ok: Date.now() - state.lastRound < WELL_MS,
      details: {
        address: account.address,
        roles: [
          ...(provider === null ? [] : ['provider']),
          ...(watcher === null ? [] : ['watcher']),
        ],
        rounds: state.rounds,
        chain: { head: Number(state.head), read: Number(state.followed) },
        trouble: state.trouble === '' ? null : state.trouble,
        pendingTransactions: outbox.pending,
        models: models.map((model) => ({
          name: model.program.name,
          programDigest: hexOf(model.bundle.programDigest),
          evidence: model.evidence,
          traceRefusal: model.traceRefusal,
        })),
        covers: Object.fromEntries(watcher?.coverage ?? []),
      },
    }),
    trees: async (job) => {
      const trees = await defender?.treesOf(job as Hex);
      return trees === undefined || trees === null ? null : servedTrees(trees);
    },
  };
  const server = await startHttpServer({
    host: options.host,
    port: options.port,
    artefacts,
    routes: nodeRoutes(content, metrics),
    onError: (err) => log.error({ err }, 'request failed'),
  });
  closing.add(() => server.close());
  if (endpoint === '') endpoint = server.url;
  log.info({ url: server.url, endpoint, models: models.length }, 'started');

  const membership: MembershipOptions | null =
    options.provider === undefined
      ? null
      : {
          reads: marketReads,
          calls: marketCalls,
          addresses,
          address: account.address,
          store,
          outbox,
          encryptionKey: sealKey.publicKey,
          endpoint,
          stake: options.provider.stake,
        };
  rounds.start(round, pollMs, (err) => {
    metrics.chainErrors.inc();
    state.trouble = err instanceof Error ? (err.message.split('\n')[0] ?? '') : String(err);
    log.warn({ err }, 'round failed');
  });

  let isMember = membership === null;
  async function round(): Promise<void> {
    for (const model of takeNew()) {
      if (provider !== null) mirrorModel(model, artefacts);
      log.info({ model: model.program.name, folder: model.bundle.folder }, 'model taken');
    }
    const { head, followed } = await follower.poll();
    state.head = head;
    state.followed = followed;
    metrics.chainHead.set(Number(head));
    metrics.chainRead.set(Number(followed));
    if (!isMember && membership !== null) {
      isMember = await ensureMembership(membership, follower.view);
    }
    // Transactions that were mined are seen before the jobs, those that jobs want are sent after them.
    await outbox.step();
    await provider?.step();
    await defender?.step();
    await watcher?.step();
    if (Date.now() - state.lastCollection > COLLECT_MS) {
      state.lastCollection = Date.now();
      await provider?.collect();
    }
    await outbox.step();
    metrics.transactionsPending.set(outbox.pending);
    state.rounds += 1;
    state.lastRound = Date.now();
    state.trouble = '';
  }

  return {
    address: account.address,
    url: server.url,
    provider,
    watcher,
    outbox,
    view,
    stop: async (graceMs = 30_000) => {
      log.info('stopping');
      provider?.drain();
      await rounds.stop();
      const settle = async (): Promise<void> => {
        await provider?.settle();
        await watcher?.settle();
      };
      const grace = new AbortController();
      await Promise.race([settle(), pause(graceMs, grace.signal)]);
      // A timer that still runs would hold the process.
      grace.abort();
      await closing.run();
      log.info('stopped');
    },
  };
}

export type { Logger, Metrics };
