import { expect, test } from 'vitest';
import { simplifyGraph } from '../graph/index.ts';
import type { NodeSpec, TensorSpec } from './index.ts';
import { encodeModel, importModel } from './index.ts';

const filled = (dims: number[], value: number): TensorSpec => ({
  dims,
  data: new Array<number>(dims.reduce((a, b) => a * b, 1)).fill(value),
});

const op = (operator: string, inputs: string[]): NodeSpec => ({
  operator,
  inputs,
  outputs: ['y'],
});

/** Operators of a model of one node on [2, 3], imported and simplified. */
const operators = (operator: string, constant: TensorSpec, privateWeights: boolean): string[] => {
  const bytes = encodeModel({
    inputs: [{ name: 'x', shape: [2, 3] }],
    outputs: ['z'],
    initializers: { c: constant },
    nodes: [op(operator, ['x', 'c']), { operator: 'Tanh', inputs: ['y'], outputs: ['z'] }],
  });
  const graph = simplifyGraph(importModel(bytes, { privateWeights }), privateWeights);
  return graph.nodes.map((node) => node.operator);
};

test.each([
  ['Max', filled([3], 0.5), ['Clip', 'Tanh'], ['Max', 'Tanh']],
  ['Min', filled([2, 1], 0.5), ['Clip', 'Tanh'], ['Min', 'Tanh']],
  ['Mul', filled([3], 1), ['Tanh'], ['Mul', 'Tanh']],
  ['Add', filled([2, 3], 0), ['Tanh'], ['Add', 'Tanh']],
  ['PRelu', filled([3], 0.25), ['LeakyRelu', 'Tanh'], ['PRelu', 'Tanh']],
  // A slope is learnt even if it is but one.
  ['PRelu', filled([1], 0.25), ['LeakyRelu', 'Tanh'], ['PRelu', 'Tanh']],
  // Other single factors and bounds are part of the graph.
  ['Max', filled([], 0.5), ['Clip', 'Tanh'], ['Clip', 'Tanh']],
  ['Mul', filled([1], 1), ['Tanh'], ['Tanh']],
  ['Add', filled([], 0), ['Tanh'], ['Add', 'Tanh']],
])(
  '%s: the graph depends on elements of public weights only (%#)',
  (operator, constant, ...expected) => {
    const [asPublic, asPrivate] = expected;
    expect(operators(operator, constant, false)).toEqual(asPublic);
    expect(operators(operator, constant, true)).toEqual(asPrivate);
  },
);
