import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addK, type K, mulK, ONE, P, subK, ZERO } from '../field/index.ts';
import {
  addValues,
  constantValue,
  padValue,
  PlainLedger,
  scaleValue,
  subValues,
  type Value,
} from './index.ts';

const word = fc.oneof(fc.constantFrom(0, 1, P - 1), fc.integer({ min: 0, max: P - 1 }));
const element = fc.tuple(word, word, word, word, word);
/** Built by the operations, over four pads. */
const value: fc.Arbitrary<Value> = fc
  .tuple(element, fc.array(fc.tuple(fc.nat({ max: 3 }), element), { maxLength: 5 }))
  .map(([constant, terms]) =>
    terms.reduce(
      (sum, [pad, k]) => addValues(sum, scaleValue(padValue(pad), k)),
      constantValue(constant),
    ),
  );
const pads = fc.array(element, { minLength: 4, maxLength: 4 });

/** The value once the pads are known. */
const open = (v: Value, of: readonly K[]): K =>
  v.pads.reduce(
    (sum, { pad, coefficient }) => addK(sum, mulK(coefficient, of[pad] ?? ZERO)),
    v.constant,
  );

const expectNormal = (v: Value): void => {
  v.pads.forEach(({ pad, coefficient }, i) => {
    expect(coefficient).not.toEqual(ZERO);
    if (i > 0) expect(pad).toBeGreaterThan(v.pads[i - 1]?.pad ?? -1);
  });
};

test('operations commute with opening the pads, and keep the normal form', () => {
  fc.assert(
    fc.property(value, value, element, pads, (a, b, k, of) => {
      expect(open(addValues(a, b), of)).toEqual(addK(open(a, of), open(b, of)));
      expect(open(subValues(a, b), of)).toEqual(subK(open(a, of), open(b, of)));
      expect(open(scaleValue(a, k), of)).toEqual(mulK(open(a, of), k));
      for (const v of [addValues(a, b), subValues(a, b), scaleValue(a, k)]) expectNormal(v);
      expect(subValues(a, a)).toEqual(constantValue(ZERO));
    }),
    { seed: 1 },
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
    expect(ledger.product(padded, two)).toEqual(addValues(padded, padded));
    expect(ledger.product(two, padded)).toEqual(addValues(padded, padded));
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
