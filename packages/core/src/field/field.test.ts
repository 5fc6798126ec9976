import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addF,
  addK,
  baseK,
  equalK,
  frobeniusK,
  GENERATOR,
  intK,
  invF,
  invK,
  isZeroK,
  type K,
  mulF,
  mulK,
  negF,
  negK,
  ONE,
  P,
  powF,
  powK,
  rootOfUnity,
  scaleK,
  subF,
  subK,
  TWO_ADICITY,
  toF,
  ZERO,
} from './index.ts';

const edgeWords = [0, 1, 2, P - 1, P - 2, (P - 1) / 2, (P + 1) / 2, 65535, 65536, 2 ** 27, 2 ** 30];
const word = fc.oneof(fc.constantFrom(...edgeWords), fc.integer({ min: 0, max: P - 1 }));
const element: fc.Arbitrary<K> = fc.oneof(
  fc.tuple(word, word, word, word, word),
  fc.constantFrom<K>(ZERO, ONE, [0, 1, 0, 0, 0], [0, 0, 0, 0, P - 1]),
  fc.constant<K>([P - 1, P - 1, P - 1, P - 1, P - 1]),
);

const big = BigInt(P);
const mod = (n: bigint): number => Number(((n % big) + big) % big);

/** Schoolbook product in Z[X]/(X^5 − 2), reduced at the end. */
const referenceMul = (a: K, b: K): K => {
  const c = [0n, 0n, 0n, 0n, 0n];
  a.forEach((x, i) => {
    b.forEach((y, j) => {
      const k = (i + j) % 5;
      c[k] = (c[k] ?? 0n) + BigInt(x) * BigInt(y) * (i + j >= 5 ? 2n : 1n);
    });
  });
  const [c0 = 0n, c1 = 0n, c2 = 0n, c3 = 0n, c4 = 0n] = c;
  return [mod(c0), mod(c1), mod(c2), mod(c3), mod(c4)];
};

/** Left-to-right square and multiply with a BigInt exponent. */
const referencePow = (a: K, exponent: bigint): K =>
  exponent
    .toString(2)
    .split('')
    .reduce<K>((power, bit) => {
      const square = referenceMul(power, power);
      return bit === '1' ? referenceMul(square, a) : square;
    }, ONE);

interface FieldOps<T> {
  readonly zero: T;
  readonly one: T;
  readonly characteristic: number;
  readonly add: (a: T, b: T) => T;
  readonly sub: (a: T, b: T) => T;
  readonly mul: (a: T, b: T) => T;
  readonly neg: (a: T) => T;
  readonly inv: (a: T) => T;
  readonly pow: (a: T, exponent: number) => T;
}

/** The laws that make a commutative ring with inverses a field; elements are compared structurally, so they must be canonical. */
function describeField<T>(name: string, ops: FieldOps<T>, arbitrary: fc.Arbitrary<T>): void {
  const { zero, one, add, sub, mul, neg, inv, pow } = ops;
  const law = (title: string, check: (a: T, b: T, c: T) => void): void => {
    test(title, () => {
      fc.assert(fc.property(arbitrary, arbitrary, arbitrary, check), { seed: 11, numRuns: 500 });
    });
  };
  describe(`${name} is a field`, () => {
    law('addition: commutative, associative, zero, negative', (a, b, c) => {
      expect(add(a, b)).toEqual(add(b, a));
      expect(add(add(a, b), c)).toEqual(add(a, add(b, c)));
      expect(add(a, zero)).toEqual(a);
      expect(add(a, neg(a))).toEqual(zero);
      expect(sub(a, b)).toEqual(add(a, neg(b)));
      expect(add(sub(a, b), b)).toEqual(a);
      expect(neg(neg(a))).toEqual(a);
    });
    law('multiplication: commutative, associative, one, zero', (a, b, c) => {
      expect(mul(a, b)).toEqual(mul(b, a));
      expect(mul(mul(a, b), c)).toEqual(mul(a, mul(b, c)));
      expect(mul(a, one)).toEqual(a);
      expect(mul(a, zero)).toEqual(zero);
    });
    law('distributive', (a, b, c) => {
      expect(mul(a, add(b, c))).toEqual(add(mul(a, b), mul(a, c)));
      expect(mul(a, sub(b, c))).toEqual(sub(mul(a, b), mul(a, c)));
      expect(mul(neg(a), b)).toEqual(neg(mul(a, b)));
    });
    law('inverses, no zero divisors', (a, b) => {
      fc.pre(
        JSON.stringify(a) !== JSON.stringify(zero) && JSON.stringify(b) !== JSON.stringify(zero),
      );
      expect(mul(a, inv(a))).toEqual(one);
      expect(inv(inv(a))).toEqual(a);
      expect(inv(mul(a, b))).toEqual(mul(inv(a), inv(b)));
      expect(mul(a, b)).not.toEqual(zero);
    });
    test('zero has no inverse', () => {
      expect(() => inv(zero)).toThrow(RangeError);
    });
    test('powers add', () => {
      const exponent = fc.nat({ max: 1000 });
      fc.assert(
        fc.property(arbitrary, exponent, exponent, (a, m, n) => {
          expect(pow(a, m + n)).toEqual(mul(pow(a, m), pow(a, n)));
          expect(pow(a, 0)).toEqual(one);
          expect(pow(a, 1)).toEqual(a);
        }),
        { seed: 12 },
      );
    });
    test('characteristic p', () => {
      let [sum, doubled] = [zero, one];
      for (let n = ops.characteristic; n > 0; n = Math.floor(n / 2)) {
        if (n % 2 === 1) sum = add(sum, doubled);
        doubled = add(doubled, doubled);
      }
      expect(sum).toEqual(zero);
    });
  });
}

describeField<number>(
  'F',
  {
    zero: 0,
    one: 1,
    characteristic: P,
    add: addF,
    sub: subF,
    mul: mulF,
    neg: negF,
    inv: invF,
    pow: powF,
  },
  word,
);

describeField<K>(
  'K',
  {
    zero: ZERO,
    one: ONE,
    characteristic: P,
    add: addK,
    sub: subK,
    mul: mulK,
    neg: negK,
    inv: invK,
    pow: powK,
  },
  element,
);

describe('F against BigInt', () => {
  test('every pair of edge values', () => {
    for (const a of edgeWords) {
      for (const b of edgeWords) {
        expect(addF(a, b)).toBe(mod(BigInt(a) + BigInt(b)));
        expect(subF(a, b)).toBe(mod(BigInt(a) - BigInt(b)));
        expect(mulF(a, b)).toBe(mod(BigInt(a) * BigInt(b)));
      }
      expect(negF(a)).toBe(mod(-BigInt(a)));
    }
  });

  test('random products', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(mulF(a, b)).toBe(mod(BigInt(a) * BigInt(b)));
      }),
      { seed: 13, numRuns: 20_000 },
    );
  });

  test('products next to multiples of p, where the quotient is hardest', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: P - 1 }), fc.integer({ min: -3, max: 3 }), (a, d) => {
        const b = mulF(invF(a), toF(d));
        expect(mulF(a, b)).toBe(toF(d));
        expect(mod(BigInt(a) * BigInt(b))).toBe(toF(d));
      }),
      { seed: 14, numRuns: 3000 },
    );
  });

  test('toF reduces every exact integer', () => {
    const limit = Number.MAX_SAFE_INTEGER;
    const integers = fc.oneof(
      fc.integer({ min: -limit, max: limit }),
      fc
        .tuple(fc.integer({ min: -4_000_000, max: 4_000_000 }), fc.integer({ min: -2, max: 2 }))
        .map(([multiple, offset]) => multiple * P + offset),
      fc.constantFrom(0, -0, P, -P, limit, -limit),
    );
    fc.assert(
      fc.property(integers, (n) => {
        expect(toF(n)).toBe(mod(BigInt(n)));
      }),
      { seed: 15, numRuns: 5000 },
    );
  });

  test('inverse and powers', () => {
    fc.assert(
      fc.property(word, fc.nat({ max: 2 ** 31 - 1 }), (a, exponent) => {
        expect(baseK(powF(a, exponent))).toEqual(referencePow(baseK(a), BigInt(exponent)));
        if (a !== 0) expect(mod(BigInt(a) * BigInt(invF(a)))).toBe(1);
      }),
      { seed: 16 },
    );
  });

  test('p − 1 = 15·2^27 and the generator has that order', () => {
    expect(P).toBe(15 * 2 ** TWO_ADICITY + 1);
    for (const prime of [2, 3, 5]) expect(powF(GENERATOR, (P - 1) / prime)).not.toBe(1);
    expect(powF(GENERATOR, P - 1)).toBe(1);
  });

  test('roots of unity have exactly their order, and square to each other', () => {
    expect(rootOfUnity(0)).toBe(1);
    expect(rootOfUnity(1)).toBe(P - 1);
    for (let log = 1; log <= TWO_ADICITY; log++) {
      const root = rootOfUnity(log);
      expect(powF(root, 2 ** (log - 1))).toBe(P - 1);
      expect(mulF(root, root)).toBe(rootOfUnity(log - 1));
    }
    for (const bad of [-1, 28, Number.NaN]) expect(() => rootOfUnity(bad)).toThrow(RangeError);
  });
});

describe('K against BigInt', () => {
  test('products', () => {
    fc.assert(
      fc.property(element, element, (a, b) => {
        expect(mulK(a, b)).toEqual(referenceMul(a, b));
      }),
      { seed: 17, numRuns: 5000 },
    );
  });

  test('the largest coordinates do not lose bits', () => {
    const largest: K = [P - 1, P - 1, P - 1, P - 1, P - 1];
    const halves: K = [65535, 0x7fff0000, 0x77ffffff, P - 2, 65535];
    for (const a of [largest, halves]) {
      for (const b of [largest, halves]) expect(mulK(a, b)).toEqual(referenceMul(a, b));
    }
  });

  test('X^5 = 2, and 2 is not a fifth power: X^5 − 2 is irreducible', () => {
    const x: K = [0, 1, 0, 0, 0];
    expect(powK(x, 5)).toEqual(baseK(2));
    for (let i = 0; i < 5; i++) {
      const basis: [number, number, number, number, number] = [0, 0, 0, 0, 0];
      basis[i] = 1;
      expect(powK(x, i)).toEqual(basis);
    }
    expect((P - 1) % 5).toBe(0);
    expect(powF(2, (P - 1) / 5)).not.toBe(1);
  });

  test('Frobenius is the p-th power; five times is the identity', () => {
    fc.assert(
      fc.property(element, element, (a, b) => {
        expect(frobeniusK(a, 1)).toEqual(referencePow(a, big));
        expect(frobeniusK(a, 2)).toEqual(frobeniusK(frobeniusK(a, 1), 1));
        expect(frobeniusK(a, 3)).toEqual(frobeniusK(frobeniusK(a, 2), 1));
        expect(frobeniusK(a, 5)).toEqual(a);
        expect(frobeniusK(mulK(a, b), 1)).toEqual(mulK(frobeniusK(a, 1), frobeniusK(b, 1)));
      }),
      { seed: 18, numRuns: 50 },
    );
  });

  test('inverse is the power p^5 − 2', () => {
    fc.assert(
      fc.property(element, (a) => {
        fc.pre(!isZeroK(a));
        expect(invK(a)).toEqual(referencePow(a, big ** 5n - 2n));
      }),
      { seed: 19, numRuns: 30 },
    );
  });

  test('F inside K; scaling', () => {
    fc.assert(
      fc.property(element, word, word, (a, f, g) => {
        expect(scaleK(a, f)).toEqual(mulK(a, baseK(f)));
        expect(mulK(baseK(f), baseK(g))).toEqual(baseK(mulF(f, g)));
        expect(frobeniusK(baseK(f), 1)).toEqual(baseK(f));
        expect(intK(-f)).toEqual(negK(baseK(f)));
      }),
      { seed: 20 },
    );
  });

  test('equality looks at every coordinate', () => {
    const a: K = [1, 2, 3, 4, 5];
    expect(equalK(a, [1, 2, 3, 4, 5])).toBe(true);
    for (let i = 0; i < 5; i++) {
      const b: [number, number, number, number, number] = [1, 2, 3, 4, 5];
      b[i] = 9;
      expect(equalK(a, b)).toBe(false);
      const c: [number, number, number, number, number] = [0, 0, 0, 0, 0];
      c[i] = 1;
      expect(isZeroK(c)).toBe(false);
    }
    expect(isZeroK(ZERO)).toBe(true);
  });
});
