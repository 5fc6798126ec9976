import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addK, type K, mulK, ONE, P, subK, ZERO } from '../field/index.ts';
import {
  addValues,
  constantValue,
  evaluateValues,
  padCoefficients,
  padValue,
  PlainLedger,
  scaleValue,
  subValues,
  type Value,
} from './index.ts';

const word = fc.oneof(fc.constantFrom(0, 1, P - 1), fc.integer({ min: 0, max: P - 1 }));
const element = fc.tuple(word, word, word, word, word);
const pads = fc.array(element, { minLength: 4, maxLength: 4 });

/** A value built by the operations over four pads, and what it is once the pads are known. */
interface Built {
  readonly value: Value;
  readonly open: (pads: readonly K[]) => K;
}
const { built } = fc.letrec<{ built: Built }>((tie) => ({
  built: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    element.map((k) => ({ value: constantValue(k), open: () => k })),
    fc.nat({ max: 3 }).map((i) => ({ value: padValue(i), open: (of) => of[i] ?? ZERO })),
    fc.tuple(tie('built'), tie('built')).map(([a, b]) => ({
      value: addValues(a.value, b.value),
      open: (of) => addK(a.open(of), b.open(of)),
    })),
    fc.tuple(tie('built'), tie('built')).map(([a, b]) => ({
      value: subValues(a.value, b.value),
      open: (of) => subK(a.open(of), b.open(of)),
    })),
    fc.tuple(tie('built'), element).map(([a, k]) => ({
      value: scaleValue(a.value, k),
      open: (of) => mulK(a.open(of), k),
    })),
    // one value twice, so that it is shared
    fc.tuple(tie('built'), element).map(([a, k]) => ({
      value: addValues(a.value, scaleValue(a.value, k)),
      open: (of) => mulK(a.open(of), addK(ONE, k)),
    })),
  ),
}));

test('operations commute with opening the pads', () => {
  fc.assert(
    fc.property(fc.array(built), pads, (all, of) => {
      const values = all.map(({ value }) => value);
      const expected = all.map(({ open }) => open(of));
      expect(evaluateValues(values, of)).toEqual(expected);
      for (const [i, v] of values.entries()) {
        const terms = padCoefficients(v, 4).map((k, pad) => mulK(k, of[pad] ?? ZERO));
        expect(terms.reduce(addK, v.constant)).toEqual(expected[i]);
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});

describe('PlainLedger', () => {
  const ledger = new PlainLedger();

  test('messages are themselves, products are products', () => {
    fc.assert(
      fc.property(element, element, (a, b) => {
        expect(ledger.received(a)).toEqual(constantValue(a));
        expect(ledger.product(ledger.received(a), ledger.received(b))).toEqual(
          constantValue(mulK(a, b)),
        );
      }),
      { seed: 2 },
    );
  });

  test('a known operand scales a padded one; two padded ones are misuse', () => {
    const padded = addValues(constantValue(ONE), padValue(2));
    const two = constantValue([2, 0, 0, 0, 0]);
    expect(ledger.product(padded, two)).toEqual(scaleValue(padded, two.constant));
    expect(ledger.product(two, padded)).toEqual(scaleValue(padded, two.constant));
    expect(() => ledger.product(padded, padded)).toThrow(TypeError);
  });

  test('requireZero: only the constant zero', () => {
    expect(ledger.requireZero(constantValue(ZERO))).toBe(true);
    for (let i = 0; i < 5; i++) {
      const k: [number, number, number, number, number] = [0, 0, 0, 0, 0];
      k[i] = 1;
      expect(ledger.requireZero(constantValue(k))).toBe(false);
    }
    expect(ledger.requireZero(padValue(0))).toBe(false);
  });
});
