import { expect, test } from 'vitest';
import { simplified } from '../../../test/graphs.ts';
import type { AttributeSpec, NodeSpec } from '../../onnx/index.ts';

const inputs = [{ name: 'x', shape: [2, 3] }];
const scalar = (v: number) => ({ dims: [], data: [v], dtype: 'float64' as const });
const initializers = {
  half: scalar(0.5),
  one: scalar(1),
  two: scalar(2),
  root: scalar(Math.SQRT2),
};
const op = (
  operator: string,
  ins: string[],
  out: string,
  attributes: Record<string, AttributeSpec> = {},
): NodeSpec => ({ operator, inputs: ins, outputs: [out], attributes });
const gate = [op('Div', ['x', 'root'], 'd'), op('Erf', ['d'], 'e'), op('Add', ['e', 'one'], 'g')];

test.each([
  [[op('Mul', ['x', 'g'], 'm'), op('Mul', ['m', 'half'], 'y')]],
  [[op('Mul', ['x', 'half'], 'm'), op('Mul', ['m', 'g'], 'y')]],
  [[op('Mul', ['g', 'half'], 'm'), op('Mul', ['m', 'x'], 'y')]],
  [[op('Mul', ['g', 'x'], 'm'), op('Div', ['m', 'two'], 'y')]],
])('Gelu in any order of its products (%#)', (nodes) => {
  expect(
    simplified({ inputs, outputs: ['y'], initializers, nodes: [...gate, ...nodes] }).operators,
  ).toEqual(['Gelu']);
});

test('what only looks like Gelu stays', () => {
  const double = [op('Mul', ['x', 'g'], 'm'), op('Mul', ['m', 'two'], 'y')];
  expect(
    simplified({ inputs, outputs: ['y'], initializers, nodes: [...gate, ...double] }).operators,
  ).not.toContain('Gelu');
  const other = [op('Mul', ['e', 'g'], 'm'), op('Mul', ['m', 'half'], 'y')];
  expect(
    simplified({ inputs, outputs: ['y'], initializers, nodes: [...gate, ...other] }).operators,
  ).not.toContain('Gelu');
});

test('gates', () => {
  const gated = (...nodes: NodeSpec[]): readonly string[] =>
    simplified({
      inputs,
      outputs: ['y'],
      initializers,
      nodes: [...nodes, op('Mul', ['g', 'x'], 'y')],
    }).operators;
  expect(gated(op('Sigmoid', ['x'], 'g'))).toEqual(['Swish']);
  expect(
    gated(op('HardSigmoid', ['x'], 'g', { alpha: { float: 1 / 6 }, beta: { float: 0.5 } })),
  ).toEqual(['HardSwish']);
  expect(gated(op('Softplus', ['x'], 's'), op('Tanh', ['s'], 'g'))).toEqual(['Mish']);
  expect(gated(op('HardSigmoid', ['x'], 'g'))).toEqual(['HardSigmoid', 'Mul']);
});

test('a clip takes in the Relu before it', () => {
  const { graph } = simplified({
    inputs,
    outputs: ['y'],
    initializers,
    nodes: [op('Relu', ['x'], 'r'), op('Clip', ['r', '', 'half'], 'y')],
  });
  expect(graph.nodes.map((n) => [n.operator, n.attributes])).toEqual([
    ['Clip', { min: 0, max: 0.5 }],
  ]);
});
