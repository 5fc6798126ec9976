import { expect, test } from 'vitest';
import { simplified } from '../../../test/graphs.ts';

const inputs = [{ name: 'x', shape: [2, 3] }];
const op = (operator: string, ins: string[], out: string) => ({
  operator,
  inputs: ins,
  outputs: [out],
});

test('a copy that only names an output disappears', () => {
  const { graph } = simplified({
    inputs,
    outputs: ['y'],
    nodes: [op('Relu', ['x'], 'r'), op('Identity', ['r'], 'y')],
  });
  expect(graph.nodes.map((n) => [n.operator, n.output])).toEqual([['Relu', 'y']]);
});

test('copies of an input, and second names of an output, stay', () => {
  const { operators } = simplified({
    inputs,
    outputs: ['y', 'r', 'z'],
    nodes: [op('Relu', ['x'], 'r'), op('Identity', ['r'], 'y'), op('Identity', ['x'], 'z')],
  });
  expect(operators.toSorted()).toEqual(['Identity', 'Identity', 'Relu']);
});

test('what no output needs disappears, inputs stay', () => {
  const { graph } = simplified({
    inputs: [...inputs, { name: 'unused', shape: [7] }],
    outputs: ['y'],
    initializers: { a: { dims: [3], data: [1, 2, 3] }, b: { dims: [3], data: [1, 2, 3] } },
    nodes: [op('Add', ['x', 'a'], 'y'), op('Add', ['x', 'b'], 'p'), op('Relu', ['p'], 'q')],
  });
  expect(graph.inputs).toEqual(['x', 'unused']);
  expect([...graph.values.keys()]).toEqual(['x', 'unused', 'a', 'y']);
});
