import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hexOf, type JobParams, type Submission, ZERO_HASH } from '@assay/market';
import { TensorTree, TraceTrees } from '@assay/program/trace';
import { treeReader } from '@assay/runtime/trace';
import type { Hex } from 'viem';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase, type Store } from '../database/index.ts';
import { DisputeCalls, type Evidence } from '../disputes/index.ts';
import { createLogger } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import { createOutbox, type Outbox, OUTBOX_SCHEMA } from '../outbox/index.ts';
import { FakeChain } from '../testing/fake-chain.ts';
import { FakeMarket, OTHER, PLACE } from '../testing/fake-market.ts';
import { WATCHER_SCHEMA } from './records.ts';
import type { Inspector } from './types.ts';
import { isSampled, Watcher } from './watcher.ts';

const ME: Hex = '0x00000000000000000000000000000000000000d1';

const treesOf = (value: number): TraceTrees => {
  const tree = new TensorTree(Int32Array.of(value));
  return new TraceTrees([], { 0: [], 1: [], 2: [tree], 3: [tree] });
};
const EVIDENCE_FOUND: Evidence = {
  kind: 'fraud',
  proof: {
    relation: { index: 0, kind: 'linear', body: new Uint8Array(), path: [] },
    element: 0n,
    openings: [],
  },
};

let folder: string;
let databases = 0;
let store: Store;
let chain: FakeChain;
let market: FakeMarket;
let outbox: Outbox;
let watcher: Watcher;
let clock: number;
let inspector: Inspector;
let settings: { share: number; challenges: boolean; hasInput: boolean };
let crashPoint: (where: string) => void;

function start(): void {
  const log = createLogger({ level: 'silent' });
  const watched = new Proxy(store, {
    get: (target, name) => {
      if (name === 'run' || name === 'transaction') crashPoint(name);
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  outbox = createOutbox({
    store: watched,
    wire: chain.wire(),
    log,
    confirmations: 2,
    bumpAfterMs: 1e9,
    now: () => clock,
  });
  const calls = new DisputeCalls(PLACE);
  watcher = new Watcher({
    address: ME,
    store: watched,
    outbox,
    view: () => market.view(),
    reads: market.reads,
    calls,
    inspector,
    fetchInput: async () => {
      crashPoint('fetch');
      if (!settings.hasInput) throw new Error('nobody is there');
      return new Uint8Array([1]);
    },
    readerOf: () => treeReader(treesOf(0)),
    share: settings.share,
    challenges: settings.challenges,
    fund: (amount) => [calls.approve(amount), calls.deposit(amount)],
    log,
    metrics: createMetrics(false),
    now: () => clock,
    wake: () => undefined,
  });
}

function fresh(): void {
  databases += 1;
  store = openDatabase(join(folder, `${databases}.db`), [OUTBOX_SCHEMA, WATCHER_SCHEMA]);
  chain = new FakeChain();
  market = new FakeMarket(chain, ME);
  clock = 0;
  settings = { share: 1, challenges: false, hasInput: true };
  crashPoint = () => undefined;
  inspector = {
    covers: async () => null,
    checkInput: async () => null,
    program: () => null,
    trees: async () => treesOf(1),
    findFraud: async () => {
      crashPoint('find');
      return EVIDENCE_FOUND;
    },
  };
  start();
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-watcher-'));
  fresh();
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A job that another provider has submitted; `value` 1 is what is computed here. */
function submitted(value: number, provider: Hex = OTHER): Hex {
  const id = market.post();
  chain.mine();
  const params = market.view().jobs.get(id)?.params as JobParams;
  market.act({ name: 'lock', params }, provider);
  const [, , traceRoot, outputRoot] = treesOf(value).roots.roots;
  const submission: Submission = {
    job: id,
    provider,
    outputRoot: hexOf(outputRoot),
    traceRoot: hexOf(traceRoot),
    proofDigest: ZERO_HASH,
    artefacts: ZERO_HASH,
  };
  market.act({ name: 'submit', params, submission, output: '0x', uri: 'http://other' }, provider);
  chain.mine();
  return id;
}

async function round(): Promise<void> {
  clock += 40_000;
  await watcher.step();
  await watcher.settle();
  await outbox.step();
}
const recordOf = (id: Hex): ReturnType<Watcher['record']> =>
  watcher.record(market.view().jobs.get(id)?.submission?.hash ?? '0x');
const over = (phase: string | undefined): boolean =>
  ['pass', 'fail', 'unverifiable', 'missed', 'skipped'].includes(phase ?? '');
async function until(id: Hex, holds = over, most = 40): Promise<string> {
  for (let i = 0; i < most; i++) {
    await round();
    if (holds(recordOf(id)?.phase)) break;
    chain.mine();
  }
  const record = recordOf(id);
  return `${record?.phase}${record?.reason === null ? '' : `: ${record?.reason}`}`;
}

test('roots that are the same: nothing is sent', async () => {
  expect(await until(submitted(1))).toBe('pass');
  expect(chain.mined).toEqual([]);
});

test('roots that differ: evidence is named in one block, and shown in a later one', async () => {
  const id = submitted(0);
  expect(await until(id)).toBe('fail: proven');
  expect(market.view().jobs.get(id)?.state).toBe('slashed');
  expect(chain.mined).toHaveLength(2);
  expect(market.reverted.size).toBe(0);
});

test('blocks that are replaced between the two', async () => {
  for (const depth of [1, 2, 3]) {
    store.close();
    fresh();
    const id = submitted(0);
    await until(id, (phase) => phase === 'revealing');
    chain.reorg(depth);
    expect(await until(id), `${depth}`).toBe('fail: proven');
    // Both may come back into one block, where the second is too early: it is sent again.
    expect(chain.mined.length).toBeLessThanOrEqual(3);
  }
});

describe('verdicts that are no proof', () => {
  test('each with its reason', async () => {
    settings.hasInput = false;
    expect(await until(submitted(0))).toBe('unverifiable: input is not to be had');
    settings.hasInput = true;
    inspector = { ...inspector, checkInput: async () => 'another root' };
    start();
    expect(await until(submitted(0))).toBe('unverifiable: input: another root');
    inspector = { ...inspector, covers: async () => 'it is not among the bundles' };
    start();
    expect(await until(submitted(0))).toBe('unverifiable: model: it is not among the bundles');
    expect([...watcher.coverage.values()]).toEqual(['it is not among the bundles']);
    expect(chain.mined).toEqual([]);
  });

  test('a share of all is checked, and never what comes from here', async () => {
    settings.share = 0;
    start();
    expect(await until(submitted(0))).toBe('skipped');
    settings.share = 1;
    start();
    expect(await until(submitted(0, ME))).toBe('skipped');
    const hashes = Array.from(
      { length: 4096 },
      (_, i): Hex => `0x${((i * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, '0')}`,
    );
    const share = hashes.filter((hash) => isSampled(hash, 0.25)).length / hashes.length;
    expect(share).toBeGreaterThan(0.22);
    expect(share).toBeLessThan(0.28);
    expect(hashes.every((hash) => isSampled(hash, 1))).toBe(true);
  });

  test('a job that is over before it was checked is missed', async () => {
    const id = submitted(0);
    await watcher.step();
    await watcher.settle();
    market.act({ name: 'accept', job: id });
    chain.mine();
    expect(await until(id)).toBe('missed: final');
  });
});

test('data that are refused: tried again, then demanded on chain with a bond', async () => {
  inspector = {
    ...inspector,
    findFraud: async () => {
      throw new Error('HTTP 404');
    },
  };
  start();
  const patient = submitted(0);
  for (let i = 0; i < 5; i++) await round();
  expect(recordOf(patient)).toMatchObject({ phase: 'seen', reason: 'HTTP 404' });
  settings.challenges = true;
  start();
  const id = submitted(0);
  await until(id, (phase) => phase === 'challenging');
  market.credit = () => 1000n;
  await round();
  const challenge = recordOf(id)?.challenge ?? '';
  expect(outbox.delivery(`open:${challenge}`)).not.toBeNull();
});

test('kill -9 at any point: evidence is shown once, and the provider is slashed', async () => {
  for (let at = 0, deaths = 1; deaths > 0; at += 3) {
    store.close();
    fresh();
    const id = submitted(0);
    let passed = 0;
    let isDead = false;
    deaths = 0;
    crashPoint = () => {
      if (isDead || passed++ === at) {
        isDead = true;
        throw new Error('killed');
      }
    };
    chain.beforeRequest = (name) => crashPoint(name);
    for (let i = 0; i < 40; i++) {
      await round().catch((error: unknown) => {
        if (!isDead) throw error;
      });
      if (isDead) {
        isDead = false;
        deaths += 1;
        passed = Number.NEGATIVE_INFINITY;
        start();
        continue;
      }
      if (over(recordOf(id)?.phase)) break;
      chain.mine();
    }
    expect(recordOf(id)?.phase, `killed at point ${at}`).toBe('fail');
    expect(market.reverted.size).toBe(0);
    expect(chain.mined.length).toBeLessThanOrEqual(3);
  }
});

describe('a liar who serves slowly', () => {
  /** Each node takes a while; nothing is ever found. */
  const slowly = (): void => {
    settings.challenges = true;
    inspector = {
      ...inspector,
      findFraud: async (_, __, theirs) => {
        for (let i = 0; i < 10_000; i++) {
          await theirs.node(2, 0, 0, 0);
          clock += 2_000;
        }
        return null;
      },
    };
    start();
  };

  test('is challenged on chain after a part of the window, not when it is over', async () => {
    slowly();
    const id = submitted(0);
    const before = clock;
    expect(await until(id, (phase) => phase === 'challenging', 1)).toContain('challenging');
    expect(clock - before).toBeLessThan(40_000 + 35_000);
  });

  test('does not hold up other checks', async () => {
    const id = submitted(0);
    const other = submitted(1);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    inspector = {
      ...inspector,
      trees: async (job) => treesOf(job.id === other ? 1 : 0),
      checkInput: async (job) => {
        if (job.id === id) await held;
        return null;
      },
    };
    start();
    clock += 40_000;
    await watcher.step();
    await watcher.step();
    for (let i = 0; i < 50; i++) await Promise.resolve();
    expect(recordOf(other)?.phase).toBe('pass');
    release();
    await watcher.settle();
  });
});
