import { join } from 'node:path';
import { artefactUrl, EVIDENCE, fetchArtefact, isEnded } from '@assay/market';
import { LOCAL_RULES } from '@assay/contracts/deploy';
import type { Hex } from 'viem';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Daemon, type DaemonOptions, startDaemon } from '../src/index.ts';
import { CHEATS, type CheatName, cheatingWork } from '../src/testing/index.ts';
import { DOLLAR, secretOf, startWorld, type World } from './support/world.ts';

let world: World;
const daemons: Daemon[] = [];

beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await Promise.all(daemons.map((daemon) => daemon.stop(0)));
  await world.stop();
});

let folders = 0;
async function start(account: number, options: Partial<DaemonOptions>): Promise<Daemon> {
  const daemon = await startDaemon({
    folder: join(world.folder, `node-${folders++}`),
    rpcUrl: world.market.anvil.url,
    addresses: world.market.addresses,
    secret: secretOf(account),
    bundles: [world.bundle],
    pollMs: 100,
    confirmations: 1,
    threads: 1,
    fetch: { allowsLocalUrls: true },
    logLevel: process.env['ASSAY_TEST_LOG'] ?? 'silent',
    ...options,
  });
  daemons.push(daemon);
  world.paced.add(daemon.url);
  return daemon;
}

const cheat = (name: CheatName): Partial<DaemonOptions> => ({
  provider: { stake: 1000n * DOLLAR },
  alterWork: (honest) => cheatingWork(honest, CHEATS[name]),
});
const ended = (id: Hex) => async (): Promise<boolean> => isEnded((await world.job(id)).state);

/** Stops the daemons of a test: the next one has its own. */
afterEach(async () => {
  await Promise.all(daemons.splice(0).map((daemon) => daemon.stop(0)));
  world.paced.clear();
});

describe('an honest provider', () => {
  test('is paid for a job with trace evidence, and the watcher finds nothing', async () => {
    await start(2, { provider: { stake: 1000n * DOLLAR } });
    const watcher = await start(5, { watcher: {} });
    const id = await world.post(1);
    await world.until('final', ended(id));
    const job = await world.job(id);
    expect(job.state).toBe('final');
    expect(job.paid).toBeGreaterThan(0n);
    expect(watcher.watcher?.record(job.submission?.hash ?? '0x')?.phase).toBe('pass');
  });

  test('is paid for a job with proof evidence, when the requester accepts', async () => {
    await start(2, { provider: { stake: 1000n * DOLLAR } });
    const id = await world.post(2, { evidence: EVIDENCE.proof });
    await world.until('submitted', async () => (await world.job(id)).state === 'submitted');
    const submitted = await world.job(id);
    const digest = submitted.submission?.content.proofDigest.slice(2) ?? '';
    const receipt = await fetchArtefact(
      [artefactUrl(submitted.submission?.uri ?? '', digest)],
      digest,
      {
        maxBytes: 2 ** 24,
      },
    );
    expect(receipt.length).toBeGreaterThan(1000);
    await world.accept(id);
    await world.until('final', ended(id));
    expect((await world.job(id)).state).toBe('final');
  });
});

describe('caught by the watcher over HTTP, and slashed', () => {
  test.each(['wrong-output', 'wrong-trace', 'another-input'] as const)('%s', async (name) => {
    await start(3, cheat(name));
    const watcher = await start(5, { watcher: {} });
    const id = await world.post(3);
    await world.until('ended', ended(id));
    const job = await world.job(id);
    expect(job.state).toBe('slashed');
    expect(job.faults.at(-1)).toMatchObject({ fault: 'fraud', accuser: watcher.address });
    expect(job.faults.at(-1)?.reward).toBeGreaterThan(0n);
    await world.until(
      'the watcher knows',
      () => watcher.watcher?.record(job.submission?.hash ?? '0x')?.phase === 'fail',
    );
  });
});

describe('caught on chain, where nothing is served', () => {
  test('a wrong output whose trace is withheld', async () => {
    await start(3, cheat('withheld-trace'));
    const watcher = await start(5, { watcher: {} });
    const id = await world.post(4, { windowSeconds: 200 });
    await world.until('ended', ended(id), 120_000);
    const job = await world.job(id);
    expect(job.state).toBe('slashed');
    expect(job.faults.at(-1)).toMatchObject({ fault: 'withheld', accuser: watcher.address });
  });

  test('a trace root that nothing stands behind', async () => {
    await start(3, cheat('garbage-root'));
    await start(5, { watcher: {} });
    const id = await world.post(5, { windowSeconds: 200 });
    await world.until('ended', ended(id), 120_000);
    expect((await world.job(id)).faults.at(-1)).toMatchObject({ fault: 'withheld' });
  });

  test('a wrong trace that is shown on chain alone: descent, leaves, fraud proof', async () => {
    // Nobody listens where it says that it serves.
    await start(3, { ...cheat('wrong-trace'), publicUrl: 'http://127.0.0.1:1' });
    const watcher = await start(5, { watcher: {} });
    const id = await world.post(6, { windowSeconds: 400 });
    await world.until('ended', ended(id), 120_000);
    const job = await world.job(id);
    expect(job.state).toBe('slashed');
    expect(job.faults.at(-1)).toMatchObject({ fault: 'fraud', accuser: watcher.address });
    const moves = [...watcher.view().challenges.values()]
      .filter((challenge) => challenge.job === id)
      .flatMap((challenge) => challenge.moves.map(({ name }) => name));
    expect(moves).toContain('AnsweredNodes');
    expect(moves).toContain('AnsweredLeaf');
    await world.until('bond is back', () =>
      [...watcher.view().challenges.values()].every(({ open }) => !open),
    );
  });
});

describe('a provider that locks and vanishes', () => {
  test('is late, pays, and another one does the job', async () => {
    await start(3, cheat('vanishing'));
    const id = await world.post(7, { workSeconds: 20 });
    await world.until('locked', async () => (await world.job(id)).state === 'locked');
    const rescuer = await start(2, { provider: { stake: 1000n * DOLLAR } });
    // The rescuer ends the lock itself: nobody else has to.
    await world.until('late', async () => (await world.job(id)).faults.length > 0);
    await world.until('final', ended(id));
    const job = await world.job(id);
    expect(job.state).toBe('final');
    expect(job.lock).toMatchObject({ provider: rescuer.address, rescue: true });
    expect(job.faults[0]).toMatchObject({ fault: 'late' });
  });
});

describe('challenges that lead nowhere', () => {
  test('a provider that is right answers, ends what its challenger leaves, and is paid', async () => {
    const provider = await start(2, { provider: { stake: 1000n * DOLLAR } });
    const id = await world.post(8, { windowSeconds: 60 });
    await world.until('submitted', async () => (await world.job(id)).state === 'submitted');
    await world.challenge(6, id);
    await world.until('answered', () =>
      [...provider.view().challenges.values()].some(
        ({ job, moves }) => job === id && moves.some(({ name }) => name === 'AnsweredNodes'),
      ),
    );
    const before = await world.balance(provider.address);
    await world.until('final', ended(id), 120_000);
    expect((await world.job(id)).state).toBe('final');
    // Nine tenths of the bond, and the price.
    const { paid } = await world.job(id);
    const bond = (LOCAL_RULES.challengeBond * 9n) / 10n;
    expect((await world.balance(provider.address)) - before).toBe((paid ?? 0n) + bond);
  });
});
