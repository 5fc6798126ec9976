import type { QuantizationOptions } from '../../compile-graph.ts';
import { caseOf, none, type CaseSpec, type OperatorCase } from './case.ts';

/** Options under which every trace of a few elements can be tried. */
const TOY: QuantizationOptions = {
  activationBits: 3,
  inputBits: 3,
  fineBits: 3,
  shift: 2,
  limbBits: 2,
  clamps: 'tables',
};

/** Every gadget at a size at which all traces can be tried. */
export const toyCases = (): OperatorCase[] => {
  const toy = (name: string, seed: number, spec: CaseSpec): OperatorCase =>
    caseOf(`toy ${name}`, seed, {
      bound: 0.5,
      ...spec,
      options: { ...TOY, ...spec.options },
      toy: true,
    });
  const weights = {
    w: { dims: [2, 1], data: Float64Array.of(0.75, -1) },
    b: { dims: [1], data: Float64Array.of(0.25) },
  };
  const layer: CaseSpec['nodes'] = [
    ['MatMul', { transposeA: false, transposeB: false }, ['x', 'w', 'b'], 'h'],
  ];
  const rescaled = (
    name: string,
    seed: number,
    then: CaseSpec['nodes'],
    options: QuantizationOptions = {},
  ): OperatorCase =>
    toy(name, seed, {
      operator: 'MatMul',
      inputs: { x: [1, 2] },
      constants: weights,
      nodes: [...layer, ...then, ['Identity', none, ['a'], 'y']],
      options,
      bound: 1,
    });
  const relu: CaseSpec['nodes'] = [['Relu', none, ['h'], 'a']];
  return [
    rescaled('rescale and relu', 161, relu),
    rescaled('rescale in limbs', 162, relu, { shift: 5 }),
    rescaled('rescale and clamp by blocks', 163, relu, { clamps: 'blocks', activationBits: 2 }),
    rescaled('rescale and sigmoid', 164, [['Sigmoid', none, ['h'], 'a']]),
    rescaled('rescale and two clamps', 165, [
      ['Clip', { min: -0.5, max: 0.5 }, ['h'], 'c'],
      ['Clip', { min: 0, max: 0.25 }, ['c'], 'a'],
    ]),
    toy('product of values', 166, {
      operator: 'Mul',
      inputs: { a: [2], b: [2] },
      nodes: [
        ['Mul', none, ['a', 'b'], 'm'],
        ['Relu', none, ['m'], 'r'],
        ['Identity', none, ['r'], 'y'],
      ],
    }),
    toy('max pool', 167, {
      operator: 'MaxPool',
      inputs: { x: [1, 1, 4] },
      nodes: [
        [
          'MaxPool',
          { kernel: [3], strides: [1], dilations: [1], padsBegin: [0], padsEnd: [0] },
          ['x'],
          'y',
        ],
      ],
    }),
    toy('reduce max', 168, {
      operator: 'ReduceMax',
      inputs: { x: [6] },
      nodes: [
        ['ReduceMax', { axes: [0], keepDims: true }, ['x'], 'm'],
        ['Relu', none, ['m'], 'y'],
      ],
    }),
    toy('argmax', 169, {
      operator: 'ArgMax',
      inputs: { x: [4] },
      nodes: [['ArgMax', { axis: 0, keepDims: false }, ['x'], 'y']],
      bound: 1,
    }),
    toy('softmax', 170, {
      operator: 'Softmax',
      inputs: { x: [2] },
      lo: -2,
      hi: 2,
      nodes: [
        ['Softmax', none, ['x'], 's'],
        ['Identity', none, ['s'], 'y'],
      ],
      options: { limbBits: 16 },
    }),
    toy('log-softmax', 171, {
      operator: 'LogSoftmax',
      inputs: { x: [2] },
      lo: -2,
      hi: 2,
      nodes: [['LogSoftmax', none, ['x'], 'y']],
      options: { limbBits: 12 },
    }),
    toy('mean', 172, {
      operator: 'ReduceMean',
      inputs: { x: [3] },
      nodes: [
        ['ReduceMean', { axes: [0], keepDims: false }, ['x'], 'm'],
        ['Relu', none, ['m'], 'y'],
      ],
    }),
    toy('copies and constants', 173, {
      operator: 'Pad',
      inputs: { x: [3] },
      nodes: [
        ['Pad', { padsBegin: [1], padsEnd: [1], value: 0.5 }, ['x'], 'p'],
        ['Reshape', { shape: [5, 1] }, ['p'], 'q'],
        ['Pad', { padsBegin: [0, 1], padsEnd: [0, 0], value: 0 }, ['q'], 'y'],
      ],
    }),
    toy('sum of values', 174, {
      operator: 'Add',
      inputs: { a: [2], b: [1] },
      constants: { half: { dims: [], data: Float64Array.of(0.5) } },
      nodes: [
        ['Mul', none, ['a', 'half'], 'm'],
        ['Add', none, ['m', 'b'], 's'],
        ['Relu', none, ['s'], 'y'],
      ],
    }),
    toy('prelu', 175, {
      operator: 'PRelu',
      inputs: { x: [2] },
      constants: { s: { dims: [2], data: Float64Array.of(0.5, -0.25) } },
      nodes: [
        ['PRelu', none, ['x', 's'], 'p'],
        ['Relu', none, ['p'], 'y'],
      ],
    }),
  ];
};
