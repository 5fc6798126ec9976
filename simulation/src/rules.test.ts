import { DEFAULT_RULES } from '@assay/contracts/deploy';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DELIVER, rules as proposed } from './economy.ts';
import { netOf, pathsOf, roles } from './paths.ts';
import { OUTPUT } from './questions/griefing.ts';
import {
  challengeLost,
  failed,
  final,
  fraud,
  type Job,
  late,
  lateUnrescued,
  notAcknowledged,
  notDelivered,
  passed,
  type Payout,
  rescueOf,
  reward,
  type Rules,
  total,
  unlocked,
  unrescued,
  voided,
  outputAnswered,
  outputBond,
} from './rules.ts';

const seed = 20261120;
const someRules: fc.Arbitrary<Rules> = fc.record({
  rewardBps: fc.integer({ min: 0, max: 1_000 }),
  rewardCap: fc.integer({ min: 0, max: 1e9 }),
  latePerPriceBps: fc.integer({ min: 0, max: 40_000 }),
  forfeitBurnBps: fc.integer({ min: 0, max: 5_000 }),
  idleBps: fc.integer({ min: 0, max: 1_000 }),
  voidBps: fc.integer({ min: 0, max: 1_000 }),
});
/** As the contracts bound them: the reserve covers late sum and fee. */
const someJob: fc.Arbitrary<Job> = fc
  .tuple(
    fc.integer({ min: 1, max: 1e9 }),
    fc.integer({ min: 0, max: 1e9 }),
    fc.integer({ min: 0, max: 1e11 }),
  )
  .map(([price, verifierFee, more]) => ({
    price,
    verifierFee,
    reserve: 4 * price + verifierFee + more,
  }));

const ends = (rules: Rules, job: Job): Payout[] => [
  final(job),
  passed(job),
  failed(rules, job),
  fraud(rules, job),
  notDelivered(rules, job),
  notAcknowledged(rules, job),
  lateUnrescued(rules, job),
  voided(rules, job),
];

describe('rules', () => {
  test('are the shares of the deployment’s default rules', () => {
    const { rewardBps, latePerPriceBps, forfeitBurnBps, idleBps, voidBps } = DEFAULT_RULES;
    expect(proposed).toMatchObject({
      rewardBps,
      latePerPriceBps,
      forfeitBurnBps,
      idleBps,
      voidBps,
    });
    // The sizing of inequality 1 rests on these: S ≥ 250 C at R = 1.2 C, and ρ ≤ 0.1.
    expect(DEFAULT_RULES.reservePerPrice * 1.2).toBeGreaterThanOrEqual(250);
    expect(DEFAULT_RULES.rewardBps).toBeLessThanOrEqual(1_000);
    // Late sum ≥ 2 R: the rescuer earns half.
    expect(DEFAULT_RULES.latePerPriceBps).toBeGreaterThanOrEqual(20_000);
    // What withheld input costs its provider.
    expect(DEFAULT_RULES.deliverSeconds).toBe(60 * DELIVER);
  });

  test('of output are those of the contract, and its gas is what is measured', () => {
    const contracts = new URL('../../packages/contracts/', import.meta.url);
    const code = readFileSync(new URL('solidity/src/Disputes.sol', contracts), 'utf8');
    const constant = (name: string): number =>
      Number(new RegExp(`constant ${name} = (\\d+);`).exec(code)?.[1]);
    const unit = 128 * 2816;
    expect(outputBond(unit, 1) - unit).toBe(unit / constant('OUTPUT_LEAVES_PER_UNIT'));
    expect(outputAnswered(unit, 1).provider).toBe(unit / constant('OUTPUT_LEAVES_PAID_PER_UNIT'));
    const gas: unknown = JSON.parse(readFileSync(new URL('snapshots/gas.json', contracts), 'utf8'));
    const within = (millions: number): unknown => ({
      gas: expect.closeTo(1e6 * millions, -4),
    });
    expect(gas).toMatchObject({
      market: {
        openOutput: within(OUTPUT.demand),
        'answerOutput, 32 KiB': within(OUTPUT.answer),
      },
    });
  });

  test('every end of a job pays out what was put in, and nobody a negative amount', () => {
    fc.assert(
      fc.property(someRules, someJob, (rules, job) => {
        const locked = job.price + job.verifierFee + job.reserve;
        const first = late(rules, job);
        const rescue = rescueOf(rules, job);
        const kept = rescue.price + rescue.verifierFee;
        const payouts: [Payout, number][] = [
          [unlocked(job), job.price + job.verifierFee],
          [first, locked],
          [unrescued(rescue), kept],
          ...ends(rules, job).map((end): [Payout, number] => [end, locked]),
          ...ends(rules, rescue).map((end): [Payout, number] => [end, kept + rescue.reserve]),
        ];
        for (const [payout, put] of payouts) {
          expect(total(payout)).toBe(put);
          expect(Math.min(...Object.values(payout))).toBeGreaterThanOrEqual(0);
        }
        expect(total(challengeLost(rules, job.price))).toBe(job.price);
        const leaves = 1 + (job.reserve % 256);
        const answered = outputAnswered(job.price, leaves);
        expect(total(answered)).toBe(outputBond(job.price, leaves));
        expect(Math.min(answered.provider, answered.requester)).toBeGreaterThanOrEqual(0);
      }),
      { seed },
    );
  });

  test('the requester never gets stake: at most its own escrow', () => {
    fc.assert(
      fc.property(someRules, someJob, (rules, job) => {
        for (const payout of [...ends(rules, job), late(rules, job)]) {
          expect(payout.requester).toBeLessThanOrEqual(job.price + job.verifierFee);
        }
        for (const payout of ends(rules, rescueOf(rules, job))) {
          expect(payout.requester).toBeLessThanOrEqual(job.verifierFee);
        }
      }),
      { seed },
    );
  });

  test('the reward is at most its share, its cap and the reserve', () => {
    expect(reward(proposed, 250)).toBe(25);
    expect(reward({ ...proposed, rewardCap: 10 }, 250)).toBe(10);
    expect(reward({ ...proposed, rewardBps: 20_000 }, 250)).toBe(250);
  });

  test('along every path all flows and the burned amount add up to nothing', () => {
    fc.assert(
      fc.property(someRules, someJob, fc.nat(3), (rules, job, challenges) => {
        const paths = pathsOf(rules, job, 1_000, challenges);
        expect(paths.length).toBe(challenges === 0 ? 20 : 26);
        for (const path of paths) expect(netOf(path.flows, roles) + path.burned).toBe(0);
      }),
      { seed },
    );
  });
});
