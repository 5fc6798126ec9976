import { caseOf, constants, none, window2, type OperatorCase } from './case.ts';
import { seededRandom } from '../graphs.ts';

export const windowCases = (): OperatorCase[] => {
  const w3 = (pad: number): typeof w => ({ ...w, padsBegin: [pad, pad], padsEnd: [pad, pad] });
  const w = {
    kernel: [3, 3],
    strides: [2, 2],
    dilations: [1, 1],
    padsBegin: [0, 0],
    padsEnd: [0, 0],
  };
  return [
    caseOf('max pool', 31, {
      operator: 'MaxPool',
      inputs: { x: [1, 2, 4, 4] },
      nodes: [['MaxPool', window2(2, 2), ['x'], 'y']],
    }),
    caseOf('max pool overlapping, padded', 32, {
      operator: 'MaxPool',
      inputs: { x: [1, 2, 6, 5] },
      nodes: [['MaxPool', w3(1), ['x'], 'y']],
    }),
    caseOf('max pool dilated', 33, {
      operator: 'MaxPool',
      inputs: { x: [1, 1, 5, 5] },
      nodes: [['MaxPool', window2(2, 1, 1, 3), ['x'], 'y']],
    }),
    caseOf('max pool 1-D', 34, {
      operator: 'MaxPool',
      inputs: { x: [1, 2, 9] },
      nodes: [
        [
          'MaxPool',
          { kernel: [5], strides: [2], dilations: [1], padsBegin: [2], padsEnd: [1] },
          ['x'],
          'y',
        ],
      ],
    }),
    caseOf('average pool', 35, {
      operator: 'AveragePool',
      inputs: { x: [1, 2, 4, 4] },
      nodes: [
        [
          'AveragePool',
          {
            ...window2(2, 2),
            divisors: [
              [2, 2],
              [2, 2],
            ],
          },
          ['x'],
          'y',
        ],
      ],
    }),
    caseOf('average pool, padding not counted', 36, {
      operator: 'AveragePool',
      inputs: { x: [1, 2, 4, 4] },
      nodes: [
        [
          'AveragePool',
          {
            ...window2(3, 1, 1),
            divisors: [
              [2, 3, 3, 2],
              [2, 3, 3, 2],
            ],
          },
          ['x'],
          'y',
        ],
      ],
    }),
    caseOf('global average pool', 37, {
      operator: 'ReduceMean',
      inputs: { x: [1, 3, 3, 3] },
      nodes: [
        ['Relu', none, ['x'], 'a'],
        ['ReduceMean', { axes: [2, 3], keepDims: true }, ['a'], 'm'],
        ['Relu', none, ['m'], 'y'],
      ],
    }),
    caseOf('reduce sum', 38, {
      operator: 'ReduceSum',
      inputs: { x: [2, 3, 2] },
      nodes: [['ReduceSum', { axes: [0, 2], keepDims: false }, ['x'], 'y']],
    }),
    caseOf('reduce max', 39, {
      operator: 'ReduceMax',
      inputs: { x: [2, 5, 3] },
      nodes: [['ReduceMax', { axes: [1], keepDims: false }, ['x'], 'y']],
    }),
    caseOf('reduce max over two axes', 40, {
      operator: 'ReduceMax',
      inputs: { x: [2, 3, 7] },
      nodes: [['ReduceMax', { axes: [1, 2], keepDims: true }, ['x'], 'y']],
    }),
    caseOf('reduce min', 41, {
      operator: 'ReduceMin',
      inputs: { x: [2, 4] },
      nodes: [['ReduceMin', { axes: [1], keepDims: true }, ['x'], 'y']],
    }),
    caseOf('argmax', 42, {
      operator: 'ArgMax',
      inputs: { x: [3, 5] },
      nodes: [['ArgMax', { axis: 1, keepDims: false }, ['x'], 'y']],
      bound: 0,
    }),
    caseOf('argmax of two, first axis', 43, {
      operator: 'ArgMax',
      inputs: { x: [2, 3] },
      nodes: [['ArgMax', { axis: 0, keepDims: true }, ['x'], 'y']],
      bound: 0,
    }),
    caseOf('softmax', 44, {
      operator: 'Softmax',
      inputs: { x: [2, 5] },
      lo: -3,
      hi: 3,
      nodes: [['Softmax', none, ['x'], 'y']],
    }),
    caseOf('log-softmax', 45, {
      operator: 'LogSoftmax',
      inputs: { x: [2, 5] },
      lo: -3,
      hi: 3,
      nodes: [['LogSoftmax', none, ['x'], 'y']],
    }),
    caseOf('matmul, softmax', 46, {
      operator: 'Softmax',
      inputs: { x: [1, 4] },
      constants: constants(seededRandom(12), { w: [4, 3], v: [3, 2] }),
      nodes: [
        ['MatMul', { transposeA: false, transposeB: false }, ['x', 'w'], 'h'],
        ['Softmax', none, ['h'], 's'],
        ['MatMul', { transposeA: false, transposeB: false }, ['s', 'v'], 'y'],
      ],
    }),
  ];
};
