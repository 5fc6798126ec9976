import { join } from 'node:path';
import { LOCAL_RULES } from '@assay/contracts/deploy';
import { EVIDENCE, INPUT_KIND, isEnded } from '@assay/market';
import type { Hex } from 'viem';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Daemon, type DaemonOptions, startDaemon } from '../src/index.ts';
import { CHEATS, type CheatName, cheatingWork } from '../src/testing/index.ts';
import { DOLLAR, secretOf, startWorld, type World } from './support/world.ts';

let world: World;
let daemons: Daemon[] = [];
let folders = 0;

beforeAll(async () => {
  world = await startWorld();
});
afterEach(async () => {
  await Promise.all(daemons.map((daemon) => daemon.stop(0)));
  daemons = [];
  world.paced.clear();
});
afterAll(() => world.stop());

async function start(account: number, options: Partial<DaemonOptions> = {}): Promise<Daemon> {
  const daemon = await startDaemon({
    folder: join(world.folder, `attacked-${folders++}`),
    rpcUrl: world.market.anvil.url,
    addresses: world.market.addresses,
    secret: secretOf(account),
    bundles: [world.bundle],
    pollMs: 100,
    confirmations: 1,
    threads: 1,
    provider: { stake: 2000n * DOLLAR },
    logLevel: process.env['ASSAY_TEST_LOG'] ?? 'silent',
    ...options,
  });
  daemons.push(daemon);
  world.paced.add(daemon.url);
  return daemon;
}
const cheat = (name: CheatName): Partial<DaemonOptions> => ({
  alterWork: (honest) => cheatingWork(honest, CHEATS[name]),
});
const ended = (id: Hex) => async (): Promise<boolean> => isEnded((await world.job(id)).state);
const inState = (id: Hex, state: string) => async (): Promise<boolean> =>
  (await world.job(id)).state === state;
const PROOF = { evidence: EVIDENCE.proof, windowSeconds: 0, windowBlocks: 0 };

describe('a proof that is not accepted', () => {
  test.each([
    ['garbage', cheat('garbage-proof'), 'fail'],
    ['of another job', cheat('proof-of-another-job'), 'fail'],
    ['that is served nowhere', { publicUrl: 'http://127.0.0.1:1' }, 'unverifiable'],
  ] as const)('%s: nobody pays for it, and nobody gains', async (_, options, verdict) => {
    const provider = await start(3, options);
    const id = await world.post(20 + folders, PROOF);
    await world.until('submitted', inState(id, 'submitted'));
    expect(await world.check(id)).toMatchObject({ verdict });
    const before = await world.balance(provider.address);
    await world.until('ended', ended(id), 120_000);
    expect((await world.job(id)).state).toBe('void');
    expect(await world.balance(provider.address)).toBe(before);
  });

  test('an honest one passes', async () => {
    await start(2);
    const id = await world.post(30, PROOF);
    await world.until('submitted', inState(id, 'submitted'));
    expect(await world.check(id)).toEqual({ verdict: 'pass' });
  });
});

describe('a requester', () => {
  test('that never delivers its sealed input pays for the wait', async () => {
    const provider = await start(2);
    const id = await world.post(40, { ...PROOF, inputKind: INPUT_KIND.sealed });
    await world.until('locked', inState(id, 'locked'));
    const { lock } = await world.job(id);
    const before = await world.balance(provider.address);
    await world.until('ended', ended(id), 120_000);
    expect((await world.job(id)).state).toBe('cancelled');
    const idle = ((lock?.price ?? 0n) * BigInt(LOCAL_RULES.idleBps)) / 10_000n;
    expect((await world.balance(provider.address)) - before).toBe(idle);
  });

  test('whose model record contradicts itself finds no provider', async () => {
    const modelId = await world.register({ relationsRoot: `0x${'12'.repeat(32)}` });
    const provider = await start(2);
    const id = await world.post(41, { modelId });
    await world.until('skipped', () => provider.provider?.record(id)?.phase === 'skipped');
    expect(provider.provider?.record(id)?.reason).toBe(
      'model: its record differs in relationsRoot',
    );
    expect((await world.job(id)).state).toBe('open');
  });

  test('that posts an input out of range finds no provider', async () => {
    const provider = await start(2);
    const id = await world.postBytes(world.input(42).fill(0x7f, 0, 4));
    await world.until('skipped', () => provider.provider?.record(id)?.phase === 'skipped');
    expect(provider.provider?.record(id)?.reason).toContain('outside');
  });
});

test('twenty challenges at once: each is answered in its turn, and the provider is paid', async () => {
  const provider = await start(2);
  const id = await world.post(50, { windowSeconds: 120 });
  await world.until('submitted', inState(id, 'submitted'));
  for (let i = 0; i < 20; i++) await world.challenge(6, id, i);
  await world.until('final', ended(id), 240_000);
  expect((await world.job(id)).state).toBe('final');
  const challenges = [...provider.view().challenges.values()].filter(({ job }) => job === id);
  expect(challenges).toHaveLength(20);
  expect(challenges.every(({ open, upheld }) => !open && upheld === false)).toBe(true);
});
