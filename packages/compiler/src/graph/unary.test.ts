import { describe, expect, test } from 'vitest';
import { erf, unaryFunction } from './index.ts';
import type { OperatorAttributes } from './operators.ts';
import type { UnaryOperator } from './unary.ts';

const f = <O extends UnaryOperator>(
  operator: O,
  attributes: OperatorAttributes[O],
): ((x: number) => number) =>
  unaryFunction({
    name: 'n',
    operator,
    attributes,
    inputs: ['x'],
    output: 'y',
    origin: { name: 'n', operator },
  });

describe('erf', () => {
  // Values of the C library (correct to the last digit or so), on both sides of the branches' border.
  test.each([
    [0, 0],
    [0.1, 0.1124629160182849],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2, 0.9953222650189527],
    [2.4999999, 0.9995930477647266],
    [2.5, 0.999593047982555],
    [3, 0.9999779095030014],
    [5, 0.9999999999984626],
    [7, 1],
  ])('erf(%d)', (x, y) => {
    expect(Math.abs(erf(x) - y)).toBeLessThan(2e-15);
    expect(erf(-x) + erf(x)).toBe(0);
  });

  test('not a number', () => {
    expect(erf(Number.NaN)).toBeNaN();
    expect(erf(Number.NEGATIVE_INFINITY)).toBe(-1);
  });
});

describe('functions do not overflow where their values do not', () => {
  test.each([
    ['Sigmoid', f('Sigmoid', {}), 0, 1],
    ['Tanh', f('Tanh', {}), -1, 1],
    ['Softplus', f('Softplus', {}), 0, 1000],
    ['Swish', f('Swish', { alpha: 1 }), 0, 1000],
    ['Mish', f('Mish', {}), 0, 1000],
    ['Gelu', f('Gelu', { approximate: 'none' }), 0, 1000],
    ['Gelu by tanh', f('Gelu', { approximate: 'tanh' }), 0, 1000],
    ['Elu', f('Elu', { alpha: 2 }), -2, 1000],
    ['HardSwish', f('HardSwish', {}), 0, 1000],
    ['Softsign', f('Softsign', {}), -1000 / 1001, 1000 / 1001],
  ])('%s at −1000 and 1000', (_, g, low, high) => {
    expect(g(-1000)).toBeCloseTo(low, 9);
    expect(g(1000)).toBeCloseTo(high, 9);
  });
});

test('rounding is to even', () => {
  const round = f('Round', {});
  expect([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4, 2.6].map((x) => round(x) + 0)).toEqual([
    -2, -2, 0, 0, 2, 2, 2, 3,
  ]);
});
