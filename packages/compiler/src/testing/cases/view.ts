import { caseOf, constants, none, window2, type CaseSpec, type OperatorCase } from './case.ts';
import { seededRandom } from '../graphs.ts';

export const viewCases = (): OperatorCase[] => {
  const r = seededRandom(14);
  const relu = (input: string, output = 'y'): CaseSpec['nodes'][number] => [
    'Relu',
    none,
    [input],
    output,
  ];
  return [
    caseOf('reshape aligned', 121, {
      operator: 'Reshape',
      inputs: { x: [2, 6] },
      nodes: [['Reshape', { shape: [4, 3] }, ['x'], 'r'], relu('r')],
    }),
    caseOf('reshape across', 122, {
      operator: 'Reshape',
      inputs: { x: [6, 4] },
      nodes: [['Reshape', { shape: [3, 8] }, ['x'], 'r'], relu('r')],
    }),
    caseOf('reshape carry', 123, {
      operator: 'Reshape',
      inputs: { x: [4, 3] },
      nodes: [
        ['Reshape', { shape: [6, 2] }, ['x'], 'r'],
        ['Transpose', { permutation: [1, 0] }, ['r'], 't'],
        relu('t'),
      ],
    }),
    caseOf('transpose', 124, {
      operator: 'Transpose',
      inputs: { x: [2, 3, 4] },
      nodes: [['Transpose', { permutation: [2, 0, 1] }, ['x'], 't'], relu('t')],
    }),
    caseOf('concat', 125, {
      operator: 'Concat',
      inputs: { a: [2, 3], b: [2, 2] },
      nodes: [['Concat', { axis: 1 }, ['a', 'b'], 'c'], relu('c')],
    }),
    caseOf('concat with constant, then matmul', 126, {
      operator: 'Concat',
      inputs: { a: [1, 3] },
      constants: constants(r, { k: [1, 2], w: [5, 2] }),
      nodes: [
        ['Concat', { axis: 1 }, ['a', 'k'], 'c'],
        ['MatMul', { transposeA: false, transposeB: false }, ['c', 'w'], 'y'],
      ],
    }),
    caseOf('slice', 127, {
      operator: 'Slice',
      inputs: { x: [4, 5] },
      nodes: [['Slice', { starts: [1, 4], steps: [1, -2], sizes: [2, 3] }, ['x'], 's'], relu('s')],
    }),
    caseOf('slice, pad, slice', 128, {
      operator: 'Pad',
      inputs: { x: [4, 5] },
      nodes: [
        ['Slice', { starts: [1, 1], steps: [1, 1], sizes: [2, 3] }, ['x'], 's'],
        ['Pad', { padsBegin: [1, 0], padsEnd: [0, 2], value: 0 }, ['s'], 'p'],
        ['Slice', { starts: [0, 1], steps: [2, 1], sizes: [2, 4] }, ['p'], 't'],
        relu('t'),
      ],
    }),
    caseOf('pad with a constant', 129, {
      operator: 'Pad',
      inputs: { x: [2, 3] },
      nodes: [['Pad', { padsBegin: [1, 1], padsEnd: [0, 1], value: 0.5 }, ['x'], 'p'], relu('p')],
    }),
    caseOf('pad with a constant, then conv', 130, {
      operator: 'Pad',
      inputs: { x: [1, 1, 3, 3] },
      constants: constants(r, { w: [2, 1, 2, 2] }),
      nodes: [
        ['Pad', { padsBegin: [0, 0, 1, 0], padsEnd: [0, 0, 0, 1], value: -0.5 }, ['x'], 'p'],
        ['Conv', { ...window2(2, 1, 1), group: 1 }, ['p', 'w'], 'y'],
      ],
    }),
    caseOf('gather', 131, {
      operator: 'Gather',
      inputs: { x: [2, 4] },
      nodes: [['Gather', { axis: 1, indices: [3, 0, 0, 2, 1] }, ['x'], 'g'], relu('g')],
    }),
    caseOf('slice, conv', 132, {
      operator: 'Slice',
      inputs: { x: [1, 1, 6, 4] },
      constants: constants(r, { w: [2, 1, 3, 3] }),
      nodes: [
        ['Slice', { starts: [0, 0, 1, 0], steps: [1, 1, 1, 1], sizes: [1, 1, 4, 4] }, ['x'], 's'],
        ['Conv', { ...window2(3, 1, 1), group: 1 }, ['s', 'w'], 'y'],
      ],
    }),
    caseOf('expand', 133, {
      operator: 'Expand',
      inputs: { x: [2, 1, 3] },
      nodes: [['Expand', { shape: [2, 2, 3] }, ['x'], 'e'], relu('e')],
    }),
    caseOf('expand, pad', 134, {
      operator: 'Expand',
      inputs: { x: [1, 3] },
      nodes: [
        ['Expand', { shape: [2, 3] }, ['x'], 'e'],
        ['Pad', { padsBegin: [1, 0], padsEnd: [0, 0], value: 0 }, ['e'], 'p'],
        relu('p'),
      ],
    }),
    caseOf('identity output', 135, {
      operator: 'Identity',
      inputs: { x: [2, 3] },
      nodes: [['Identity', none, ['x'], 'y']],
    }),
    caseOf('maximum', 136, {
      operator: 'Max',
      inputs: { a: [2, 3], b: [2, 3] },
      nodes: [['Max', none, ['a', 'b'], 'y']],
    }),
    caseOf('maximum with constants', 137, {
      operator: 'Max',
      inputs: { a: [2, 3] },
      constants: constants(r, { c: [3] }),
      nodes: [['Max', none, ['a', 'c'], 'y']],
    }),
    caseOf('minimum', 138, {
      operator: 'Min',
      inputs: { a: [2, 3], b: [3] },
      nodes: [['Min', none, ['a', 'b'], 'y']],
    }),
    caseOf('prelu', 139, {
      operator: 'PRelu',
      inputs: { x: [1, 3, 2] },
      constants: constants(r, { s: [3, 1] }),
      nodes: [['PRelu', none, ['x', 's'], 'p'], relu('p')],
    }),
    caseOf('two outputs, two uses', 140, {
      operator: 'Concat',
      inputs: { x: [1, 4] },
      constants: constants(r, { w: [4, 3] }),
      nodes: [
        ['MatMul', { transposeA: false, transposeB: false }, ['x', 'w'], 'h'],
        ['Sigmoid', none, ['h'], 's'],
        ['Mul', none, ['h', 's'], 'm'],
        ['Concat', { axis: 1 }, ['m', 'h'], 'c'],
        relu('c'),
      ],
      outputs: ['h', 'y'],
    }),
  ];
};
