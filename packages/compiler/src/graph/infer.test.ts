import { describe, expect, test } from 'vitest';
import { inferShape } from './index.ts';
import type { Operator, OperatorAttributes } from './operators.ts';

const shapeOf = <O extends Operator>(
  operator: O,
  attributes: OperatorAttributes[O],
  ...inputs: number[][]
): readonly number[] => inferShape({ operator, attributes }, inputs);

const windows = { kernel: [3], strides: [2], dilations: [2], padsBegin: [1], padsEnd: [2] };

describe('shapes', () => {
  test('matrix products broadcast their leading axes', () => {
    expect(
      shapeOf('MatMul', { transposeA: true, transposeB: true }, [2, 1, 4, 3], [5, 6, 4], [6]),
    ).toEqual([2, 5, 3, 6]);
    expect(() =>
      shapeOf('MatMul', { transposeA: false, transposeB: false }, [2, 3], [2, 3]),
    ).toThrow('inner lengths 3 and 2');
    expect(() => shapeOf('MatMul', { transposeA: false, transposeB: false }, [3], [3, 2])).toThrow(
      'operands [3] and [3, 2]',
    );
    expect(() =>
      shapeOf('MatMul', { transposeA: false, transposeB: false }, [2, 3], [3, 4], [5, 2, 4]),
    ).toThrow('addend');
  });

  test('windows', () => {
    expect(shapeOf('Conv', { ...windows, group: 2 }, [1, 4, 9], [6, 2, 3], [6])).toEqual([1, 6, 4]);
    expect(shapeOf('MaxPool', windows, [1, 4, 9])).toEqual([1, 4, 4]);
    expect(shapeOf('AveragePool', { ...windows, divisors: [[1, 1, 1, 1]] }, [1, 4, 9])).toEqual([
      1, 4, 4,
    ]);
    expect(() => shapeOf('AveragePool', { ...windows, divisors: [[1]] }, [1, 4, 9])).toThrow(
      'divisors',
    );
    expect(() => shapeOf('Conv', { ...windows, group: 3 }, [1, 4, 9], [6, 2, 3])).toThrow(
      'group 3',
    );
    expect(() => shapeOf('Conv', { ...windows, group: 2 }, [1, 4, 9], [6, 2, 3], [5])).toThrow(
      'bias [5]',
    );
    expect(() => shapeOf('MaxPool', windows, [1, 4, 1])).toThrow('window of 5 is larger');
    expect(() => shapeOf('MaxPool', { ...windows, padsBegin: [6] }, [1, 4, 9])).toThrow(
      'window 0 of spatial axis 0 lies wholly in the padding',
    );
    expect(() =>
      shapeOf('MaxPool', { ...windows, padsEnd: [4], strides: [5] }, [1, 4, 9]),
    ).not.toThrow();
    expect(() => shapeOf('MaxPool', { ...windows, padsEnd: [9], strides: [5] }, [1, 4, 9])).toThrow(
      'window 2',
    );
    // Steps over the whole input: positions −1 and 2 of a window over 2 elements.
    expect(() =>
      shapeOf(
        'MaxPool',
        { kernel: [2], strides: [1], dilations: [3], padsBegin: [1], padsEnd: [1] },
        [1, 1, 2],
      ),
    ).toThrow('wholly in the padding');
  });

  test('views', () => {
    expect(shapeOf('Slice', { starts: [0, 4], steps: [1, -2], sizes: [2, 3] }, [2, 5])).toEqual([
      2, 3,
    ]);
    expect(() =>
      shapeOf('Slice', { starts: [0, 3], steps: [1, -2], sizes: [2, 3] }, [2, 5]),
    ).toThrow('elements 3 to -1 of axis 1');
    expect(() => shapeOf('Reshape', { shape: [7] }, [2, 3])).toThrow('cannot reshape');
    expect(() => shapeOf('Transpose', { permutation: [0, 0] }, [2, 3])).toThrow('permutation');
    expect(() => shapeOf('Gather', { axis: 0, indices: [2] }, [2, 3])).toThrow('indices outside');
    expect(() => shapeOf('Gather', { axis: 2, indices: [0] }, [2, 3])).toThrow('indices outside');
    expect(() => shapeOf('Expand', { shape: [3, 3] }, [2, 3])).toThrow('does not broadcast');
    expect(() => shapeOf('Pad', { padsBegin: [-1], padsEnd: [0], value: 0 }, [2])).toThrow('pads');
    expect(() => shapeOf('Concat', { axis: 0 }, [2, 3], [2, 4])).toThrow('along axis 0');
    expect(shapeOf('Concat', { axis: 1 }, [2, 3], [2, 4])).toEqual([2, 7]);
  });

  test('reductions', () => {
    expect(shapeOf('ReduceSum', { axes: [0, 2], keepDims: false }, [2, 3, 4])).toEqual([3]);
    expect(shapeOf('ArgMax', { axis: 1, keepDims: true }, [2, 3, 4])).toEqual([2, 1, 4]);
    for (const axes of [[], [1, 1], [2, 1], [3], [-1]]) {
      expect(() => shapeOf('ReduceMax', { axes, keepDims: true }, [2, 3, 4])).toThrow('axes');
    }
    expect(() => shapeOf('Softmax', {})).toThrow('Softmax of 0 operands');
    expect(() => shapeOf('Softmax', {}, [])).toThrow('a scalar');
  });

  test('elementwise operators broadcast', () => {
    expect(shapeOf('Add', {}, [2, 1], [3], [4, 1, 1])).toEqual([4, 2, 3]);
    expect(() => shapeOf('Mul', {}, [2], [3])).toThrow('[2] and [3] do not broadcast');
    expect(() => shapeOf('PRelu', {}, [2], [3, 2])).toThrow(
      'slope [3, 2] does not broadcast to [2]',
    );
  });
});
