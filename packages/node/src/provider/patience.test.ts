import type { ChallengeState } from '@assay/market';
import { beforeEach, describe, expect, it } from 'vitest';
import { Patience } from './patience.ts';

const MINUTE = 60_000;
/** A turn of an hour that has just begun. */
const state = { due: 13_600, turnSeconds: 3600 } as ChallengeState;
const BEGIN = 10_000;

let price: bigint;
let clock: number;
let isAway: boolean;
let patience: Patience;

beforeEach(() => {
  price = 100n;
  clock = 0;
  isAway = false;
  patience = new Patience({
    gasPrice: async () => {
      if (isAway) throw new Error('away');
      return price;
    },
    now: () => clock,
  });
});

async function pass(minutes: number): Promise<void> {
  for (let i = 0; i < minutes; i++) {
    clock += MINUTE;
    await patience.look();
  }
}

describe('an answer', () => {
  it('is given at once at the usual price, and at what bonds are sized for', async () => {
    await pass(60);
    expect(await patience.waits('answer-nodes', state, BEGIN)).toBe(false);
    price = 500n;
    expect(await patience.waits('answer-nodes', state, BEGIN)).toBe(false);
  });

  it('waits for the end of a shock, but never into the last quarter of its turn', async () => {
    await pass(60);
    price = 501n;
    await pass(30);
    expect(await patience.waits('answer-leaves', state, BEGIN)).toBe(true);
    expect(await patience.waits('answer-leaves', state, BEGIN + 2699)).toBe(true);
    expect(await patience.waits('answer-leaves', state, BEGIN + 2700)).toBe(false);
    price = 100n;
    expect(await patience.waits('answer-leaves', state, BEGIN)).toBe(false);
  });

  it('with output waits sooner: less of its gas is paid', async () => {
    await pass(60);
    price = 201n;
    expect(await patience.waits('answer-output', state, BEGIN)).toBe(true);
    expect(await patience.waits('answer-leaf', state, BEGIN)).toBe(false);
  });

  it('waits for nothing when no price is known', async () => {
    expect(await patience.waits('answer-leaf', state, BEGIN)).toBe(false);
    isAway = true;
    await pass(3);
    expect(await patience.waits('answer-leaf', state, BEGIN)).toBe(false);
    isAway = false;
    await pass(3);
    isAway = true;
    price = 1000n;
    expect(await patience.waits('answer-leaf', state, BEGIN)).toBe(false);
  });
});

it('what is usual changes within a day', async () => {
  await pass(60);
  price = 1000n;
  await pass(60 * 11);
  expect(await patience.waits('answer-leaf', state, BEGIN)).toBe(false);
  clock += 24 * 60 * MINUTE;
  price = 10n;
  await pass(1);
  price = 60n;
  expect(await patience.waits('answer-leaf', state, BEGIN)).toBe(true);
});
