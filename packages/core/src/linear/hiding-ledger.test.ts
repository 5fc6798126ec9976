import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addK,
  intK,
  invK,
  isZeroK,
  type K,
  mulK,
  negK,
  ONE,
  P,
  powK,
  subK,
  ZERO,
} from '../field/index.ts';
import { honestSettlement, seededElements, seededPads } from '../testing/index.ts';
import {
  addValues,
  blindPad,
  constantValue,
  evaluateValues,
  HidingLedger,
  isKnown,
  type PadShape,
  padCoefficients,
  padCount,
  padValue,
  productPads,
  scaleValue,
  type Settlement,
  subValues,
  type Value,
} from './index.ts';

const word = fc.oneof(fc.constantFrom(0, 1, P - 1), fc.integer({ min: 0, max: P - 1 }));
const element: fc.Arbitrary<K> = fc.tuple(word, word, word, word, word);
const [rho = ONE, delta = ONE, factor = ONE] = seededElements(99, 3);

/** A resolved value once the pads are known. */
const open = (ledger: HidingLedger, v: Value, pads: readonly K[]): K => {
  const { constant, pads: coefficients } = ledger.resolve(v);
  expect(coefficients.length).toBe(padCount(ledger.shape));
  return coefficients.reduce((sum, k, i) => addK(sum, mulK(k, pads[i] ?? ZERO)), constant);
};

describe('the shape of the pads', () => {
  test('messages, then four pads a product, then r', () => {
    const shape = { messages: 3, products: 2, blind: true };
    expect(padCount(shape)).toBe(12);
    expect(productPads(shape, 0)).toEqual({ x: 3, y: 4, z: 5, product: 6 });
    expect(productPads(shape, 1)).toEqual({ x: 7, y: 8, z: 9, product: 10 });
    expect(blindPad(shape)).toBe(11);
    expect(padCount({ ...shape, blind: false })).toBe(11);
  });

  test('what is not there is misuse', () => {
    const shape = { messages: 3, products: 2, blind: false };
    for (const t of [-1, 2, 0.5]) expect(() => productPads(shape, t)).toThrow(RangeError);
    expect(() => blindPad(shape)).toThrow(RangeError);
  });
});

test('a received message is worth the message minus its pad, in order', () => {
  fc.assert(
    fc.property(fc.array(element, { minLength: 1, maxLength: 6 }), fc.nat(), (messages, seed) => {
      const shape = { messages: messages.length, products: 0, blind: false };
      const pads = seededPads(shape, seed);
      const ledger = new HidingLedger(shape);
      for (const [i, m] of messages.entries()) {
        const sent = addK(m, pads[i] ?? ZERO);
        const value = ledger.received(sent);
        expect(value.constant).toEqual(sent);
        expect(open(ledger, value, pads)).toEqual(m);
      }
      expect(() => ledger.received(ONE)).toThrow(RangeError);
    }),
    { seed: 1 },
  );
});

describe('what is known', () => {
  test('depends on the operations, never on elements', () => {
    const pad = padValue(0);
    for (const k of [ZERO, ONE, factor]) {
      const c = constantValue(k);
      expect([addValues(c, c), subValues(c, c), scaleValue(c, k)].every(isKnown)).toBe(true);
      expect([addValues(c, pad), subValues(c, pad), subValues(pad, c)].some(isKnown)).toBe(false);
      expect(isKnown(scaleValue(pad, k))).toBe(false);
    }
    expect(isKnown(subValues(pad, pad))).toBe(false);
  });

  test('known values are decided at once, others are noted', () => {
    const ledger = new HidingLedger({ messages: 1, products: 0, blind: false });
    expect(ledger.requireZero(constantValue(ZERO))).toBe(true);
    expect(ledger.requireZero(constantValue(factor))).toBe(false);
    const message = ledger.received(ONE);
    const cancelled = subValues(message, message);
    expect(ledger.requireZero(message)).toBe(true);
    expect(ledger.requireZero(cancelled)).toBe(true);
    expect(ledger.settle({ products: [], rho, e: [], f: [] })).toEqual([message, cancelled]);
  });

  test('a known operand scales and spends no triple', () => {
    const ledger = new HidingLedger({ messages: 1, products: 0, blind: false });
    const [message, known] = [ledger.received(ONE), constantValue(factor)];
    expect(ledger.product(message, known)).toEqual(scaleValue(message, factor));
    expect(ledger.product(known, message)).toEqual(scaleValue(message, factor));
    expect(ledger.product(known, known)).toEqual(constantValue(mulK(factor, factor)));
    expect(ledger.products).toEqual([]);
    expect(() => ledger.product(message, message)).toThrow(RangeError);
  });
});

describe('graphs', () => {
  test('a chain of 10^5 operations is resolved without recursion', () => {
    const steps = 100_000;
    let v = padValue(0);
    for (let i = 0; i < steps; i++) v = addValues(scaleValue(v, factor), padValue(1));
    const power = powK(factor, steps);
    expect(padCoefficients(v, 2)).toEqual([power, mulK(subK(power, ONE), invK(subK(factor, ONE)))]);
    const pads = seededElements(3, 2);
    const [first = ZERO, second = ZERO] = padCoefficients(v, 2);
    expect(evaluateValues([v], pads)).toEqual([
      addK(mulK(first, pads[0] ?? ZERO), mulK(second, pads[1] ?? ZERO)),
    ]);
  });

  test('what is shared is visited once: 1,000 doublings', () => {
    let v = addValues(padValue(0), padValue(1));
    for (let i = 0; i < 1000; i++) v = addValues(v, v);
    const power = powK(intK(2), 1000);
    expect(padCoefficients(v, 2)).toEqual([power, power]);
    expect(evaluateValues([v, v], [ONE, ZERO])).toEqual([power, power]);
  });

  test('an operation makes at most two parts', () => {
    let v = padValue(0);
    for (let i = 1; i < 10; i++) {
      v = subValues(addValues(v, padValue(i)), scaleValue(v, factor));
      expect(v.parts.length).toBeLessThanOrEqual(2);
    }
  });

  test('pads that are not there are misuse', () => {
    const v = addValues(padValue(1), padValue(4));
    expect(() => padCoefficients(v, 4)).toThrow(RangeError);
    expect(() => evaluateValues([v], seededElements(1, 4))).toThrow(RangeError);
  });
});

describe('settlement', () => {
  const shape: PadShape = { messages: 5, products: 2, blind: true };

  /** a·b + (a + factor·c)·d = e, as a verifier computes it on what was sent. */
  const verifyRelation = (sent: readonly K[]): HidingLedger => {
    const ledger = new HidingLedger(shape);
    const [a, b, c, d, e] = sent.map((k) => ledger.received(k));
    if (a === undefined || b === undefined || c === undefined) throw new Error('five messages');
    if (d === undefined || e === undefined) throw new Error('five messages');
    const sum = addValues(
      ledger.product(a, b),
      ledger.product(addValues(a, scaleValue(c, factor)), d),
    );
    expect(ledger.requireZero(subValues(sum, e))).toBe(true);
    return ledger;
  };
  const names = ['relation', ...[0, 1].flatMap((t) => [`e ${t}`, `f ${t}`, `product ${t}`])];

  interface Run {
    readonly pads: K[];
    readonly ledger: HidingLedger;
    /** Names of the checks that do not hold. */
    readonly failing: (settlement: Settlement, pads?: readonly K[]) => string[];
  }
  const run = (seed: number, error: K = ZERO): Run => {
    const pads = seededPads(shape, seed);
    const [a = ZERO, b = ZERO, c = ZERO, d = ZERO] = seededElements(seed + 1, 4);
    const e = addK(mulK(a, b), mulK(addK(a, mulK(factor, c)), d));
    const sent = [a, b, c, d, addK(e, error)].map((m, i) => addK(m, pads[i] ?? ZERO));
    const ledger = verifyRelation(sent);
    const failing: Run['failing'] = (settlement, of = pads) => {
      const values = ledger.settle(settlement);
      expect(values.length).toBe(names.length);
      return names.filter((_, q) => !isZeroK(open(ledger, values[q] ?? constantValue(ONE), of)));
    };
    return { pads, ledger, failing };
  };
  const changed = (values: readonly K[], t: number, by: K = delta): K[] =>
    values.map((k, i) => (i === t ? addK(k, by) : k));

  test('honest: everything that must vanish vanishes', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { ledger, pads, failing } = run(seed);
      expect(failing(honestSettlement(ledger, pads, rho))).toEqual([]);
    }
  });

  test('a relation that does not hold', () => {
    const { ledger, pads, failing } = run(1, delta);
    expect(failing(honestSettlement(ledger, pads, rho))).toEqual(['relation']);
  });

  test.each([0, 1])('product %i: a wrong c_z', (t) => {
    const { ledger, pads, failing } = run(2);
    const honest = honestSettlement(ledger, pads, rho);
    const forged = { ...honest, products: changed(honest.products, t) };
    expect(failing(forged)).toEqual(['relation', `product ${t}`]);
  });

  test.each([0, 1])('product %i: a wrong c_z that makes a false relation hold', (t) => {
    const { ledger, pads, failing } = run(3, delta);
    const honest = honestSettlement(ledger, pads, rho);
    const forged = { ...honest, products: changed(honest.products, t) };
    expect(failing(forged)).toEqual([`product ${t}`]);
  });

  test.each([0, 1])('product %i: a wrong e', (t) => {
    const { ledger, pads, failing } = run(4);
    const honest = honestSettlement(ledger, pads, rho);
    expect(failing({ ...honest, e: changed(honest.e, t) })).toEqual([`e ${t}`, `product ${t}`]);
  });

  test.each([0, 1])('product %i: a wrong f', (t) => {
    const { ledger, pads, failing } = run(5);
    const honest = honestSettlement(ledger, pads, rho);
    expect(failing({ ...honest, f: changed(honest.f, t) })).toEqual([`f ${t}`, `product ${t}`]);
  });

  test.each([0, 1])('product %i: e and f that only cancel in the last check', (t) => {
    // e·y + f·x' as it was
    const { ledger, pads, failing } = run(6);
    const honest = honestSettlement(ledger, pads, rho);
    const [x = ZERO, y = ONE] = [productPads(shape, t).x, productPads(shape, t).y].map(
      (i) => pads[i],
    );
    const other = addK(honest.f[t] ?? ZERO, y);
    const compensating = negK(mulK(mulK(delta, x), invK(other)));
    const forged = {
      ...honest,
      e: changed(honest.e, t, compensating),
      f: changed(honest.f, t, delta),
    };
    expect(failing(forged)).toEqual([`e ${t}`, `f ${t}`]);
  });

  test.each([0, 1])('product %i: a triple that is no product', (t) => {
    for (const part of ['x', 'y', 'z'] as const) {
      const { ledger, pads, failing } = run(7);
      const others = changed(pads, productPads(shape, t)[part]);
      expect(failing(honestSettlement(ledger, others, rho), others)).toEqual([`product ${t}`]);
    }
  });

  test('a triple that makes up for a wrong c_z does so for one ρ', () => {
    // ρ·(z − xy) = z' − x'y'
    const forge = (at: K): string[] => {
      const { ledger, pads, failing } = run(8, delta);
      const others = changed(pads, productPads(shape, 0).z, mulK(rho, delta));
      const honest = honestSettlement(ledger, others, at);
      return failing({ ...honest, products: changed(honest.products, 0) }, others);
    };
    expect(forge(rho)).toEqual([]);
    expect(forge(addK(rho, ONE))).toEqual(['product 0']);
  });

  test('opened with another pad than a message was sent under', () => {
    const { ledger, pads, failing } = run(9);
    expect(failing(honestSettlement(ledger, pads, rho), changed(pads, 4))).toEqual(['relation']);
  });

  test('a value with a product in it has no value before the product is there', () => {
    const { ledger, pads } = run(10);
    const { x, y } = ledger.products[0] ?? { x: padValue(0), y: padValue(0) };
    const again = new HidingLedger({ messages: 5, products: 1, blind: false });
    const result = again.product(x, y);
    expect(() => again.resolve(result)).toThrow(TypeError);
    expect(open(ledger, x, pads)).toEqual(evaluateValues([x], pads)[0]);
  });

  test('other numbers of messages or products than the shape has are misuse', () => {
    const { ledger, pads } = run(11);
    const honest = honestSettlement(ledger, pads, rho);
    for (const part of ['products', 'e', 'f'] as const) {
      const less = { ...honest, [part]: honest[part].slice(1) };
      expect(() => ledger.settle(less)).toThrow(RangeError);
    }
    ledger.settle(honest);
    expect(() => ledger.settle(honest)).toThrow(RangeError);
    const unused = new HidingLedger({ messages: 1, products: 0, blind: false });
    expect(() => unused.settle({ products: [], rho, e: [], f: [] })).toThrow(RangeError);
  });
});
