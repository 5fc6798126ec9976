import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addK,
  baseK,
  intK,
  type K,
  mulK,
  ONE,
  P,
  powF,
  powK,
  scaleK,
  subK,
  ZERO,
} from '../field/index.ts';
import {
  boxEq,
  eqIndex,
  eqPoint,
  eqTable,
  evaluateIntegerMle,
  evaluateMle,
  evaluateUnivariate,
  evaluateUnivariateAtBase,
  innerProduct,
  powerMle,
  powerMleAtBase,
  rangeIndexSum,
  rangeSum,
} from './index.ts';

const word = fc.oneof(fc.constantFrom(0, 1, P - 1), fc.integer({ min: 0, max: P - 1 }));
const element: fc.Arbitrary<K> = fc.tuple(word, word, word, word, word);
const points = (...sizes: number[]): fc.Arbitrary<K[]> =>
  fc.constantFrom(...sizes).chain((m) => fc.array(element, { minLength: m, maxLength: m }));
const twoPoints = fc
  .integer({ min: 0, max: 6 })
  .chain((m) =>
    fc.tuple(
      fc.array(element, { minLength: m, maxLength: m }),
      fc.array(element, { minLength: m, maxLength: m }),
    ),
  );

const sum = (values: readonly K[]): K => values.reduce(addK, ZERO);
const bits = (i: number, m: number): K[] =>
  Array.from({ length: m }, (_, j) => ((i >> (m - 1 - j)) & 1 ? ONE : ZERO));

/** The definition: Π over variables of r_j or 1 − r_j, first variable = most significant bit. */
const naiveEq = (i: number, point: readonly K[]): K =>
  bits(i, point.length).reduce(
    (product, bit, j) =>
      mulK(product, bit === ONE ? (point[j] ?? ZERO) : subK(ONE, point[j] ?? ZERO)),
    ONE,
  );
const naiveMle = (values: readonly K[], point: readonly K[]): K =>
  sum(values.map((v, i) => mulK(v, naiveEq(i, point))));
const indices = (point: readonly K[]): number[] => [...Array(2 ** point.length).keys()];

describe('eq', () => {
  test('table, index and point agree with the definition', () => {
    fc.assert(
      fc.property(twoPoints, element, ([a, b], scale) => {
        const table = eqTable(a);
        expect(table).toEqual(indices(a).map((i) => naiveEq(i, a)));
        expect(eqTable(a, scale)).toEqual(table.map((entry) => mulK(entry, scale)));
        for (const i of indices(a)) {
          expect(eqIndex(a, i)).toEqual(table[i]);
          expect(eqPoint(a, bits(i, a.length))).toEqual(table[i]);
        }
        expect(eqPoint(a, b)).toEqual(sum(eqTable(b).map((e, i) => mulK(e, table[i] ?? ZERO))));
        expect(sum(table)).toEqual(ONE);
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  test('eqIndex is zero outside the cube', () => {
    expect(eqIndex([ONE, ONE], 4)).toEqual(ZERO);
    expect(eqIndex([ONE, ONE], -1)).toEqual(ZERO);
    expect(eqIndex([], 0)).toEqual(ONE);
    expect(eqIndex([], 1)).toEqual(ZERO);
  });

  test('eqPoint and boxEq refuse points of different lengths', () => {
    expect(() => eqPoint([ONE], [])).toThrow(RangeError);
    expect(() => boxEq(1, [ONE, ONE], [ONE])).toThrow(RangeError);
  });
});

describe('boxes and ranges', () => {
  test('boxEq equals the sum over [0, n) for every n', () => {
    fc.assert(
      fc.property(twoPoints, ([a, b]) => {
        let expected = ZERO;
        for (const n of indices(a)) {
          expect(boxEq(n, a, b)).toEqual(expected);
          expected = addK(expected, mulK(naiveEq(n, a), naiveEq(n, b)));
        }
        expect(boxEq(2 ** a.length, a, b)).toEqual(expected);
        expect(boxEq(2 ** a.length + 3, a, b)).toEqual(expected);
        expect(boxEq(0, a, b)).toEqual(ZERO);
        expect(boxEq(-2, a, b)).toEqual(ZERO);
      }),
      { seed: 2, numRuns: 40 },
    );
  });

  test.each([5, 400, 768, 50257])('boxEq of [0, %i) on 16 variables', (n) => {
    const point = (seed: number): K[] =>
      Array.from({ length: 16 }, (_, j) => intK(seed * (j + 1) ** 7 + 3));
    const [a, b] = [point(123457), point(7654321)];
    const [ta, tb] = [eqTable(a), eqTable(b)];
    expect(boxEq(n, a, b)).toEqual(
      sum(ta.slice(0, n).map((entry, i) => mulK(entry, tb[i] ?? ZERO))),
    );
  });

  test('rangeSum and rangeIndexSum equal the sums over every [from, to)', () => {
    fc.assert(
      fc.property(points(0, 1, 2, 3, 4), (point) => {
        const table = eqTable(point);
        const size = table.length;
        for (let from = -1; from <= size + 1; from++) {
          for (let to = -1; to <= size + 1; to++) {
            const inside = indices(point).filter((i) => from <= i && i < to);
            expect(rangeSum(from, to, point)).toEqual(sum(inside.map((i) => table[i] ?? ZERO)));
            expect(rangeIndexSum(from, to, point)).toEqual(
              sum(inside.map((i) => scaleK(table[i] ?? ZERO, i))),
            );
          }
        }
      }),
      { seed: 3, numRuns: 12 },
    );
  });
});

describe('evaluation', () => {
  test('evaluateMle equals the definition and takes the table values on the cube', () => {
    fc.assert(
      fc.property(
        points(0, 1, 2, 3, 4).chain((point) =>
          fc.tuple(
            fc.constant(point),
            fc.array(element, { minLength: 2 ** point.length, maxLength: 2 ** point.length }),
          ),
        ),
        ([point, values]) => {
          expect(evaluateMle(values, point)).toEqual(naiveMle(values, point));
          for (const i of indices(point)) {
            expect(evaluateMle(values, bits(i, point.length))).toEqual(values[i]);
          }
        },
      ),
      { seed: 4, numRuns: 40 },
    );
    expect(() => evaluateMle([ONE, ONE, ONE], [ONE, ONE])).toThrow(RangeError);
  });

  test('the first variable is the most significant index bit', () => {
    expect(evaluateMle([0, 1, 2, 3].map(intK), [ONE, ZERO])).toEqual(intK(2));
  });

  test('powers: the extension of 1, x, x², …; univariate evaluation is the same functional', () => {
    fc.assert(
      fc.property(points(0, 1, 2, 3, 4, 5), element, word, (point, x, f) => {
        const powers = indices(point).map((i) => powK(x, i));
        expect(powerMle(x, point)).toEqual(naiveMle(powers, point));
        expect(powerMleAtBase(f, point)).toEqual(powerMle(baseK(f), point));
        expect(powerMleAtBase(f, point)).toEqual(
          naiveMle(
            indices(point).map((i) => baseK(powF(f, i))),
            point,
          ),
        );
        const table = eqTable(point);
        expect(evaluateUnivariate(table, x)).toEqual(
          sum(table.map((c, i) => mulK(c, powers[i] ?? ZERO))),
        );
        expect(evaluateUnivariateAtBase(table, f)).toEqual(evaluateUnivariate(table, baseK(f)));
      }),
      { seed: 5, numRuns: 40 },
    );
    expect(evaluateUnivariate([], ONE)).toEqual(ZERO);
  });

  const integer = fc.oneof(
    fc.constantFrom(0, 1, -1, 65535, 65536, -65536, 2 ** 31 - 1, -(2 ** 31) + 1, P - 1),
    fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 }),
  );

  test('innerProduct equals the sum, whatever the length and offset', () => {
    fc.assert(
      fc.property(
        fc.array(integer, { maxLength: 200 }),
        fc.array(element, { maxLength: 150 }),
        fc.nat({ max: 30 }),
        (values, weights, from) => {
          expect(innerProduct(values, weights, from)).toEqual(
            sum(weights.map((weight, i) => mulK(weight, intK(values[from + i] ?? 0)))),
          );
        },
      ),
      { seed: 6 },
    );
  });

  test('innerProduct is exact at the largest values', () => {
    const largest: K = [P - 1, P - 1, P - 1, P - 1, P - 1];
    for (const value of [2 ** 31 - 1, -(2 ** 31) + 1, P - 1, 65535]) {
      const n = 300;
      expect(innerProduct(Array(n).fill(value), Array<K>(n).fill(largest))).toEqual(
        mulK(largest, intK(n * value)),
      );
    }
  });

  test('evaluateIntegerMle equals the definition, with zeros past the end', () => {
    fc.assert(
      fc.property(
        points(0, 1, 3, 6, 7, 8).chain((point) =>
          fc.tuple(fc.constant(point), fc.array(integer, { maxLength: 2 ** point.length })),
        ),
        ([point, values]) => {
          const padded = indices(point).map((i) => intK(values[i] ?? 0));
          expect(evaluateIntegerMle(values, point)).toEqual(naiveMle(padded, point));
          expect(evaluateIntegerMle(Int32Array.from(values), point)).toEqual(
            evaluateMle(padded, point),
          );
        },
      ),
      { seed: 7, numRuns: 60 },
    );
    expect(() => evaluateIntegerMle([1, 2, 3], [ONE])).toThrow(RangeError);
  });

  test('evaluateIntegerMle of 2^16 rows', () => {
    const point = Array.from({ length: 16 }, (_, j) => mulK(intK(j + 2), [1, 2, 3, 4, P - 5]));
    const values = Array.from({ length: 50_000 }, (_, i) => ((i * 7919) % 60_001) - 30_000);
    const table = eqTable(point);
    expect(evaluateIntegerMle(values, point)).toEqual(
      sum(values.map((v, i) => mulK(table[i] ?? ZERO, intK(v)))),
    );
  });
});
