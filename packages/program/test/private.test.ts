import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  checkPrivate,
  coarseAbove,
  coarseRange,
  describeProgramError,
  powerRange,
  type Program,
  roundDeclared,
} from '../src/index.ts';
import { programOf, tensorOf, wholeForm } from './programs.ts';

const steps = fc.constantFrom(1, 2, 8);

test('numbers are rounded up to the next of the grid', () => {
  fc.assert(
    fc.property(fc.double({ min: 2 ** -40, max: 2 ** 52, noNaN: true }), steps, (x, n) => {
      const up = coarseAbove(x, n);
      expect(up).toBeGreaterThanOrEqual(x);
      expect(up).toBeLessThanOrEqual(x * (1 + 1 / n));
      expect(coarseAbove(up, n)).toBe(up);
      const unit = 2 ** Math.floor(Math.log2(up)) / n;
      expect(Number.isInteger(up / unit)).toBe(true);
      // No number of the grid is between them.
      if (up > x) expect(coarseAbove(up * (1 - 1e-9), n)).toBe(up);
    }),
    { seed: 20261120 },
  );
  expect([0, 1, 3, 4, 5, 1000].map((x) => coarseAbove(x))).toEqual([0, 1, 4, 4, 8, 1024]);
  expect([15, 17, 1000, 1025].map((x) => coarseAbove(x, 8))).toEqual([15, 18, 1024, 1152]);
  expect(() => coarseAbove(-1)).toThrow(RangeError);
  expect(() => coarseAbove(Number.POSITIVE_INFINITY)).toThrow(RangeError);
});

test('intervals grow to the grid on both sides, and to 0', () => {
  expect(coarseRange({ lo: -5, hi: 9 })).toEqual({ lo: -8, hi: 16 });
  expect(coarseRange({ lo: 5, hi: 9 })).toEqual({ lo: 0, hi: 16 });
  expect(coarseRange({ lo: -9, hi: -5 })).toEqual({ lo: -16, hi: 0 });
  expect(coarseRange({ lo: -33, hi: 35 }, 8)).toEqual({ lo: -36, hi: 36 });
  expect(coarseRange({ lo: 0, hi: 0 })).toEqual({ lo: 0, hi: 0 });
});

test('ranges of numbers are the same for all that have as many bits', () => {
  expect(powerRange([])).toEqual({ lo: -1, hi: 0 });
  expect(powerRange([0, 1])).toEqual({ lo: -2, hi: 1 });
  expect(powerRange([7])).toEqual({ lo: -8, hi: 7 });
  expect(powerRange([-8, 3])).toEqual({ lo: -8, hi: 7 });
  expect(powerRange([8])).toEqual({ lo: -16, hi: 15 });
});

/** y = w·x + b. */
const declaring = (
  weight: { lo: number; hi: number },
  declared: { lo: number; hi: number } | null,
): Program =>
  programOf({
    tensors: [
      tensorOf('w', 'model', [2], weight),
      tensorOf('x', 'input', [2], { lo: 0, hi: 3 }),
      tensorOf('y', 'output', [2], { lo: -100, hi: 100 }),
    ],
    relations: [
      {
        kind: 'zero',
        dims: [2],
        form: wholeForm(2, [2], -1),
        products: [{ coefficient: 1, sums: [], left: wholeForm(0, [2]), right: wholeForm(1, [2]) }],
        declared,
        node: 0,
      },
    ],
  });

const said = (program: Program): string => {
  const result = checkPrivate(program);
  return result.ok ? 'nothing' : describeProgramError(result.error);
};

test('powers of two may be seen of private weights, exact bounds may not', () => {
  expect(said(declaring({ lo: -8, hi: 7 }, { lo: -32, hi: 16 }))).toBe('nothing');
  expect(said(declaring({ lo: -8, hi: 7 }, { lo: 0, hi: 16 }))).toBe('nothing');
  expect(said(declaring({ lo: -8, hi: 7 }, null))).toBe('nothing');
  expect(said(declaring({ lo: -8, hi: 8 }, { lo: -32, hi: 32 }))).toContain('range of w');
  expect(said(declaring({ lo: -7, hi: 7 }, { lo: -32, hi: 32 }))).toContain('range of w');
  // That no weight is negative is something as well.
  expect(said(declaring({ lo: 0, hi: 7 }, { lo: -32, hi: 32 }))).toContain('range of w');
  expect(said(declaring({ lo: -8, hi: 7 }, { lo: -24, hi: 21 }))).toContain('[-24, 21]');
  expect(said(declaring({ lo: -8, hi: 7 }, { lo: -32, hi: 21 }))).toContain('accumulator');
  expect(said(declaring({ lo: -8, hi: 7 }, { lo: 4, hi: 16 }))).toContain('accumulator');
});

test('what is declared can be rounded afterwards', () => {
  const rounded = roundDeclared(declaring({ lo: 0, hi: 5 }, { lo: -1, hi: 15 }));
  expect(rounded).toEqual(declaring({ lo: -8, hi: 7 }, { lo: -1, hi: 16 }));
  expect(said(rounded)).toBe('nothing');
  expect(roundDeclared(rounded)).toEqual(rounded);
});
