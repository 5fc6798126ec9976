import { addK, equalK, invK, type K, mulF, mulK, ONE, P, subK } from '@assay/core/field';
import { drawer } from '../draw.ts';
import { expectEqual, expectTrue, type Suite } from '../harness.ts';

const CASES = 2000;

/** Schoolbook product modulo X^5 − 2 in exact integers. */
function mulByBigInts(a: K, b: K): number[] {
  const sums = Array.from({ length: 9 }, () => 0n);
  a.forEach((x, i) => {
    b.forEach((y, j) => {
      sums[i + j] = (sums[i + j] ?? 0n) + BigInt(x) * BigInt(y);
    });
  });
  return a.map((_, k) => Number(((sums[k] ?? 0n) + 2n * (sums[k + 5] ?? 0n)) % BigInt(P)));
}

export const field: Suite = {
  name: 'field',
  checks: [
    {
      name: 'products in F are exact',
      run() {
        const draw = drawer(1n);
        for (let i = 0; i < CASES; i++) {
          const [a, b] = [draw.f(), draw.f()];
          expectEqual(mulF(a, b), Number((BigInt(a) * BigInt(b)) % BigInt(P)), `${a}·${b}`);
        }
        expectEqual(mulF(P - 1, P - 1), 1, '(−1)·(−1)');
      },
    },
    {
      name: 'products in K are exact',
      run() {
        const draw = drawer(2n);
        const top: K = [P - 1, P - 1, P - 1, P - 1, P - 1];
        expectEqual(mulK(top, top), mulByBigInts(top, top), 'the largest operands');
        for (let i = 0; i < CASES; i++) {
          const [a, b] = [draw.k(), draw.k()];
          expectEqual(mulK(a, b), mulByBigInts(a, b), `${a}·${b}`);
        }
      },
    },
    {
      name: 'K is a field',
      run() {
        const draw = drawer(3n);
        for (let i = 0; i < 200; i++) {
          const [a, b] = [draw.k(), draw.k()];
          expectTrue(equalK(mulK(a, invK(a)), ONE), `${a}·${a}^−1 = 1`);
          expectTrue(equalK(subK(addK(a, b), b), a), `${a} + ${b} − ${b} = ${a}`);
        }
      },
    },
  ],
};
