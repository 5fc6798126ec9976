import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVIDENCE, INPUT_KIND, ZERO_HASH } from '@assay/market';
import { AssayError } from '@assay/core/errors';
import { ArtefactStore } from '@assay/market/node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Hex } from 'viem';
import { openDatabase, type Store } from '../database/index.ts';
import { createLogger } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import { createOutbox, type Outbox, OUTBOX_SCHEMA } from '../outbox/index.ts';
import { FakeChain } from '../testing/fake-chain.ts';
import { FakeMarket, MODEL } from '../testing/fake-market.ts';
import { Provider } from './provider.ts';
import { PROVIDER_SCHEMA } from './records.ts';
import type { Policy, Work } from './types.ts';

const ME: Hex = '0x00000000000000000000000000000000000000c1';
const ROOT: Hex = `0x${'44'.repeat(32)}`;

let folder: string;
let databases = 0;
let chain: FakeChain;
let market: FakeMarket;
let store: Store;
let outbox: Outbox;
let provider: Provider;
let clock: number;
let work: Work & { executed: number; proven: number };
let policy: Policy;
/** Called at every point where the process could end. */
let crashPoint: (where: string) => void;

function honestWork(): typeof work {
  const own: typeof work = {
    executed: 0,
    proven: 0,
    capability: async () => ({
      evidence: EVIDENCE.trace | EVIDENCE.proof,
      inputBytes: 1,
      outputBytes: 4,
      canUnseal: true,
    }),
    checkInput: async (_, input) => (input[0] === 9 ? 'out of range' : null),
    unseal: async (_, ciphertext) => {
      if (ciphertext[0] === 7) throw new Error('garbage');
      return ciphertext;
    },
    execute: async (_, input) => {
      crashPoint('execute');
      own.executed += 1;
      return { output: new Uint8Array([...input, 2, 3, 4]), outputRoot: ROOT, traceRoot: ROOT };
    },
    prove: async () => {
      crashPoint('prove');
      own.proven += 1;
      return { receipt: new Uint8Array([5]), sealed: null };
    },
    trees: async () => null,
    forget: () => undefined,
  };
  return own;
}

/** A process: everything that is in memory is new. */
function start(): void {
  const log = createLogger({ level: 'silent' });
  const watched = new Proxy(store, {
    get: (target, name) => {
      if (name === 'transaction') {
        return <T>(body: () => T): T => {
          crashPoint('before transaction');
          const result = target.transaction(body);
          crashPoint('after transaction');
          return result;
        };
      }
      if (name === 'run') crashPoint('run');
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
  provider = new Provider({
    address: ME,
    endpoint: () => 'http://me',
    store: watched,
    outbox,
    log,
    policy,
    work,
    artefacts: new ArtefactStore(join(folder, `public-${databases}`)),
    vault: new ArtefactStore(join(folder, `vault-${databases}`)),
    view: () => market.view(),
    reads: market.reads,
    calls: market.calls,
    fetchInput: async (job) => {
      crashPoint('fetch');
      if (job.input === '0xdead') throw new Error('nobody is there');
      return Buffer.from(job.input.slice(2), 'hex');
    },
    fetchSealed: async (job) => Buffer.from(job.delivered?.uri ?? '', 'hex'),
    metrics: createMetrics(false),
    now: () => clock,
    wake: () => undefined,
  });
}

/** Another database: another life. */
function fresh(): void {
  databases += 1;
  store = openDatabase(join(folder, `${databases}.db`), [OUTBOX_SCHEMA, PROVIDER_SCHEMA]);
  chain = new FakeChain();
  market = new FakeMarket(chain, ME);
  clock = 0;
  work = honestWork();
  crashPoint = () => undefined;
  policy = {
    leastPay: () => 0n,
    places: 2,
    verifierSets: new Set<Hex>(),
    confirmations: 2,
    mostReserve: 1000n,
    marginSeconds: 10,
    takesRescues: true,
    withdrawAbove: null,
  };
  start();
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-provider-'));
  fresh();
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function round(): Promise<void> {
  clock += 70_000;
  await provider.step();
  await provider.settle();
  await outbox.step();
}

/** Blocks and rounds until a job has ended here, or so many. */
async function until(
  id: Hex,
  wanted: (phase: string | undefined) => boolean,
  most = 60,
): Promise<string> {
  for (let i = 0; i < most; i++) {
    await round();
    const phase = provider.record(id)?.phase;
    if (wanted(phase)) return phase ?? '';
    chain.mine();
  }
  return provider.record(id)?.phase ?? 'none';
}
const ended = (phase: string | undefined): boolean =>
  ['final', 'lost', 'skipped', 'failed'].includes(phase ?? '');
const moves = (): string[] =>
  chain.mined.map(
    ({ data }) => /"name":"(\w+)"/.exec(Buffer.from(data.slice(2), 'hex').toString())?.[1] ?? '',
  );

describe('an honest provider', () => {
  test('is paid for a job with trace evidence: locks, submits behind the confirmations, finalizes', async () => {
    const id = market.post();
    chain.mine();
    expect(await until(id, (phase) => phase === 'proven')).toBe('proven');
    const lockedAt = market.view().jobs.get(id)?.lock?.block.number ?? 0n;
    expect(await until(id, (phase) => phase === 'submitted')).toBe('submitted');
    const submittedAt = market.view().jobs.get(id)?.submission?.block.number ?? 0n;
    expect(submittedAt - lockedAt).toBeGreaterThan(2n);
    expect(await until(id, ended)).toBe('final');
    expect(moves()).toEqual(['lock', 'submit', 'finalize']);
    expect(market.view().jobs.get(id)?.submission?.content).toMatchObject({
      job: id,
      provider: ME,
      outputRoot: ROOT,
      traceRoot: ROOT,
      proofDigest: ZERO_HASH,
    });
    expect(market.view().jobs.get(id)?.submission).toMatchObject({
      output: '0x01020304',
      uri: 'http://me',
    });
    expect(work.proven).toBe(0);
    // What was its own is gone; what strangers may want stays.
    expect(new ArtefactStore(join(folder, `vault-${databases}`)).names()).toEqual([]);
    expect(new ArtefactStore(join(folder, `public-${databases}`)).names()).toHaveLength(2);
  });

  test('is paid for a job with proof evidence as soon as it is accepted', async () => {
    const id = market.post({ evidence: EVIDENCE.proof });
    chain.mine();
    await until(id, (phase) => phase === 'submitted');
    market.act({ name: 'accept', job: id });
    chain.mine();
    expect(await until(id, ended)).toBe('final');
    expect(moves()).toEqual(['lock', 'submit']);
    expect(work.proven).toBe(1);
  });

  test('asks for the end of a proof that nobody judges', async () => {
    const id = market.post({ evidence: EVIDENCE.proof });
    chain.mine();
    expect(await until(id, ended)).toBe('failed');
    expect(moves()).toEqual(['lock', 'submit', 'expire']);
    expect(provider.record(id)?.reason).toBe('void');
  });

  test('opens sealed input, acknowledges it, and only then works', async () => {
    const id = market.post({ inputKind: INPUT_KIND.sealed, evidence: EVIDENCE.proof });
    chain.mine();
    await until(id, (phase) => phase === 'locked');
    const params = market.view().jobs.get(id)?.params;
    if (params === undefined) throw new Error('posted');
    market.act({ name: 'deliver', params, uri: '05' });
    chain.mine();
    expect(await until(id, (phase) => phase === 'submitted')).toBe('submitted');
    expect(moves()).toEqual(['lock', 'acknowledge', 'submit']);
  });

  test('frees itself when sealed input never comes, and never acknowledges garbage', async () => {
    const silent = market.post({ inputKind: INPUT_KIND.sealed });
    const garbage = market.post({ inputKind: INPUT_KIND.sealed });
    chain.mine();
    await until(garbage, (phase) => phase === 'locked');
    const params = market.view().jobs.get(garbage)?.params;
    if (params === undefined) throw new Error('posted');
    market.act({ name: 'deliver', params, uri: '07' });
    chain.mine();
    await round();
    expect(provider.record(garbage)?.reason).toContain('garbage');
    expect(await until(silent, ended)).toBe('failed');
    expect(await until(garbage, ended)).toBe('failed');
    expect(moves()).not.toContain('acknowledge');
  });
});

test('what was earned is withdrawn above a limit, and once', async () => {
  policy = { ...policy, withdrawAbove: 5n };
  start();
  let credit = 5n;
  market.credit = () => credit;
  await provider.collect();
  expect(outbox.pending).toBe(0);
  credit = 6n;
  for (let i = 0; i < 3; i++) await provider.collect();
  await outbox.step();
  chain.mine();
  await provider.collect();
  expect(moves()).toEqual(['withdraw']);
});

describe('jobs that are not taken', () => {
  test('when their input is not to be had', async () => {
    const id = market.post({ inputKind: INPUT_KIND.uri }, '0xdead');
    chain.mine();
    expect(await until(id, ended)).toBe('skipped');
    expect(provider.record(id)?.reason).toBe('input is not to be had');
    expect(moves()).toEqual([]);
  });

  test('each with its reason', async () => {
    const bad = market.post({}, '0x09');
    const cases: [Hex, string][] = [
      [bad, 'input: out of range'],
      [market.post({ modelId: `0x${'55'.repeat(32)}` }), 'unknown model'],
      [market.post({ evidence: 4 }), 'evidence 4 is not offered'],
      [market.post({ evidence: 2, verifierSet: ROOT }), 'verifier set is not on the list'],
      [market.post({ reserve: 1001n }), 'reserve is too high'],
      [market.post({ workSeconds: 9 }), 'too little time for the work'],
      [market.post({ maxOutputBytes: 3 }), 'output is larger than allowed'],
      [market.post({ lockBy: 1 }), 'too late to lock'],
    ];
    chain.mine();
    for (let i = 0; i < 3; i++) await round();
    for (const [id, reason] of cases) {
      expect([provider.record(id)?.phase, provider.record(id)?.reason]).toEqual([
        'skipped',
        reason,
      ]);
    }
    expect(moves()).toEqual([]);
  });

  test('wait for their price', async () => {
    policy = { ...policy, leastPay: (model) => (model === MODEL ? 15n : 0n) };
    start();
    const id = market.post({ rampStart: 1000, rampSeconds: 400 });
    chain.mine();
    expect(await until(id, ended)).toBe('final');
    expect(market.view().jobs.get(id)?.lock?.price).toBeGreaterThanOrEqual(15n);
  });

  test('wait for a place, and for stake', async () => {
    market.stake = 100n;
    const ids = [market.post(), market.post(), market.post()];
    chain.mine();
    await round();
    // Which of them is first is this provider's own order.
    const phases = ids.map((id) => provider.record(id)?.phase ?? '').toSorted();
    expect(phases).toEqual(['ready', 'seen', 'seen']);
    for (const id of ids) expect(await until(id, ended, 200)).toBe('final');
    expect(moves().filter((name) => name === 'lock')).toHaveLength(3);
  });

  test('none while it drains', async () => {
    const first = market.post();
    chain.mine();
    await until(first, (phase) => phase === 'locked');
    provider.drain();
    const second = market.post();
    chain.mine();
    expect(await until(first, ended)).toBe('final');
    expect(provider.record(second)?.phase).toBe('seen');
  });
});

describe('others', () => {
  test('lock first: nothing is computed for them', async () => {
    const id = market.post();
    chain.mine();
    await round();
    const params = market.view().jobs.get(id)?.params;
    if (params === undefined) throw new Error('posted');
    market.act({ name: 'lock', params });
    chain.mine();
    expect(await until(id, ended)).toBe('lost');
    expect(work.executed).toBe(0);
    for (let i = 0; i < 5; i++) {
      chain.mine();
      await round();
    }
    expect(outbox.pending).toBe(0);
  });

  test('are late, and their job is taken over', async () => {
    const id = market.post({ workSeconds: 100 });
    chain.mine();
    await round();
    const params = market.view().jobs.get(id)?.params;
    if (params === undefined) throw new Error('posted');
    market.act({ name: 'lock', params });
    chain.mine();
    expect(await until(id, ended, 3)).toBe('lost');
    for (let i = 0; i < 12; i++) chain.mine();
    market.act({ name: 'expire', params });
    chain.mine();
    expect(await until(id, ended)).toBe('final');
    expect(market.view().jobs.get(id)?.lock).toMatchObject({ provider: ME, rescue: true });
  });

  test('are late and silent: their lock is ended for them', async () => {
    const served = market.post();
    chain.mine();
    await until(served, (phase) => phase === 'locking');
    const id = market.post({ workSeconds: 30, lockBy: 1e6 });
    chain.mine();
    const params = market.view().jobs.get(id)?.params;
    if (params === undefined) throw new Error('posted');
    market.act({ name: 'lock', params });
    chain.mine();
    expect(await until(id, ended)).toBe('final');
    expect(moves()).toContain('expire');
  });

  test('take over what is late here', async () => {
    const id = market.post({ workSeconds: 100 });
    chain.mine();
    await until(id, (phase) => phase === 'locking');
    chain.mine();
    const params = market.view().jobs.get(id)?.params;
    if (params === undefined) throw new Error('posted');
    for (let i = 0; i < 12; i++) chain.mine();
    market.act({ name: 'expire', params });
    chain.mine();
    expect(await until(id, ended)).toBe('failed');
    expect(provider.record(id)?.reason).toBe('late');
    expect(moves()).toEqual(['lock']);
  });
});

describe('whatever is lost', () => {
  test('the database: jobs that are held are found on the chain, and finished', async () => {
    const id = market.post();
    chain.mine();
    await until(id, (phase) => phase === 'held' || phase === 'executed' || phase === 'proven');
    store.close();
    databases += 1;
    store = openDatabase(join(folder, `${databases}.db`), [OUTBOX_SCHEMA, PROVIDER_SCHEMA]);
    start();
    expect(await until(id, ended)).toBe('final');
    expect(moves()).toEqual(['lock', 'submit', 'finalize']);
  });

  test('files behind the database: they are made again', async () => {
    const id = market.post();
    chain.mine();
    await until(id, (phase) => phase === 'proven');
    rmSync(join(folder, `vault-${databases}`), { recursive: true });
    start();
    expect(await until(id, ended)).toBe('final');
    expect(work.executed).toBe(2);
  });

  test('room on the disk, for a while: the job goes on when there is some', async () => {
    const id = market.post();
    chain.mine();
    await until(id, (phase) => phase === 'locking');
    const { execute } = work;
    let full = 3;
    work.execute = async (job, input) => {
      if (full-- > 0) throw new AssayError({ code: 'ASSAY_DISK_FULL', shortMessage: 'full' });
      return execute(job, input);
    };
    expect(await until(id, ended)).toBe('final');
    expect(full).toBeLessThan(0);
  });

  test('its lock, to another after a reorg: no output was shown, and nothing more is done', async () => {
    policy = { ...policy, confirmations: 5 };
    start();
    const id = market.post();
    chain.mine();
    expect(await until(id, (phase) => phase === 'proven')).toBe('proven');
    const params = market.view().jobs.get(id)?.params;
    const at = market.view().jobs.get(id)?.lock?.block.number ?? 0n;
    if (params === undefined) throw new Error('posted');
    chain.reorg(chain.blocks.length - Number(at));
    market.act({ name: 'lock', params });
    chain.mine();
    expect(await until(id, ended)).toBe('lost');
    for (let i = 0; i < 8; i++) {
      chain.mine();
      await round();
    }
    expect(provider.record(id)?.phase).toBe('lost');
    expect(moves()).not.toContain('submit');
    expect(new ArtefactStore(join(folder, `public-${databases}`)).names()).toEqual([]);
  });

  test('blocks, in each phase: the job is finished all the same, and paid once', async () => {
    for (const phase of ['locked', 'proven', 'submitting', 'submitted']) {
      for (const depth of [1, 2, 4]) {
        store.close();
        fresh();
        const id = market.post();
        chain.mine();
        await until(id, (now) => now === phase);
        chain.reorg(Math.min(depth, chain.blocks.length - 1));
        chain.mine();
        expect(await until(id, ended, 100), `${phase}, ${depth} blocks`).toBe('final');
        expect(moves().toSorted(), `${phase}, ${depth} blocks`).toEqual([
          'finalize',
          'lock',
          'submit',
        ]);
        expect(market.reverted.size).toBe(0);
      }
    }
  });
});

test('kill -9 at any point, again and again: one lock, one submission, one pay', async () => {
  let points = Number.POSITIVE_INFINITY;
  // Every eleventh here; `crash.e2e.slow.test.ts` does it to real processes.
  for (let at = 0; at < points; at += 11) {
    store.close();
    fresh();
    const id = market.post({ evidence: EVIDENCE.trace | EVIDENCE.proof });
    chain.mine();
    let passed = 0;
    let isDead = false;
    crashPoint = () => {
      // Dead is dead: nothing after the point happens, whoever catches the exception.
      if (isDead || passed++ === at) {
        isDead = true;
        throw new Error('killed');
      }
    };
    chain.beforeRequest = (name) => crashPoint(name);
    let deaths = 0;
    for (let i = 0; i < 80; i++) {
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
      if (market.view().jobs.get(id)?.state === 'submitted') {
        const submission = market.view().jobs.get(id)?.submission?.content;
        expect(submission?.proofDigest).not.toBe(ZERO_HASH);
        market.act({ name: 'accept', job: id });
      }
      if (ended(provider.record(id)?.phase)) break;
      chain.mine();
    }
    if (deaths === 0) points = 0;
    expect(provider.record(id)?.phase, `killed at point ${at}`).toBe('final');
    expect(moves(), `killed at point ${at}`).toEqual(['lock', 'submit']);
    expect(market.reverted.size).toBe(0);
    expect(work.executed).toBeLessThan(4);
  }
});

test('a model that has no answer to some inputs is not taken a second time', async () => {
  work.execute = async () => {
    throw new AssayError({ code: 'ASSAY_LOOKUP_MISS', shortMessage: 'key 7 is not in table' });
  };
  const trap = market.post();
  chain.mine();
  await until(trap, (phase) => phase === 'held');
  await round();
  const next = market.post();
  chain.mine();
  expect(await until(next, ended)).toBe('skipped');
  expect(provider.record(next)?.reason).toContain('has no answer');
  expect(moves()).toEqual(['lock']);
});
