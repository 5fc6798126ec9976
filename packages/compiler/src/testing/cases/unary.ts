import { caseOf, constants, none, type CaseSpec, type OperatorCase } from './case.ts';
import { seededRandom } from '../graphs.ts';

const unaryNodes: readonly (readonly [
  name: string,
  node: CaseSpec['nodes'][number],
  lo: number,
  hi: number,
])[] = [
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

export const unaryCases = (): OperatorCase[] =>
  unaryNodes.flatMap(([name, node, lo, hi], i) => {
    const [operator] = node;
    const alone = caseOf(`${name} of a value`, 60 + i, {
      operator,
      inputs: { x: [2, 3] },
      lo,
      hi,
      nodes: [node],
    });
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
