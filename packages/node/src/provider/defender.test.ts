import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ChallengeState,
  EVIDENCE,
  type MarketView,
  type Submission,
  ZERO_HASH,
} from '@assay/market';
import { ArtefactStore } from '@assay/market/node';
import { TraceTrees } from '@assay/program/trace';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Hex } from 'viem';
import { openDatabase, type Store } from '../database/index.ts';
import { DisputeCalls } from '../disputes/index.ts';
import { createLogger } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import { createOutbox, OUTBOX_SCHEMA } from '../outbox/index.ts';
import { FakeChain } from '../testing/fake-chain.ts';
import { FakeMarket } from '../testing/fake-market.ts';
import { Defender } from './defender.ts';
import { PROVIDER_SCHEMA } from './records.ts';
import type { Work } from './types.ts';

const ME: Hex = '0x00000000000000000000000000000000000000c1';
const RUN_MS = 1000;
const ROOT: Hex = `0x${'44'.repeat(32)}`;

let folder: string;
let store: Store;
let clock: number;
let runs: number;
let market: FakeMarket;
let defender: Defender;
let gasPrice: bigint;
/** Instead of the market's. */
let challenges: MarketView['challenges'];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-defender-'));
  store = openDatabase(join(folder, 'a.db'), [OUTBOX_SCHEMA, PROVIDER_SCHEMA]);
  clock = 1e9;
  runs = 0;
  gasPrice = 100n;
  challenges = new Map();
  const chain = new FakeChain();
  market = new FakeMarket(chain, ME);
  const log = createLogger({ level: 'silent' });
  const work = {
    trees: async () => {
      runs += 1;
      clock += RUN_MS;
      return new TraceTrees([], { 0: [], 1: [], 2: [], 3: [] });
    },
  } as unknown as Work;
  const outbox = createOutbox({
    store,
    wire: chain.wire(),
    log,
    confirmations: 2,
    bumpAfterMs: 1e9,
    now: () => clock,
  });
  defender = new Defender({
    address: ME,
    store,
    outbox,
    vault: new ArtefactStore(join(folder, 'vault')),
    view: () => {
      const { jobs, models } = market.view();
      return { jobs, models, challenges } as MarketView;
    },
    reads: market.reads,
    work,
    fetchInput: async () => Uint8Array.of(1),
    calls: new DisputeCalls({
      chainId: 1,
      fromBlock: 0n,
      market: ME,
      disputes: ME,
      models: ME,
      providers: ME,
      token: ME,
    }),
    log,
    metrics: createMetrics(false),
    gasPrice: async () => gasPrice,
    now: () => clock,
  });
});

afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

/** A job that was submitted from here. */
function submitted(): Hex {
  const id = market.post({ evidence: EVIDENCE.trace });
  market.chain.mine();
  const params = market.view().jobs.get(id)?.params;
  if (params === undefined) throw new Error('no job');
  const submission: Submission = {
    job: id,
    provider: ME,
    outputRoot: ROOT,
    traceRoot: ROOT,
    proofDigest: ZERO_HASH,
    artefacts: ZERO_HASH,
  };
  market.act({ name: 'lock', params }, ME);
  market.chain.mine();
  market.act({ name: 'submit', params, submission, output: '0x', uri: '' }, ME);
  market.chain.mine();
  return id;
}

describe('strangers who ask for traces', () => {
  it('cannot keep the provider at work: a tenth of the time is theirs', async () => {
    const jobs = Array.from({ length: 8 }, submitted);
    const start = clock;
    let shown = 0;
    while (clock - start < 200 * RUN_MS) {
      for (const job of jobs) if ((await defender.treesOf(job)) !== null) shown += 1;
      clock += RUN_MS / 4;
    }
    expect(shown).toBeGreaterThan(0);
    expect((runs * RUN_MS) / (clock - start)).toBeLessThan(0.11);
  });

  it('are served the same trace without another run', async () => {
    const job = submitted();
    for (let i = 0; i < 50; i++) expect(await defender.treesOf(job)).not.toBeNull();
    expect(runs).toBe(1);
  });
});

describe('a challenge', () => {
  it('waits while gas is dear, and is answered when its turn is nearly over', async () => {
    const job = submitted();
    const { timestamp } = await market.reads.head();
    await defender.step();
    const state = {
      provider: ME,
      next: 0,
      due: timestamp + 1000,
      dueBlock: 1_000_000n,
      turnSeconds: 1000,
    } as ChallengeState;
    const view = { id: ROOT, job, challenger: ME, open: true, upheld: null, moves: [] };
    challenges = new Map([[ROOT, { ...view, state }]]);
    gasPrice = 10_000n;
    await defender.step();
    expect(runs).toBe(0);
    challenges = new Map([[ROOT, { ...view, state: { ...state, due: timestamp + 250 } }]]);
    await defender.step();
    expect(runs).toBe(1);
  });
});
