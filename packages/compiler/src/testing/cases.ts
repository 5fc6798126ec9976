/**
 * One or more tiny graphs for every operator: compiled, executed and compared with the float evaluator in
 * this package; proven and forged against elsewhere.
 */
import type { QuantizationOptions } from '../compile-graph.ts';
import type { DenseTensor, FloatGraph } from '../graph/types.ts';
import { graphOf, randomTensor, seededRandom, type GraphSpec, type Random } from './graphs.ts';

export interface OperatorCase {
  readonly name: string;
  readonly operator: string;
  readonly graph: FloatGraph;
  readonly samples: readonly ReadonlyMap<string, DenseTensor>[];
  readonly options: QuantizationOptions;
  /** Stated bound: largest error allowed, as a fraction of the output's span over the samples. */
  readonly bound: number;
  /** Small enough (4-bit values, few elements) to search all traces for a second solution. */
  readonly toy: boolean;
}

interface CaseSpec extends GraphSpec {
  readonly operator: string;
  readonly lo?: number;
  readonly hi?: number;
  readonly options?: QuantizationOptions;
  readonly bound?: number;
  readonly toy?: boolean;
}

const SAMPLES = 24;

const caseOf = (name: string, seed: number, spec: CaseSpec): OperatorCase => {
  const random = seededRandom(seed);
  const graph = graphOf(name, spec);
  const samples = Array.from({ length: SAMPLES }, () => new Map(Object.entries(spec.inputs).map(([input, dims]) => [input, randomTensor(random, dims, spec.lo ?? -1, spec.hi ?? 1)])));
  return { name, operator: spec.operator, graph, samples, options: spec.options ?? {}, bound: spec.bound ?? 2 ** -7, toy: spec.toy ?? false };
};

const window2 = (kernel: number, stride: number, pad = 0, dilation = 1): { kernel: number[]; strides: number[]; dilations: number[]; padsBegin: number[]; padsEnd: number[] } => ({
  kernel: [kernel, kernel],
  strides: [stride, stride],
  dilations: [dilation, dilation],
  padsBegin: [pad, pad],
  padsEnd: [pad, pad],
});

const constants = (random: Random, shapes: Readonly<Record<string, readonly number[]>>): Record<string, DenseTensor> =>
  Object.fromEntries(Object.entries(shapes).map(([name, dims]) => [name, randomTensor(random, dims)]));

const none = {};

/** Options under which every trace of a few elements can be tried. */
const TOY: QuantizationOptions = { activationBits: 3, inputBits: 3, fineBits: 3, shift: 2, limbBits: 2, clamps: 'tables' };

const linearCases = (): OperatorCase[] => {
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
      nodes: [['Conv', { kernel: [2, 2], strides: [2, 1], dilations: [1, 2], padsBegin: [1, 0], padsEnd: [0, 2], group: 2 }, ['x', 'w'], 'y']],
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
        ['Conv', { kernel: [2], strides: [1], dilations: [1], padsBegin: [1], padsEnd: [0], group: 2 }, ['x', 'w'], 'h'],
        ['Relu', none, ['h'], 'a'],
        ['Conv', { kernel: [1], strides: [1], dilations: [1], padsBegin: [0], padsEnd: [0], group: 2 }, ['a', 'v'], 'g'],
        ['Relu', none, ['g'], 'c'],
        ['Conv', { kernel: [1], strides: [2], dilations: [1], padsBegin: [0], padsEnd: [0], group: 1 }, ['c', 'u'], 'y'],
      ],
    }),
    caseOf('conv 3-D', 10, {
      operator: 'Conv',
      inputs: { x: [1, 1, 3, 3, 3] },
      constants: constants(r, { w: [2, 1, 2, 2, 2], b: [2] }),
      nodes: [['Conv', { kernel: [2, 2, 2], strides: [1, 1, 1], dilations: [1, 1, 1], padsBegin: [0, 1, 0], padsEnd: [0, 0, 1], group: 1 }, ['x', 'w', 'b'], 'y']],
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

const windowCases = (): OperatorCase[] => {
  const w3 = (pad: number): typeof w => ({ ...w, padsBegin: [pad, pad], padsEnd: [pad, pad] });
  const w = { kernel: [3, 3], strides: [2, 2], dilations: [1, 1], padsBegin: [0, 0], padsEnd: [0, 0] };
  return [
    caseOf('max pool', 31, { operator: 'MaxPool', inputs: { x: [1, 2, 4, 4] }, nodes: [['MaxPool', window2(2, 2), ['x'], 'y']] }),
    caseOf('max pool overlapping, padded', 32, { operator: 'MaxPool', inputs: { x: [1, 2, 6, 5] }, nodes: [['MaxPool', w3(1), ['x'], 'y']] }),
    caseOf('max pool dilated', 33, { operator: 'MaxPool', inputs: { x: [1, 1, 5, 5] }, nodes: [['MaxPool', window2(2, 1, 1, 3), ['x'], 'y']] }),
    caseOf('max pool 1-D', 34, {
      operator: 'MaxPool',
      inputs: { x: [1, 2, 9] },
      nodes: [['MaxPool', { kernel: [5], strides: [2], dilations: [1], padsBegin: [2], padsEnd: [1] }, ['x'], 'y']],
    }),
    caseOf('average pool', 35, {
      operator: 'AveragePool',
      inputs: { x: [1, 2, 4, 4] },
      nodes: [['AveragePool', { ...window2(2, 2), divisors: [[2, 2], [2, 2]] }, ['x'], 'y']],
    }),
    caseOf('average pool, padding not counted', 36, {
      operator: 'AveragePool',
      inputs: { x: [1, 2, 4, 4] },
      nodes: [['AveragePool', { ...window2(3, 1, 1), divisors: [[2, 3, 3, 2], [2, 3, 3, 2]] }, ['x'], 'y']],
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
    caseOf('reduce sum', 38, { operator: 'ReduceSum', inputs: { x: [2, 3, 2] }, nodes: [['ReduceSum', { axes: [0, 2], keepDims: false }, ['x'], 'y']] }),
    caseOf('reduce max', 39, { operator: 'ReduceMax', inputs: { x: [2, 5, 3] }, nodes: [['ReduceMax', { axes: [1], keepDims: false }, ['x'], 'y']] }),
    caseOf('reduce max over two axes', 40, { operator: 'ReduceMax', inputs: { x: [2, 3, 7] }, nodes: [['ReduceMax', { axes: [1, 2], keepDims: true }, ['x'], 'y']] }),
    caseOf('reduce min', 41, { operator: 'ReduceMin', inputs: { x: [2, 4] }, nodes: [['ReduceMin', { axes: [1], keepDims: true }, ['x'], 'y']] }),
    caseOf('argmax', 42, { operator: 'ArgMax', inputs: { x: [3, 5] }, nodes: [['ArgMax', { axis: 1, keepDims: false }, ['x'], 'y']], bound: 0 }),
    caseOf('argmax of two, first axis', 43, { operator: 'ArgMax', inputs: { x: [2, 3] }, nodes: [['ArgMax', { axis: 0, keepDims: true }, ['x'], 'y']], bound: 0 }),
    caseOf('softmax', 44, { operator: 'Softmax', inputs: { x: [2, 5] }, lo: -3, hi: 3, nodes: [['Softmax', none, ['x'], 'y']] }),
    caseOf('log-softmax', 45, { operator: 'LogSoftmax', inputs: { x: [2, 5] }, lo: -3, hi: 3, nodes: [['LogSoftmax', none, ['x'], 'y']] }),
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

const unaryNodes: readonly (readonly [name: string, node: CaseSpec['nodes'][number], lo: number, hi: number])[] = [
  ['relu', ['Relu', none, ['x'], 'y'], -1, 1],
  ['leaky relu', ['LeakyRelu', { alpha: 0.1 }, ['x'], 'y'], -1, 1],
  ['elu', ['Elu', { alpha: 1 }, ['x'], 'y'], -2, 2],
  ['selu', ['Selu', { alpha: 1.67, gamma: 1.05 }, ['x'], 'y'], -2, 2],
  ['sigmoid', ['Sigmoid', none, ['x'], 'y'], -4, 4],
  ['tanh', ['Tanh', none, ['x'], 'y'], -3, 3],
  ['hard sigmoid', ['HardSigmoid', { alpha: 0.2, beta: 0.5 }, ['x'], 'y'], -4, 4],
  ['hard swish', ['HardSwish', none, ['x'], 'y'], -4, 4],
  ['softplus', ['Softplus', none, ['x'], 'y'], -3, 3],
  ['softsign', ['Softsign', none, ['x'], 'y'], -3, 3],
  ['mish', ['Mish', none, ['x'], 'y'], -3, 3],
  ['swish', ['Swish', { alpha: 1 }, ['x'], 'y'], -3, 3],
  ['erf', ['Erf', none, ['x'], 'y'], -2, 2],
  ['gelu', ['Gelu', { approximate: 'none' }, ['x'], 'y'], -3, 3],
  ['gelu tanh', ['Gelu', { approximate: 'tanh' }, ['x'], 'y'], -3, 3],
  ['clip', ['Clip', { min: -0.5, max: 0.25 }, ['x'], 'y'], -1, 1],
  ['exp', ['Exp', none, ['x'], 'y'], -2, 1],
  ['sqrt', ['Sqrt', none, ['x'], 'y'], 0, 4],
  ['abs', ['Abs', none, ['x'], 'y'], -1, 1],
  ['sine', ['Sin', none, ['x'], 'y'], -3, 3],
  ['square', ['Pow', { exponent: 2 }, ['x'], 'y'], -2, 2],
];

const unaryCases = (): OperatorCase[] =>
  unaryNodes.flatMap(([name, node, lo, hi], i) => {
    const [operator] = node;
    const alone = caseOf(`${name} of a value`, 60 + i, { operator, inputs: { x: [2, 3] }, lo, hi, nodes: [node] });
    if (operator === 'Sqrt') return [alone];
    // The same function in the table of the rescale before it.
    const fused = caseOf(`${name} of a sum`, 90 + i, {
      operator,
      inputs: { v: [1, 4] },
      lo,
      hi,
      constants: constants(seededRandom(13 + i), { w: [4, 3], b: [3] }),
      nodes: [['MatMul', { transposeA: false, transposeB: false }, ['v', 'w', 'b'], 'x'], node],
    });
    return [alone, fused];
  });

const viewCases = (): OperatorCase[] => {
  const r = seededRandom(14);
  const relu = (input: string, output = 'y'): CaseSpec['nodes'][number] => ['Relu', none, [input], output];
  return [
    caseOf('reshape aligned', 121, { operator: 'Reshape', inputs: { x: [2, 6] }, nodes: [['Reshape', { shape: [4, 3] }, ['x'], 'r'], relu('r')] }),
    caseOf('reshape across', 122, { operator: 'Reshape', inputs: { x: [6, 4] }, nodes: [['Reshape', { shape: [3, 8] }, ['x'], 'r'], relu('r')] }),
    caseOf('reshape carry', 123, { operator: 'Reshape', inputs: { x: [4, 3] }, nodes: [['Reshape', { shape: [6, 2] }, ['x'], 'r'], ['Transpose', { permutation: [1, 0] }, ['r'], 't'], relu('t')] }),
    caseOf('transpose', 124, { operator: 'Transpose', inputs: { x: [2, 3, 4] }, nodes: [['Transpose', { permutation: [2, 0, 1] }, ['x'], 't'], relu('t')] }),
    caseOf('concat', 125, { operator: 'Concat', inputs: { a: [2, 3], b: [2, 2] }, nodes: [['Concat', { axis: 1 }, ['a', 'b'], 'c'], relu('c')] }),
    caseOf('concat with constant, then matmul', 126, {
      operator: 'Concat',
      inputs: { a: [1, 3] },
      constants: constants(r, { k: [1, 2], w: [5, 2] }),
      nodes: [
        ['Concat', { axis: 1 }, ['a', 'k'], 'c'],
        ['MatMul', { transposeA: false, transposeB: false }, ['c', 'w'], 'y'],
      ],
    }),
    caseOf('slice', 127, { operator: 'Slice', inputs: { x: [4, 5] }, nodes: [['Slice', { starts: [1, 4], steps: [1, -2], sizes: [2, 3] }, ['x'], 's'], relu('s')] }),
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
    caseOf('pad with a constant', 129, { operator: 'Pad', inputs: { x: [2, 3] }, nodes: [['Pad', { padsBegin: [1, 1], padsEnd: [0, 1], value: 0.5 }, ['x'], 'p'], relu('p')] }),
    caseOf('pad with a constant, then conv', 130, {
      operator: 'Pad',
      inputs: { x: [1, 1, 3, 3] },
      constants: constants(r, { w: [2, 1, 2, 2] }),
      nodes: [
        ['Pad', { padsBegin: [0, 0, 1, 0], padsEnd: [0, 0, 0, 1], value: -0.5 }, ['x'], 'p'],
        ['Conv', { ...window2(2, 1, 1), group: 1 }, ['p', 'w'], 'y'],
      ],
    }),
    caseOf('gather', 131, { operator: 'Gather', inputs: { x: [2, 4] }, nodes: [['Gather', { axis: 1, indices: [3, 0, 0, 2, 1] }, ['x'], 'g'], relu('g')] }),
    caseOf('slice, conv', 132, {
      operator: 'Slice',
      inputs: { x: [1, 1, 6, 4] },
      constants: constants(r, { w: [2, 1, 3, 3] }),
      nodes: [
        ['Slice', { starts: [0, 0, 1, 0], steps: [1, 1, 1, 1], sizes: [1, 1, 4, 4] }, ['x'], 's'],
        ['Conv', { ...window2(3, 1, 1), group: 1 }, ['s', 'w'], 'y'],
      ],
    }),
    caseOf('expand', 133, { operator: 'Expand', inputs: { x: [2, 1, 3] }, nodes: [['Expand', { shape: [2, 2, 3] }, ['x'], 'e'], relu('e')] }),
    caseOf('expand, pad', 134, {
      operator: 'Expand',
      inputs: { x: [1, 3] },
      nodes: [
        ['Expand', { shape: [2, 3] }, ['x'], 'e'],
        ['Pad', { padsBegin: [1, 0], padsEnd: [0, 0], value: 0 }, ['e'], 'p'],
        relu('p'),
      ],
    }),
    caseOf('identity output', 135, { operator: 'Identity', inputs: { x: [2, 3] }, nodes: [['Identity', none, ['x'], 'y']] }),
    caseOf('maximum', 136, { operator: 'Max', inputs: { a: [2, 3], b: [2, 3] }, nodes: [['Max', none, ['a', 'b'], 'y']] }),
    caseOf('maximum with constants', 137, { operator: 'Max', inputs: { a: [2, 3] }, constants: constants(r, { c: [3] }), nodes: [['Max', none, ['a', 'c'], 'y']] }),
    caseOf('minimum', 138, { operator: 'Min', inputs: { a: [2, 3], b: [3] }, nodes: [['Min', none, ['a', 'b'], 'y']] }),
    caseOf('prelu', 139, { operator: 'PRelu', inputs: { x: [1, 3, 2] }, constants: constants(r, { s: [3, 1] }), nodes: [['PRelu', none, ['x', 's'], 'p'], relu('p')] }),
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

/** Every gadget at a size at which all traces can be tried. */
const toyCases = (): OperatorCase[] => {
  const toy = (name: string, seed: number, spec: CaseSpec): OperatorCase => caseOf(`toy ${name}`, seed, { bound: 0.5, ...spec, options: { ...TOY, ...spec.options }, toy: true });
  const weights = { w: { dims: [2, 1], data: Float64Array.of(0.75, -1) }, b: { dims: [1], data: Float64Array.of(0.25) } };
  const layer: CaseSpec['nodes'] = [['MatMul', { transposeA: false, transposeB: false }, ['x', 'w', 'b'], 'h']];
  const rescaled = (name: string, seed: number, then: CaseSpec['nodes'], options: QuantizationOptions = {}): OperatorCase =>
    toy(name, seed, { operator: 'MatMul', inputs: { x: [1, 2] }, constants: weights, nodes: [...layer, ...then, ['Identity', none, ['a'], 'y']], options, bound: 1 });
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
    toy('product of values', 166, { operator: 'Mul', inputs: { a: [2], b: [2] }, nodes: [['Mul', none, ['a', 'b'], 'm'], ['Relu', none, ['m'], 'r'], ['Identity', none, ['r'], 'y']] }),
    toy('max pool', 167, { operator: 'MaxPool', inputs: { x: [1, 1, 4] }, nodes: [['MaxPool', { kernel: [3], strides: [1], dilations: [1], padsBegin: [0], padsEnd: [0] }, ['x'], 'y']] }),
    toy('reduce max', 168, { operator: 'ReduceMax', inputs: { x: [6] }, nodes: [['ReduceMax', { axes: [0], keepDims: true }, ['x'], 'm'], ['Relu', none, ['m'], 'y']] }),
    toy('argmax', 169, { operator: 'ArgMax', inputs: { x: [4] }, nodes: [['ArgMax', { axis: 0, keepDims: false }, ['x'], 'y']], bound: 1 }),
    toy('softmax', 170, { operator: 'Softmax', inputs: { x: [2] }, lo: -2, hi: 2, nodes: [['Softmax', none, ['x'], 's'], ['Identity', none, ['s'], 'y']], options: { limbBits: 16 } }),
    toy('log-softmax', 171, { operator: 'LogSoftmax', inputs: { x: [2] }, lo: -2, hi: 2, nodes: [['LogSoftmax', none, ['x'], 'y']], options: { limbBits: 12 } }),
    toy('mean', 172, { operator: 'ReduceMean', inputs: { x: [3] }, nodes: [['ReduceMean', { axes: [0], keepDims: false }, ['x'], 'm'], ['Relu', none, ['m'], 'y']] }),
    toy('copies and constants', 173, {
      operator: 'Pad',
      inputs: { x: [3] },
      nodes: [['Pad', { padsBegin: [1], padsEnd: [1], value: 0.5 }, ['x'], 'p'], ['Reshape', { shape: [5, 1] }, ['p'], 'q'], ['Pad', { padsBegin: [0, 1], padsEnd: [0, 0], value: 0 }, ['q'], 'y']],
    }),
    toy('sum of values', 174, { operator: 'Add', inputs: { a: [2], b: [1] }, constants: { half: { dims: [], data: Float64Array.of(0.5) } }, nodes: [['Mul', none, ['a', 'half'], 'm'], ['Add', none, ['m', 'b'], 's'], ['Relu', none, ['s'], 'y']] }),
    toy('prelu', 175, { operator: 'PRelu', inputs: { x: [2] }, constants: { s: { dims: [2], data: Float64Array.of(0.5, -0.25) } }, nodes: [['PRelu', none, ['x', 's'], 'p'], ['Relu', none, ['p'], 'y']] }),
  ];
};

/** All cases, the same at every call. */
export const operatorCases = (): OperatorCase[] => [...linearCases(), ...windowCases(), ...unaryCases(), ...viewCases(), ...toyCases()];
