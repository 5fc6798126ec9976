import { describe, expect, it } from 'vitest';
import { enforcedRange, honestRange, toIntegers } from './accumulate.ts';
import { ProgramBuilder, whole } from './builder.ts';
import type { Linear } from './linear.ts';

/** n weights of 1000 on inputs in [0, 5], and an offset. */
const setUp = (privateSteps: number | null, n: number, constant = 0) => {
  const builder = new ProgramBuilder('sums', privateSteps);
  builder.addNode({ name: 'node', operator: 'MatMul' });
  return builder.within(0, () => {
    const x = builder.input('x', [n], { lo: 0, hi: 5 });
    const left = whole(x, [n]);
    const linear: Linear = {
      dims: [],
      products: [
        {
          kind: 'weights',
          coefficient: 1,
          sums: [n],
          left,
          scale: 1,
          range: { lo: 0, hi: 3 },
          weights: new Float64Array(n).fill(1000),
          outAxes: [],
        },
      ],
      terms: [],
      offsets: [{ data: Float64Array.of(-100), axes: [] }],
      constant,
    };
    return { builder, sum: toIntegers(linear, 1) };
  });
};

describe('intervals of sums', () => {
  it('are exact for public weights', () => {
    const { builder, sum } = setUp(null, 20, 7);
    expect(honestRange(builder, sum)).toEqual({ lo: -93, hi: 59_907 });
    expect(enforcedRange(builder, sum).declared).toEqual({ lo: -100, hi: 99_900 });
    expect(enforcedRange(builder, sum).total).toEqual({ lo: -93, hi: 99_907 });
  });

  it('are rounded where weights are private: declared ones to powers of two, those of tables as asked for', () => {
    const { builder, sum } = setUp(8, 20, 7);
    expect(honestRange(builder, sum)).toEqual({ lo: -104 + 7, hi: 61_440 + 7 });
    expect(honestRange(builder, sum, 1)).toEqual({ lo: -128 + 7, hi: 65_536 + 7 });
    expect(enforcedRange(builder, sum).declared).toEqual({ lo: -128, hi: 131_072 });
    expect(enforcedRange(builder, sum).total).toEqual({ lo: -121, hi: 131_079 });
  });

  it('end at powers of two where few weights make them up', () => {
    const few = setUp(8, 14);
    expect(honestRange(few.builder, few.sum)).toEqual({ lo: -128, hi: 65_536 });
    const many = setUp(8, 15);
    expect(honestRange(many.builder, many.sum)).toEqual({ lo: -104, hi: 45_056 });
  });
});
