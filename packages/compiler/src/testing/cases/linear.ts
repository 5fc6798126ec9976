import { caseOf, constants, none, window2, type OperatorCase } from './case.ts';
import { seededRandom } from '../graphs.ts';

export const linearCases = (): OperatorCase[] => {
  const r = seededRandom(11);
  return [
    caseOf('matmul weights', 1, {
      operator: 'MatMul',
      inputs: { x: [2, 5] },
      constants: constants(r, { w: [5, 3], b: [3] }),
      nodes: [['MatMul', { transposeA: false, transposeB: false }, ['x', 'w', 'b'], 'y']],
    }),
    caseOf('matmul, relu, matmul', 2, {
      operator: 'MatMul',
      inputs: { x: [1, 6] },
      constants: constants(r, { w: [5, 6], b: [5], v: [5, 3] }),
      nodes: [
        ['MatMul', { transposeA: false, transposeB: true }, ['x', 'w', 'b'], 'h'],
        ['Relu', none, ['h'], 'a'],
        ['MatMul', { transposeA: false, transposeB: false }, ['a', 'v'], 'y'],
      ],
    }),
    caseOf('matmul constant on the left', 3, {
      operator: 'MatMul',
      inputs: { x: [4, 3] },
      constants: constants(r, { w: [2, 4] }),
      nodes: [['MatMul', { transposeA: false, transposeB: false }, ['w', 'x'], 'y']],
    }),
    caseOf('matmul batched weights', 4, {
      operator: 'MatMul',
      inputs: { x: [2, 1, 3, 4] },
      constants: constants(r, { w: [2, 4, 3], c: [1, 3] }),
      nodes: [['MatMul', { transposeA: false, transposeB: false }, ['x', 'w', 'c'], 'y']],
    }),
    caseOf('matmul of two values', 5, {
      operator: 'MatMul',
      inputs: { a: [2, 3, 4], b: [2, 3, 4] },
      nodes: [
        ['MatMul', { transposeA: false, transposeB: true }, ['a', 'b'], 's'],
        ['Relu', none, ['s'], 'y'],
      ],
    }),
    caseOf('conv', 6, {
      operator: 'Conv',
      inputs: { x: [1, 2, 5, 5] },
      constants: constants(r, { w: [3, 2, 3, 3], b: [3] }),
      nodes: [['Conv', { ...window2(3, 1, 1), group: 1 }, ['x', 'w', 'b'], 'y']],
    }),
    caseOf('conv strided, dilated, grouped', 7, {
      operator: 'Conv',
      inputs: { x: [1, 4, 7, 6] },
      constants: constants(r, { w: [6, 2, 2, 2] }),
      nodes: [
        [
          'Conv',
          {
            kernel: [2, 2],
            strides: [2, 1],
            dilations: [1, 2],
            padsBegin: [1, 0],
            padsEnd: [0, 2],
            group: 2,
          },
          ['x', 'w'],
          'y',
        ],
      ],
    }),
    caseOf('conv depthwise, pointwise', 8, {
      operator: 'Conv',
      inputs: { x: [1, 3, 4, 4] },
      constants: constants(r, { w: [3, 1, 3, 3], b: [3], v: [4, 3, 1, 1] }),
      nodes: [
        ['Conv', { ...window2(3, 1, 1), group: 3 }, ['x', 'w', 'b'], 'h'],
        ['Clip', { min: 0, max: 6 }, ['h'], 'a'],
        ['Conv', { ...window2(1, 1), group: 1 }, ['a', 'v'], 'y'],
      ],
    }),
    caseOf('conv grouped, grouped, all', 9, {
      operator: 'Conv',
      inputs: { x: [2, 4, 3] },
      constants: constants(r, { w: [4, 2, 2], v: [6, 2, 1], u: [2, 6, 1] }),
      nodes: [
        [
          'Conv',
          { kernel: [2], strides: [1], dilations: [1], padsBegin: [1], padsEnd: [0], group: 2 },
          ['x', 'w'],
          'h',
        ],
        ['Relu', none, ['h'], 'a'],
        [
          'Conv',
          { kernel: [1], strides: [1], dilations: [1], padsBegin: [0], padsEnd: [0], group: 2 },
          ['a', 'v'],
          'g',
        ],
        ['Relu', none, ['g'], 'c'],
        [
          'Conv',
          { kernel: [1], strides: [2], dilations: [1], padsBegin: [0], padsEnd: [0], group: 1 },
          ['c', 'u'],
          'y',
        ],
      ],
    }),
    caseOf('conv 3-D', 10, {
      operator: 'Conv',
      inputs: { x: [1, 1, 3, 3, 3] },
      constants: constants(r, { w: [2, 1, 2, 2, 2], b: [2] }),
      nodes: [
        [
          'Conv',
          {
            kernel: [2, 2, 2],
            strides: [1, 1, 1],
            dilations: [1, 1, 1],
            padsBegin: [0, 1, 0],
            padsEnd: [0, 0, 1],
            group: 1,
          },
          ['x', 'w', 'b'],
          'y',
        ],
      ],
    }),
    caseOf('conv on one position', 12, {
      operator: 'Conv',
      inputs: { x: [1, 3, 1, 4] },
      constants: constants(r, { w: [2, 3, 3, 3] }),
      nodes: [['Conv', { ...window2(3, 1, 1), group: 1 }, ['x', 'w'], 'y']],
    }),
    caseOf('flatten, matmul', 13, {
      operator: 'Reshape',
      inputs: { x: [1, 2, 3, 3] },
      constants: constants(r, { k: [3, 2, 2, 2], w: [12, 4] }),
      nodes: [
        ['Conv', { ...window2(2, 1), group: 1 }, ['x', 'k'], 'h'],
        ['Relu', none, ['h'], 'a'],
        ['Reshape', { shape: [1, 12] }, ['a'], 'f'],
        ['MatMul', { transposeA: false, transposeB: false }, ['f', 'w'], 'y'],
      ],
    }),
    caseOf('add with residual and relu', 14, {
      operator: 'Add',
      inputs: { x: [1, 2, 3, 3] },
      constants: constants(r, { w: [2, 2, 3, 3], b: [2] }),
      nodes: [
        ['Conv', { ...window2(3, 1, 1), group: 1 }, ['x', 'w', 'b'], 'h'],
        ['Add', none, ['h', 'x'], 's'],
        ['Relu', none, ['s'], 'y'],
      ],
    }),
    caseOf('add broadcast and constant', 15, {
      operator: 'Add',
      inputs: { a: [2, 3], b: [3] },
      constants: constants(r, { c: [2, 1] }),
      nodes: [
        ['Add', none, ['a', 'b', 'c'], 's'],
        ['Relu', none, ['s'], 'y'],
      ],
    }),
    caseOf('sub and negate', 16, {
      operator: 'Sub',
      inputs: { a: [2, 3], b: [2, 3] },
      nodes: [
        ['Neg', none, ['b'], 'n'],
        ['Sub', none, ['a', 'n'], 'y'],
      ],
    }),
    caseOf('constant minus value', 17, {
      operator: 'Sub',
      inputs: { a: [2, 3] },
      constants: constants(r, { c: [1, 3] }),
      nodes: [['Sub', none, ['c', 'a'], 'y']],
    }),
    caseOf('mul of two values', 18, {
      operator: 'Mul',
      inputs: { a: [2, 3], b: [2, 1] },
      nodes: [
        ['Mul', none, ['a', 'b'], 'm'],
        ['Relu', none, ['m'], 'y'],
      ],
    }),
    caseOf('mul by constants', 19, {
      operator: 'Mul',
      inputs: { a: [2, 3] },
      constants: { ...constants(r, { c: [3] }), two: { dims: [], data: Float64Array.of(-2) } },
      nodes: [
        ['Mul', none, ['a', 'two'], 'd'],
        ['Mul', none, ['d', 'c'], 'm'],
        ['Relu', none, ['m'], 'y'],
      ],
    }),
    caseOf('batch normalization after conv', 20, {
      operator: 'Mul',
      inputs: { x: [1, 2, 3, 3] },
      constants: constants(r, { w: [2, 2, 2, 2], g: [2, 1, 1], b: [2, 1, 1] }),
      nodes: [
        ['Conv', { ...window2(2, 1), group: 1 }, ['x', 'w'], 'h'],
        ['Mul', none, ['h', 'g'], 'm'],
        ['Add', none, ['m', 'b'], 's'],
        ['Relu', none, ['s'], 'y'],
      ],
    }),
  ];
};
