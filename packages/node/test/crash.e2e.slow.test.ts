import { join } from 'node:path';
import { isEnded } from '@assay/market';
import { localAccount } from '@assay/market/testing';
import type { Hex } from 'viem';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bundleDaemon, type DaemonProcess, spawnDaemon } from './support/daemon-process.ts';
import type { ProcessConfig } from './support/process-config.ts';
import { type RpcProxy, startRpcProxy } from './support/rpc-proxy.ts';
import { DOLLAR, secretOf, startWorld, type World } from './support/world.ts';

const PROVIDER = 2;
/** Nobody watches here: no need to wait. */
const SHORT = { windowSeconds: 4, windowBlocks: 2 };
let world: World;
let running: DaemonProcess[] = [];
let folders = 0;

beforeAll(async () => {
  await bundleDaemon();
  world = await startWorld();
});
afterEach(async () => {
  await Promise.all(running.map((daemon) => daemon.kill()));
  running = [];
  world.paced.clear();
});
afterAll(() => world.stop());

const config = (changes: Partial<ProcessConfig> = {}): ProcessConfig => ({
  folder: join(world.folder, `process-${folders}`),
  rpcUrl: world.market.anvil.url,
  addresses: world.market.addresses,
  secret: secretOf(PROVIDER),
  bundles: [world.bundle],
  pollMs: 100,
  confirmations: 1,
  threads: 1,
  provider: { stake: 1000n * DOLLAR },
  cheat: null,
  ...changes,
});

/** A daemon that has started: time waits for it from then on. */
async function startWith(configured: ProcessConfig): Promise<DaemonProcess> {
  const daemon = spawnDaemon(configured);
  running.push(daemon);
  const { url } = await daemon.line(({ msg }) => msg === 'started');
  world.paced.add(String(url));
  return daemon;
}
const start = (changes: Partial<ProcessConfig> = {}): Promise<DaemonProcess> =>
  startWith(config(changes));

const ended = (id: Hex) => async (): Promise<boolean> => isEnded((await world.job(id)).state);

describe('kill -9', () => {
  test.each([
    'chosen',
    'ready',
    'locking',
    'locked',
    'held',
    'executed',
    'proven',
    'published',
    'submitting',
    'submitted',
  ])(
    'when the job is %s: the next process finishes it, and nothing happens twice',
    async (phase) => {
      folders += 1;
      const first = await start();
      // What it does once for itself is out of the way.
      if (folders === 1) {
        await world.until('staked', () =>
          first.lines.some(({ call }) => String(call).startsWith('stake:')),
        );
      }
      const id = await world.post(folders, SHORT);
      await Promise.all([
        first.line((line) => line['job'] === id && line['to'] === phase).then(() => first.kill()),
        world.until('killed', () => first.child.signalCode !== null),
      ]);
      const second = await start();
      await world.until('final', ended(id));
      const job = await world.job(id);
      expect(job.state).toBe('final');
      await world.until('settled', () =>
        second.lines.some((line) => line['job'] === id && line['to'] === 'final'),
      );
      expect(await second.stop()).toBe(0);
      const all = [...first.lines, ...second.lines];
      const settled = all.filter(
        ({ msg, state }) => msg === 'transaction settled' && state === 'failed',
      );
      expect(settled).toEqual([]);
    },
  );
});

describe('the way to the chain', () => {
  let proxy: RpcProxy;
  beforeAll(async () => {
    proxy = await startRpcProxy(world.market.anvil.port);
  });
  afterAll(() => proxy.close());

  test('is cut for a while in the middle of a job: it goes on where it stood', async () => {
    folders += 1;
    const daemon = await start({ rpcUrl: proxy.url });
    const id = await world.post(100, SHORT);
    await Promise.all([
      daemon.line((line) => line['job'] === id && line['to'] === 'locking').then(() => proxy.cut()),
      world.until('cut', () => daemon.lines.some(({ msg }) => msg === 'round failed')),
    ]);
    await new Promise((done) => setTimeout(done, 3000));
    const health = await fetch(
      `${String(daemon.lines.find(({ url }) => url !== undefined)?.['url'])}/healthz`,
    );
    expect(await health.json()).toMatchObject({ trouble: expect.any(String) });
    expect(daemon.child.exitCode).toBeNull();
    proxy.restore();
    await world.until('final', ended(id));
    expect((await world.job(id)).state).toBe('final');
  });
});

describe('blocks are replaced', () => {
  test.each(['locked', 'submitted'] as const)('when the job is %s', async (phase) => {
    folders += 1;
    const daemon = await start({ confirmations: 3 });
    const id = await world.post(200 + folders, { windowSeconds: 60 });
    await Promise.all([
      daemon.line((line) => line['job'] === id && line['to'] === phase),
      world.until(phase, async () => (await world.job(id)).state === phase),
    ]);
    const job = await world.job(id);
    const from = phase === 'locked' ? job.lock?.block.number : job.submission?.block.number;
    const head = await world.market.client.getBlockNumber({ cacheTime: 0 });
    const depth = Number(head - (from ?? head)) + 1;
    await world.reorg(depth);
    await daemon.line(({ msg }) => msg === 'blocks were replaced');
    await world.until('final', ended(id), 120_000);
    expect((await world.job(id)).state).toBe('final');
  });
});

test('a graceful stop ends with code 0, and so does one that has nothing to do', async () => {
  folders += 1;
  const daemon = await start();
  expect(await daemon.stop()).toBe(0);
  const log = JSON.stringify(daemon.lines);
  expect(log).not.toContain(Buffer.from(secretOf(PROVIDER)).toString('hex'));
});

test('a provider that is away for less than a turn answers its challenge when it is back', async () => {
  folders += 1;
  const first = await start();
  const id = await world.post(400, { windowSeconds: 60 });
  await Promise.all([
    first.line((line) => line['job'] === id && line['to'] === 'submitted'),
    world.until('submitted', async () => (await world.job(id)).state === 'submitted'),
  ]);
  await first.kill();
  await world.challenge(6, id);
  const second = await start();
  // No time passes meanwhile: a turn here is over in seconds.
  await second.line(({ msg, move }) => msg === 'answered' && move === 'answer-nodes');
  await world.until('final', ended(id), 120_000);
  expect((await world.job(id)).state).toBe('final');
});

test('a watcher that is killed in the middle of a data challenge wins it all the same', async () => {
  folders += 1;
  await start({
    secret: secretOf(3),
    cheat: 'wrong-trace',
    publicUrl: 'http://127.0.0.1:1',
  });
  const { provider: _, ...watching } = config({
    secret: secretOf(5),
    watcher: {},
    folder: join(world.folder, `watcher-${folders}`),
  });
  const first = await startWith(watching);
  const id = await world.post(300, { windowSeconds: 400 });
  await Promise.all([
    first.line(({ call }) => String(call).startsWith('move:')).then(() => first.kill()),
    world.until('killed', () => first.child.signalCode !== null),
  ]);
  // No time passes: a turn here is over in seconds.
  await startWith(watching);
  await world.until('ended', ended(id), 120_000);
  const job = await world.job(id);
  expect(job.state).toBe('slashed');
  expect(job.faults.at(-1)).toMatchObject({
    fault: 'fraud',
    accuser: localAccount(5).address,
  });
});
