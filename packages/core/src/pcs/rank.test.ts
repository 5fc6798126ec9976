import { describe, expect, test } from 'vitest';
import { frobeniusK, type K, scaleK, addK } from '../field/index.ts';
import { seededElements } from '../testing/index.ts';
import { isIndependentPoints, rankOverBase } from './rank.ts';

const [a, b, c, d, e] = seededElements(7, 5);
if (!a || !b || !c || !d || !e) throw new Error('five elements');

describe('rank over F', () => {
  test('of random elements is their number, five at most', () => {
    expect([[], [a], [a, b, c], [a, b, c, d, e], [a, b, c, d, e, a]].map(rankOverBase)).toEqual([
      0, 1, 3, 5, 5,
    ]);
  });
  test('does not count what others give', () => {
    const sum = addK(scaleK(a, 3), scaleK(b, 2_013_265_920));
    expect(rankOverBase([a, b, sum])).toBe(2);
    expect(rankOverBase([a, scaleK(a, 12345)])).toBe(1);
    expect(rankOverBase([[0, 0, 0, 0, 0], a])).toBe(1);
    expect(rankOverBase([a, b, c, d, addK(addK(a, b), addK(c, d))])).toBe(4);
  });
});

describe('points of out-of-domain answers', () => {
  test('random ones are independent', () => {
    expect(isIndependentPoints([a, b, c])).toBe(true);
  });
  test.each([
    ['one in F', [a, [5, 0, 0, 0, 0]]],
    ['zero', [[0, 0, 0, 0, 0]]],
    ['one twice', [a, b, a]],
    ['a conjugate', [a, frobeniusK(a, 3)]],
  ] as [string, K[]][])('not with %s', (_, points) => {
    expect(isIndependentPoints(points)).toBe(false);
  });
});
