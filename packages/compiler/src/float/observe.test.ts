import { expect, test } from 'vitest';
import { RangeObserver } from './index.ts';

const sample = (...data: number[]) =>
  new Map([['t', { dims: [data.length], data: Float64Array.from(data) }]]);

test('smallest and largest element over all samples', () => {
  const observer = new RangeObserver();
  observer.add(sample(1, -2, 3));
  observer.add(sample(-7, 0));
  observer.add(sample());
  expect(observer.samples).toBe(3);
  expect(observer.ranges().get('t')).toEqual({ lo: -7, hi: 3, absMax: 7 });
});

test('a NaN is refused by name, sample and index', () => {
  const observer = new RangeObserver();
  observer.add(sample(1));
  expect(() => observer.add(sample(0, Number.NaN))).toThrow(
    /tensor "t" is NaN at index 1 for sample 1/,
  );
});
