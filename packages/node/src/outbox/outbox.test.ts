import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase, type Store } from '../database/index.ts';
import { createLogger } from '../log.ts';
import { FakeChain } from '../testing/fake-chain.ts';
import { createOutbox } from './outbox.ts';
import { OUTBOX_SCHEMA } from './schema.ts';
import type { Call, Outbox } from './types.ts';

let folder: string;
let store: Store;
let chain: FakeChain;
let clock: number;
const log = createLogger({ level: 'silent' });
const open = (): Outbox =>
  createOutbox({
    store,
    wire: chain.wire(),
    log,
    confirmations: 3,
    bumpAfterMs: 1000,
    now: () => clock,
  });
const call = (n: number): Call => ({ to: '0x0a', data: `0x0${n}` });
const datas = (): string[] => chain.mined.map(({ data }) => data);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-outbox-'));
  store = openDatabase(join(folder, 'node.db'), [OUTBOX_SCHEMA]);
  chain = new FakeChain();
  clock = 0;
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a call is sent once for each key, mined, and settled behind its confirmations', async () => {
  const outbox = open();
  outbox.enqueue('lock:1', call(1));
  outbox.enqueue('lock:1', call(2));
  expect(outbox.delivery('lock:1')).toMatchObject({ state: 'queued', hash: null });
  await outbox.step();
  expect(outbox.delivery('lock:1')?.state).toBe('sent');
  chain.mine();
  await outbox.step();
  expect(outbox.delivery('lock:1')).toMatchObject({ state: 'mined', block: 1n, isSuccess: true });
  expect(outbox.pending).toBe(1);
  for (let i = 0; i < 3; i++) chain.mine();
  await outbox.step();
  expect(outbox.delivery('lock:1')?.state).toBe('confirmed');
  expect(outbox.pending).toBe(0);
  expect(datas()).toEqual(['0x01']);
  expect(outbox.delivery('lock:2')).toBeNull();
});

describe('several at a time', () => {
  test('are all stored before the first is seen by anyone', async () => {
    const outbox = open();
    for (const n of [1, 2, 3]) outbox.enqueue(`call:${n}`, call(n));
    const states: unknown[] = [];
    chain.beforeRequest = (name) => {
      if (name !== 'broadcast') return;
      states.push(store.all('select state from calls').map(({ state }) => state));
      throw new Error('killed');
    };
    await expect(outbox.step()).rejects.toThrow('killed');
    expect(states).toEqual([['sent', 'sent', 'sent']]);
    chain.beforeRequest = () => undefined;
    await open().step();
    chain.mine();
    expect(datas()).toEqual(['0x01', '0x02', '0x03']);
  });

  test('one that needs the one before it is estimated again when that is out', async () => {
    const outbox = open();
    chain.refuses = ({ data }) =>
      data === '0x02' && chain.mempool.length === 0 ? 'allowance' : null;
    outbox.enqueue('approve', call(1));
    outbox.enqueue('deposit', call(2));
    outbox.enqueue('other', call(3));
    await outbox.step();
    chain.mine();
    expect(datas()).toEqual(['0x01', '0x02', '0x03']);
  });

  test('one that would revert is refused, and keeps no other', async () => {
    const outbox = open();
    chain.refuses = ({ data }) => (data === '0x02' ? 'JobTaken' : null);
    for (const n of [1, 2, 3]) outbox.enqueue(`call:${n}`, call(n));
    await outbox.step();
    chain.mine();
    expect(outbox.delivery('call:2')).toMatchObject({ state: 'refused' });
    expect(datas()).toEqual(['0x01', '0x03']);
  });
});

describe('nothing is lost and nothing is sent twice', () => {
  test('when the process ends between storing and broadcasting', async () => {
    chain.beforeRequest = (name) => {
      if (name === 'broadcast') throw new Error('killed');
    };
    open().enqueue('a', call(1));
    await expect(open().step()).rejects.toThrow('killed');
    expect(chain.mempool).toEqual([]);
    chain.beforeRequest = () => undefined;
    const restarted = open();
    await restarted.step();
    expect(chain.mempool).toHaveLength(1);
    chain.mine();
    await restarted.step();
    expect(datas()).toEqual(['0x01']);
  });

  test('when the state that wanted it is rolled back', async () => {
    const outbox = open();
    expect(() =>
      store.transaction(() => {
        outbox.enqueue('a', call(1));
        throw new Error('no');
      }),
    ).toThrow('no');
    await outbox.step();
    expect(outbox.delivery('a')).toBeNull();
  });

  test('when the node of the chain forgets its mempool', async () => {
    const outbox = open();
    outbox.enqueue('a', call(1));
    await outbox.step();
    chain.mempool = [];
    await outbox.step();
    expect(chain.mempool).toEqual([]);
    clock += 250;
    await outbox.step();
    chain.mine();
    await outbox.step();
    expect(outbox.delivery('a')?.state).toBe('mined');
  });

  test('when blocks are replaced, before it has settled and after', async () => {
    const outbox = open();
    outbox.enqueue('a', call(1));
    await outbox.step();
    chain.mine();
    await outbox.step();
    chain.reorg(1);
    clock += 250;
    await outbox.step();
    expect(outbox.delivery('a')).toMatchObject({ state: 'sent', block: null, hash: null });
    chain.mine();
    for (let i = 0; i < 4; i++) chain.mine();
    await outbox.step();
    expect(outbox.delivery('a')?.state).toBe('confirmed');
    chain.reorg(6);
    clock += 250;
    await outbox.step();
    chain.mine();
    await outbox.step();
    expect(outbox.delivery('a')?.state).toBe('mined');
    expect(datas()).toEqual(['0x01']);
  });

  test('when another program takes its nonce', async () => {
    const outbox = open();
    outbox.enqueue('a', call(1));
    await outbox.step();
    chain.foreign(0);
    for (let i = 0; i < 5; i++) chain.mine();
    expect(datas()).toEqual(['0xff']);
    await outbox.step();
    await outbox.step();
    for (let i = 0; i < 5; i++) chain.mine();
    await outbox.step();
    expect(datas()).toEqual(['0xff', '0x01']);
    expect(outbox.delivery('a')?.state).toBe('confirmed');
  });

  test('whatever happens in whatever order', async () => {
    const action = fc.constantFrom(
      'enqueue',
      'step',
      'mine',
      'reorg',
      'forget',
      'restart',
      'wait',
      'away',
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
        const file = join(folder, `${run++}.db`);
        const saved = store;
        store = openDatabase(file, [OUTBOX_SCHEMA]);
        chain = new FakeChain();
        let outbox = open();
        let wanted = 0;
        for (const name of actions) {
          chain.beforeRequest = () => undefined;
          if (name === 'enqueue') outbox.enqueue(String(wanted), call(++wanted % 10));
          if (name === 'step') await outbox.step();
          if (name === 'mine') chain.mine();
          if (name === 'reorg') chain.reorg(Math.min(2, chain.blocks.length - 1));
          if (name === 'forget') chain.mempool = [];
          if (name === 'wait') clock += 1000;
          if (name === 'restart') outbox = open();
          if (name === 'away') {
            let left = 2;
            chain.beforeRequest = () => {
              if (left-- === 0) throw new Error('away');
            };
            await outbox.step().catch(() => undefined);
          }
        }
        chain.beforeRequest = () => undefined;
        for (let i = 0; i < 12 && outbox.pending > 0; i++) {
          clock += 1000;
          await outbox.step();
          for (let j = 0; j < 4; j++) chain.mine();
        }
        await outbox.step();
        expect(outbox.pending).toBe(0);
        expect(datas().toSorted()).toEqual(
          Array.from({ length: wanted }, (_, i) => `0x0${(i + 1) % 10}`).toSorted(),
        );
        store.close();
        store = saved;
      }),
      { numRuns: 60, seed: 7 },
    );
  });
});

describe('fees', () => {
  test('are raised on what is not mined in time, under the same nonce; either attempt counts', async () => {
    const outbox = open();
    outbox.enqueue('a', call(1));
    await outbox.step();
    const [first] = chain.mempool;
    clock = 999;
    await outbox.step();
    expect(chain.mempool).toHaveLength(1);
    clock = 1000;
    await outbox.step();
    expect(chain.mempool.map(({ nonce, maxFeePerGas }) => ({ nonce, maxFeePerGas }))).toEqual([
      { nonce: 0, maxFeePerGas: 20n },
      { nonce: 0, maxFeePerGas: 25n },
    ]);
    chain.mine(({ hash }) => hash === first?.hash);
    await outbox.step();
    expect(outbox.delivery('a')).toMatchObject({ state: 'mined', hash: first?.hash });
  });

  test('never go over the cap', async () => {
    const outbox = createOutbox({
      store,
      wire: chain.wire(),
      log,
      confirmations: 1,
      bumpAfterMs: 1,
      feeCap: 21n,
      now: () => clock,
    });
    outbox.enqueue('a', call(1));
    for (let i = 0; i < 5; i++) {
      clock += 10;
      await outbox.step();
    }
    expect(chain.mempool.map(({ maxFeePerGas }) => maxFeePerGas)).toEqual([20n]);
  });
});

describe('calls that revert', () => {
  test('in estimation take no nonce, and are sent when they are wanted again', async () => {
    const outbox = open();
    chain.refuses = ({ data }) => (data === '0x01' ? 'TooLate()' : null);
    outbox.enqueue('a', call(1));
    outbox.enqueue('b', call(2));
    await outbox.step();
    expect(outbox.delivery('a')).toMatchObject({
      state: 'refused',
      refusal: { reason: 'TooLate()', data: null },
    });
    expect(chain.mempool.map(({ nonce, data }) => [nonce, data])).toEqual([[0, '0x02']]);
    outbox.retry('a', call(3));
    outbox.retry('b', call(4));
    await outbox.step();
    expect(chain.mempool.map(({ nonce, data }) => [nonce, data])).toEqual([
      [0, '0x02'],
      [1, '0x03'],
    ]);
  });

  test('in a block are told apart when they have settled', async () => {
    const outbox = open();
    chain.reverts = () => true;
    outbox.enqueue('a', call(1));
    await outbox.step();
    for (let i = 0; i < 4; i++) chain.mine();
    await outbox.step();
    expect(outbox.delivery('a')).toMatchObject({ state: 'failed', isSuccess: false });
  });
});

test('no more than so many are under way', async () => {
  const outbox = createOutbox({
    store,
    wire: chain.wire(),
    log,
    confirmations: 1,
    inFlight: 2,
  });
  for (let i = 1; i < 6; i++) outbox.enqueue(String(i), call(i));
  await outbox.step();
  expect(chain.mempool).toHaveLength(2);
  for (let i = 0; i < 6; i++) {
    chain.mine();
    chain.mine();
    await outbox.step();
  }
  expect(datas()).toEqual(['0x01', '0x02', '0x03', '0x04', '0x05']);
});
