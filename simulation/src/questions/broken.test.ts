import { describe, expect, test } from 'vitest';
import { advantage, missedTurns, openWatching, threshold } from '../closed.ts';
import { verdictOf, type Row } from '../question.ts';
import { randomOf } from '../random.ts';
import type { Estimate } from '../statistics.ts';
import { equilibrium, simulateBounty } from './bounty.ts';
import { simulateChallenges, TURN } from './clocks.ts';
import { simulateCoalitions } from './collusion.ts';
import { lateShare, simulateDelays } from './delay.ts';
import { factorAt, simulatePatience } from './gas.ts';
import { simulateCommon } from './outage.ts';
import { simulateExit } from './pooled.ts';
import { simulatePopulation } from './population.ts';
import { simulateCheating, stakesOf } from './threshold.ts';

const seed = 5;
const row = (closed: number, simulated: Estimate, sign?: 1 | -1): Row => {
  const side = sign === undefined ? {} : { sign };
  return { label: '', closed, simulated, unit: 'number', ...side };
};

/** Each question's check fails when the rule that it is about is another. */
describe('a broken rule shows', () => {
  const cell = { rho: 0.1, outside: 0, selfReports: true };
  const stakes = stakesOf(cell);
  const d = 2 * threshold(stakes);

  test('a reporter who gets all of the stake: self-reported fraud pays', () => {
    const jobs = 100_000;
    const right = simulateCheating(cell, d, jobs, randomOf(seed, 'right'));
    expect(verdictOf(row(advantage(stakes, d), right, -1))).toBe('agrees');
    const broken = simulateCheating({ ...cell, rho: 1 }, d, jobs, randomOf(seed, 'broken'));
    expect(verdictOf(row(advantage(stakes, d), broken, -1))).toBe('DIFFERS');
    expect(broken.value - 3 * broken.sigma).toBeGreaterThan(0);
  });

  test('a population takes to cheating when stake comes back', () => {
    const share = (detection: number): number =>
      simulatePopulation(detection, 60, 10_000, randomOf(seed, 'population'));
    expect(share(d)).toBeLessThan(0.01);
    // What self-reports at ρ = 0.9 leave of the deterrence is that of a tenth of the detection.
    expect(share(d / 10)).toBeGreaterThan(0.99);
  });

  test('one stake for all jobs: many wrong answers at once pay', () => {
    const closed = advantage(stakes, d);
    const own = simulateExit(1000, false, d, 500, randomOf(seed, 'own'));
    const pooled = simulateExit(1000, true, d, 500, randomOf(seed, 'pooled'));
    expect(verdictOf(row(closed, own, -1))).toBe('agrees');
    expect(verdictOf(row(closed, pooled, -1))).toBe('DIFFERS');
  });

  test('another reward: another share of wrong jobs', () => {
    const market = { reserve: 250, rho: 0.1, selfReports: 0 };
    const { wrong } = equilibrium(market);
    const random = randomOf(seed, 'bounty');
    expect(verdictOf(row(wrong, simulateBounty(market, 15_000, random).wrong))).toBe('agrees');
    const half = simulateBounty({ ...market, rho: 0.05 }, 15_000, random).wrong;
    expect(verdictOf(row(wrong, half))).toBe('DIFFERS');
  });

  test('watchers that fail together are not independent ones', () => {
    const simulated = simulateCommon(0.4, 50_000, randomOf(seed, 'outage'));
    const together = 0.6 * openWatching(0.98, 0.6, 5);
    const independent = openWatching(0.98, 0.6 * 0.6, 5);
    expect(verdictOf(row(together, simulated))).toBe('agrees');
    expect(verdictOf(row(independent, simulated))).toBe('DIFFERS');
  });

  test('money from nowhere: coalitions gain', () => {
    expect(simulateCoalitions(5_000, randomOf(seed, 'coalitions')).most).toBe(0);
    const minted = simulateCoalitions(5_000, randomOf(seed, 'coalitions'), (rules) => ({
      ...rules,
      forfeitBurnBps: -5_000,
    }));
    expect(minted.most).toBeGreaterThan(0);
  });

  test('a turn in seconds alone: a halt of the chain slashes honest providers', () => {
    const halt = { outage: 2 * TURN, out: 'chain', aimed: true } as const;
    const random = randomOf(seed, 'clocks');
    expect(simulateChallenges({ ...halt, blocks: true }, 1000, random).value).toBe(0);
    expect(simulateChallenges({ ...halt, blocks: false }, 1000, random).value).toBe(1);
  });

  test('a shorter turn: outages that were harmless are not', () => {
    const node = { outage: 90, out: 'node', aimed: false, blocks: true } as const;
    const lost = simulateChallenges(node, 100_000, randomOf(seed, 'turns'));
    const period = 24 * 60 + 90;
    expect(verdictOf(row(missedTurns(90, TURN, 2, period), lost))).toBe('agrees');
    expect(verdictOf(row(missedTurns(90, 2 * TURN, 2, period), lost))).toBe('DIFFERS');
  });

  test('a watcher with more load is later', () => {
    const [late] = simulateDelays(0.8, [12], 20, 5_000, randomOf(seed, 'delay'));
    expect(late).toBeDefined();
    if (late === undefined) return;
    expect(verdictOf(row(lateShare(0.8, 12), late))).toBe('agrees');
    expect(verdictOf(row(lateShare(0.5, 12), late))).toBe('DIFFERS');
  });

  test('a provider that does not wait loses more than its challenger in a shock', () => {
    const { harm, cost } = simulatePatience(20, 20_000, randomOf(seed, 'gas'));
    expect(harm.value / cost.value).toBeLessThan(1);
    expect(factorAt(100)).toBeGreaterThan(1);
  });
});
