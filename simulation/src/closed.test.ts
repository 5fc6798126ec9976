import { describe, expect, test } from 'vitest';
import {
  advantage,
  checksPerJob,
  erlangB,
  erlangC,
  missedTurns,
  openWatching,
  pooledAdvantage,
  pooledThreshold,
  sojournTail,
  type Stakes,
  threshold,
  watcherShare,
  withOdds,
  wrongShare,
} from './closed.ts';

const stakes = (returned: number, outside = 0): Stakes => ({
  cost: 1,
  price: 1.2,
  outside,
  reserve: 250,
  returned,
});

describe('closed forms', () => {
  test.each([
    [0, 0, 0.004],
    [0.1, 0, 0.0044],
    [0.5, 0, 0.0079],
    [0.9, 0, 0.038],
    [0.1, 100, 0.31],
  ])(
    'thresholds are those that the design quotes: ρ = %d, V = %d C',
    (returned, outside, quoted) => {
      const limit = threshold(stakes(returned, outside));
      expect(Math.abs(limit / quoted - 1)).toBeLessThan(0.02);
      expect(advantage(stakes(returned, outside), limit)).toBeCloseTo(0, 9);
      expect(advantage(stakes(returned, outside), 0.9 * limit)).toBeGreaterThan(0);
      expect(advantage(stakes(returned, outside), 1.1 * limit)).toBeLessThan(0);
    },
  );

  test('watching and the share that each watcher checks are inverse', () => {
    for (const d of [0.001, 0.3, 0.9]) {
      expect(openWatching(0.95, watcherShare(0.95, d, 5), 5)).toBeCloseTo(d, 12);
    }
    const odds = (p: number): number => p / (1 - p);
    expect(odds(withOdds(0.2, 3))).toBeCloseTo(3 * odds(0.2), 12);
  });

  test('the wrong share tends to C/(ρS) for few checks, and grows with self-reports', () => {
    expect(wrongShare(1, 25, 0, 0)).toBeCloseTo(0.04, 12);
    expect(wrongShare(1, 25, 1e-6, 0.5)).toBeCloseTo(0.08, 6);
    expect(wrongShare(1, 25, 0.5, 1)).toBe(1);
    expect(1 - Math.exp(-checksPerJob(0.3))).toBeCloseTo(0.3, 12);
  });

  test('a pooled stake is that of inequality 1 for one job, and breaks even at its threshold', () => {
    const detection = 2 * threshold(stakes(0.1));
    expect(pooledAdvantage(stakes(0.1), detection, 1)).toBeCloseTo(
      advantage(stakes(0.1), detection),
      9,
    );
    const n = pooledThreshold(stakes(0.1), detection);
    expect(pooledAdvantage(stakes(0.1), detection, n)).toBeCloseTo(0, 5);
    expect(pooledThreshold(stakes(0.1), threshold(stakes(0.1)) / 2)).toBe(1);
    expect(pooledThreshold(stakes(0.1), 0.9)).toBe(Infinity);
  });

  test('Erlang’s formulas: known values, and M/M/1', () => {
    expect(erlangB(2, 1)).toBeCloseTo(0.2, 12);
    expect(erlangB(1, 3)).toBeCloseTo(0.75, 12);
    expect(erlangC(1, 0.7)).toBeCloseTo(0.7, 12);
    expect(erlangC(2, 1)).toBeCloseTo(1 / 3, 12);
    // M/M/1: e^(−(μ−λ)t)
    expect(sojournTail(1, 0.7, 2, 1.5)).toBeCloseTo(Math.exp(-0.6 * 1.5), 12);
    expect(sojournTail(4, 2, 1, 0)).toBe(1);
    // a = c − 1: the limit of the formula, not 0/0
    expect(sojournTail(2, 1, 1, 1)).toBeCloseTo(sojournTail(2, 1 + 1e-7, 1, 1), 6);
  });

  test('no turn is missed while an outage and two answers fit', () => {
    expect(missedTurns(56, 60, 2, 1500)).toBe(0);
    expect(missedTurns(57, 60, 2, 1000)).toBeCloseTo(0.001, 12);
  });
});
