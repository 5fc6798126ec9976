import { EVIDENCE, type JobParams, type JobView } from '@assay/market';
import { describe, expect, it } from 'vitest';
import type { Hex } from 'viem';
import { FakeChain } from '../testing/fake-chain.ts';
import { FakeMarket } from '../testing/fake-market.ts';
import { choose } from './choose.ts';
import type { Policy } from './types.ts';

const ME: Hex = '0x00000000000000000000000000000000000000c1';
const HEAD = { number: 1n, timestamp: 1010 };
const DAY = 86_400;

function jobWith(changes: Partial<JobParams>): JobView {
  const chain = new FakeChain();
  const market = new FakeMarket(chain, ME);
  const id = market.post(changes);
  chain.mine();
  const job = market.view().jobs.get(id);
  if (job === undefined) throw new Error('no job');
  return job;
}

function chosen(changes: Partial<JobParams>, policy: Partial<Policy> = {}): string {
  const choice = choose(
    jobWith(changes),
    HEAD,
    {
      leastPay: () => 0n,
      places: 1,
      verifierSets: new Set(),
      confirmations: 1,
      mostReserve: 1000n,
      marginSeconds: 0,
      takesRescues: true,
      withdrawAbove: null,
      ...policy,
    },
    {
      capability: {
        evidence: EVIDENCE.trace | EVIDENCE.proof,
        inputBytes: 1,
        outputBytes: 1,
        canUnseal: false,
      },
      freeStake: 1000n,
      freePlaces: 1,
      workSeconds: 0,
    },
  );
  return choice.kind === 'take' ? 'take' : choice.reason;
}

describe('a requester that wants the stake held rather than the work done', () => {
  it('is refused a window of a month', () => {
    expect(chosen({ windowSeconds: DAY })).toBe('take');
    expect(chosen({ windowSeconds: DAY + 1 })).toBe('window is too long');
    expect(chosen({ windowSeconds: 2 * DAY }, { mostWindowSeconds: 2 * DAY })).toBe('take');
  });

  it('is refused a short window of many blocks', () => {
    expect(chosen({ windowSeconds: DAY, windowBlocks: 43_200 })).toBe('take');
    expect(chosen({ windowSeconds: DAY, windowBlocks: 4 * DAY })).toBe('window is too long');
    expect(chosen({ windowBlocks: 4 * DAY }, { mostWindowBlocks: 4 * DAY })).toBe('take');
  });

  it('is refused a reserve above the limit', () => {
    expect(chosen({ reserve: 1000n })).toBe('take');
    expect(chosen({ reserve: 1001n })).toBe('reserve is too high');
  });
});
