import { expect, test } from 'vitest';
import { randomNumbers, simplified } from '../../../test/graphs.ts';

const inputs = [{ name: 'x', shape: [2, 3] }];
const initializers = {
  a: { dims: [3], data: randomNumbers(1, 3) },
  b: { dims: [2, 1], data: randomNumbers(2, 2) },
  one: { dims: [1, 3], data: [1, 1, 1] },
  zero: { dims: [], data: [0] },
  big: { dims: [4, 1, 1], data: [1, 1, 1, 1] },
};
const op = (operator: string, ins: string[], out: string) => ({
  operator,
  inputs: ins,
  outputs: [out],
});

test('factors and offsets in a row become x·m + a', () => {
  const { operators } = simplified({
    inputs,
    outputs: ['y'],
    initializers,
    nodes: [
      op('Add', ['x', 'a'], '1'),
      op('Mul', ['1', 'b'], '2'),
      op('Mul', ['a', '2'], '3'),
      op('Sub', ['3', 'b'], '4'),
      op('Add', ['4', 'a'], 'y'),
    ],
  });
  expect(operators).toEqual(['Mul', 'Add']);
});

test('an offset that something else reads is kept', () => {
  const { operators } = simplified({
    inputs,
    outputs: ['y', '1'],
    initializers,
    nodes: [op('Add', ['x', 'a'], '1'), op('Mul', ['1', 'b'], 'y')],
  });
  expect(operators).toEqual(['Add', 'Mul']);
});

test('sums of several operands take offsets too', () => {
  const { graph } = simplified({
    inputs: [...inputs, { name: 'z', shape: [2, 3] }],
    outputs: ['y'],
    initializers,
    nodes: [op('Sum', ['a', 'x', 'z', 'b'], '1'), op('Add', ['1', 'a'], 'y')],
  });
  expect(graph.nodes.map((n) => [n.operator, n.inputs.length])).toEqual([['Add', 3]]);
});

test('1 and 0 disappear unless they enlarge the tensor', () => {
  const { operators } = simplified({
    inputs,
    outputs: ['y'],
    initializers,
    nodes: [op('Mul', ['one', 'x'], '1'), op('Add', ['1', 'zero'], '2'), op('Relu', ['2'], 'y')],
  });
  expect(operators).toEqual(['Relu']);
  const enlarged = simplified({
    inputs,
    outputs: ['y'],
    initializers,
    nodes: [op('Mul', ['x', 'big'], 'y')],
  });
  expect(enlarged.operators).toEqual(['Mul']);
});
