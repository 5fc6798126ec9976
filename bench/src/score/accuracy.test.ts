import { describe, expect, it } from 'vitest';
import { accuracyOf, argmax, cosine } from './accuracy.ts';

const vectors = (...rows: number[][]): Float32Array[] => rows.map((row) => Float32Array.from(row));
const unknown = { labels: null, targets: null };

describe('accuracyOf', () => {
  it('counts equal argmax, apart and close samples on their own', () => {
    const float = vectors([1, 0, 0], [0, 1, 0], [1, 0.999, 0], [0, 0, 1]);
    const program = vectors([0.9, 0, 0], [0, 1, 0.1], [0.9, 1, 0], [0, 2, 1]);
    const accuracy = accuracyOf(float, program, { ...unknown, labels: [0, 1, 0, 1] });
    expect(accuracy).toMatchObject({
      top1: 0.5,
      samples: 4,
      apart: { samples: 3, equal: 2 },
      close: { samples: 1, equal: 0 },
      labelled: { float: 0.75, program: 0.75 },
      determination: null,
    });
  });

  it('gives R² for targets, and no argmax for a single output', () => {
    const float = vectors([1], [2], [3]);
    const accuracy = accuracyOf(float, vectors([2], [2], [2]), { ...unknown, targets: [1, 2, 3] });
    expect(accuracy).toMatchObject({
      top1: null,
      apart: null,
      determination: { float: 1, program: 0 },
    });
  });

  it('refuses outputs that do not belong together', () => {
    expect(() => accuracyOf(vectors([1]), [], unknown)).toThrow(RangeError);
    expect(() => accuracyOf(vectors([1]), vectors([1, 2]), unknown)).toThrow(RangeError);
    expect(() => accuracyOf([], [], unknown)).toThrow(RangeError);
  });
});

describe('cosine', () => {
  it('is defined for zero vectors', () => {
    const [zero, one] = [new Float32Array(2), Float32Array.of(1, 0)];
    expect([cosine(zero, zero), cosine(zero, one), cosine(one, one)]).toEqual([1, 0, 1]);
  });
});

describe('argmax', () => {
  it('breaks ties to the lowest index, below zero too', () => {
    expect(argmax(Float32Array.of(-3, -1, -1))).toBe(1);
  });
});
