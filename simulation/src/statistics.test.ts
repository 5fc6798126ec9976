import { describe, expect, test } from 'vitest';
import { holds, type Row, verdictOf } from './question.ts';
import { randomOf } from './random.ts';
import {
  crossing,
  deviation,
  exactly,
  Mean,
  meanOf,
  regressionCrossing,
  shareOf,
} from './statistics.ts';

describe('statistics', () => {
  test('mean and standard error are those of the two-pass formula', () => {
    const values = [3, 1, 4, 1, 5, 9, 2, 6];
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const { value, sigma } = meanOf(values);
    expect(value).toBeCloseTo(mean, 12);
    expect(sigma).toBeCloseTo(Math.sqrt(squares / 7 / 8), 12);
    expect(meanOf([2]).sigma).toBe(0);
  });

  test('3σ hold the truth as often as they should', () => {
    const random = randomOf(1, 'coverage');
    let within = 0;
    for (let run = 0; run < 1000; run++) {
      const mean = new Mean();
      for (let i = 0; i < 200; i++) mean.add(random.uniform());
      within += Math.abs(deviation(mean.estimate(), 0.5)) < 2 ? 1 : 0;
    }
    // 95.4 % within 2σ: standard deviation 6.6 of 1000.
    expect(Math.abs(within - 954)).toBeLessThan(30);
  });

  test('a share has the error of what is expected, or of what was seen', () => {
    expect(shareOf(0, 100, 0.5)).toEqual({ value: 0, sigma: 0.05 });
    expect(shareOf(0, 100).sigma).toBeGreaterThan(0);
  });

  test('lines cross 0 where they do', () => {
    const at = crossing(1, { value: 2, sigma: 0.1 }, 3, { value: -2, sigma: 0.1 });
    expect(at.value).toBeCloseTo(2, 12);
    expect(at.sigma).toBeCloseTo((0.1 * Math.SQRT1_2) / 2, 12);
    expect(regressionCrossing([1, 2, 3, 4], [3, 1, -1, -3])).toMatchObject({ value: 2.5 });
  });

  const row = (simulated: Row['simulated'], more: Partial<Row> = {}): Row => {
    return { label: '', closed: 1, simulated, unit: 'number', ...more };
  };

  test.each([
    [row({ value: 1.2, sigma: 0.1 }), 'agrees'],
    [row({ value: 1.4, sigma: 0.1 }), 'beyond 3σ'],
    [row({ value: 1.6, sigma: 0.1 }), 'DIFFERS'],
    [row({ value: Number.NaN, sigma: 0.1 }), 'DIFFERS'],
    [row(exactly(1)), 'agrees'],
    [row(exactly(1.001)), 'DIFFERS'],
    [row({ value: 1.1, sigma: 0.1 }, { sign: -1 }), 'WRONG SIDE'],
    [row({ value: 1.1, sigma: 0.1 }, { sign: 1 }), 'agrees'],
    [row({ value: 0.9, sigma: 0.5 }, { sign: 1 }), 'WRONG SIDE'],
    [row({ value: 1.1, sigma: 0.1 }, { limit: 0.5 }), 'over the limit'],
    [row({ value: 1.1, sigma: 0.1 }, { limit: 0.9 }), 'agrees'],
  ] as const)('verdicts: %#', (example, verdict) => {
    expect(verdictOf(example)).toBe(verdict);
    expect(holds(example)).toBe(verdict === 'agrees' || verdict === 'over the limit');
  });
});
