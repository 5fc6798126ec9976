import { AssayError } from '@assay/core/errors';

/** The arithmetic in which forms are evaluated. */
export interface Ring<T> {
  integer(n: number): T;
  add(a: T, b: T): T;
  multiply(a: T, b: T): T;
}

/** Integers of any size. */
export const BIG_INTEGERS: Ring<bigint> = {
  integer: (n) => BigInt(n),
  add: (a, b) => a + b,
  multiply: (a, b) => a * b,
};

/** Integers below 2^53 as numbers; `where` names the node in the error when one is not. */
export function exactNumbers(where: string): Ring<number> {
  const exact = (n: number): number => {
    if (Number.isSafeInteger(n)) return n;
    throw new AssayError({
      code: 'ASSAY_INEXACT',
      shortMessage: `${where}: an intermediate value reaches 2^53`,
    });
  };
  return {
    integer: exact,
    add: (a, b) => exact(a + b),
    multiply: (a, b) => exact(a * b),
  };
}
