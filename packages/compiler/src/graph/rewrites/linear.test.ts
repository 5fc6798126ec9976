import { describe, expect, test } from 'vitest';
import { randomNumbers, simplified } from '../../../test/graphs.ts';
import type { AttributeSpec, NodeSpec, TensorSpec } from '../../onnx/index.ts';

const tensor = (seed: number, ...dims: number[]): TensorSpec => ({
  dims,
  data: randomNumbers(
    seed,
    dims.reduce((a, b) => a * b, 1),
  ),
});

const node = (
  operator: string,
  inputs: string[],
  output: string,
  attributes: Record<string, AttributeSpec> = {},
): NodeSpec => ({
  operator,
  inputs,
  outputs: [output],
  attributes,
});

const conv = (inputs: string[], output: string, pads = [1, 1, 1, 1]): NodeSpec =>
  node('Conv', inputs, output, { pads: { ints: pads }, group: { int: 2 } });

const image = [{ name: 'x', shape: [1, 4, 5, 5] }];
const matrix = [{ name: 'x', shape: [3, 4] }];

describe('after a convolution', () => {
  test('batch normalization goes into weight and bias', () => {
    const { operators } = simplified({
      inputs: image,
      outputs: ['y'],
      initializers: {
        w: tensor(1, 6, 2, 3, 3),
        s: tensor(2, 6),
        b: tensor(3, 6),
        m: tensor(4, 6),
        v: { dims: [6], data: randomNumbers(5, 6).map((x) => x + 1.5) },
      },
      nodes: [
        conv(['x', 'w'], 'c'),
        node('BatchNormalization', ['c', 's', 'b', 'm', 'v'], 'n'),
        node('Relu', ['n'], 'y'),
      ],
    });
    expect(operators).toEqual(['Conv', 'Relu']);
  });

  test('a scalar, a division and a bias go in; a factor by position stays', () => {
    const initializers = {
      w: tensor(1, 6, 2, 3, 3),
      b: tensor(2, 6),
      c: { dims: [], data: [4] },
      a: tensor(3, 6, 1, 1),
      p: tensor(4, 5, 5),
    };
    const { operators } = simplified({
      inputs: image,
      outputs: ['y'],
      initializers,
      nodes: [
        conv(['x', 'w', 'b'], 'f'),
        node('Div', ['f', 'c'], 'g'),
        node('Sub', ['g', 'a'], 'h'),
        node('Add', ['h', 'c'], 'y'),
      ],
    });
    expect(operators).toEqual(['Conv']);
    const kept = simplified({
      inputs: image,
      outputs: ['y'],
      initializers,
      nodes: [conv(['x', 'w'], 'f'), node('Mul', ['f', 'p'], 'y')],
    });
    expect(kept.operators).toEqual(['Conv', 'Mul']);
  });

  test('a layer that something else reads keeps its weights', () => {
    const { operators } = simplified({
      inputs: image,
      outputs: ['y', 'f'],
      initializers: { w: tensor(1, 6, 2, 3, 3), c: { dims: [], data: [4] } },
      nodes: [conv(['x', 'w'], 'f'), node('Mul', ['f', 'c'], 'y')],
    });
    expect(operators).toEqual(['Conv', 'Mul']);
  });
});

describe('before a convolution', () => {
  const initializers = {
    w: tensor(1, 6, 2, 3, 3),
    b: tensor(2, 6),
    m: tensor(3, 1, 4, 1, 1),
    a: tensor(4, 1, 4, 1, 1),
  };
  const nodes = (pads: number[]): NodeSpec[] => [
    node('Sub', ['x', 'a'], 'd'),
    node('Div', ['d', 'm'], 'e'),
    conv(['e', 'w', 'b'], 'y', pads),
  ];

  test('normalization of the input goes into weight and bias', () => {
    expect(
      simplified({ inputs: image, outputs: ['y'], initializers, nodes: nodes([0, 0, 0, 0]) })
        .operators,
    ).toEqual(['Conv']);
  });

  test('an offset stays before a padded convolution', () => {
    expect(
      simplified({ inputs: image, outputs: ['y'], initializers, nodes: nodes([1, 1, 1, 1]) })
        .operators,
    ).toEqual(['Mul', 'Add', 'Conv']);
  });

  test('zero padding becomes its own, other padding stays', () => {
    const padded = (value: number, pads: number[]): readonly string[] =>
      simplified({
        inputs: image,
        outputs: ['y'],
        initializers: {
          ...initializers,
          p: { dims: [8], data: pads, dtype: 'int64' },
          v: { dims: [], data: [value] },
        },
        nodes: [node('Pad', ['x', 'p', 'v'], 'q'), conv(['q', 'w', 'b'], 'y', [0, 1, 0, 0])],
      }).operators;
    expect(padded(0, [0, 0, 1, 2, 0, 0, 0, 1])).toEqual(['Conv']);
    expect(padded(0.5, [0, 0, 1, 2, 0, 0, 0, 1])).toEqual(['Pad', 'Conv']);
    expect(padded(0, [1, 0, 1, 2, 0, 0, 0, 1])).toEqual(['Pad', 'Conv']);
  });
});

describe('around a matrix product', () => {
  const bias = { a: tensor(2, 5), c: { dims: [], data: [3] }, w: tensor(1, 4, 5) };

  test('MatMul + Add is one layer with a bias', () => {
    expect(
      simplified({
        inputs: matrix,
        outputs: ['y'],
        initializers: bias,
        nodes: [node('MatMul', ['x', 'w'], 'f'), node('Add', ['a', 'f'], 'y')],
      }).operators,
    ).toEqual(['MatMul']);
  });

  test('an addend that enlarges the result stays', () => {
    const { operators } = simplified({
      inputs: matrix,
      outputs: ['y'],
      initializers: { ...bias, big: tensor(6, 2, 3, 5) },
      nodes: [node('MatMul', ['x', 'w'], 'f'), node('Add', ['f', 'big'], 'y')],
    });
    expect(operators).toEqual(['MatMul', 'Add']);
  });

  test.each([0, 1])('factors and offsets by column, scalar and negation (transB %i)', (transB) => {
    const { operators } = simplified({
      inputs: matrix,
      outputs: ['y'],
      initializers: {
        ...bias,
        w: transB === 1 ? tensor(1, 5, 4) : tensor(1, 4, 5),
        k: tensor(7, 4),
        o: tensor(8, 1, 4),
        s: tensor(9, 1, 5),
      },
      nodes: [
        node('Mul', ['x', 'k'], 'x1'),
        node('Add', ['x1', 'o'], 'x2'),
        node('Mul', ['c', 'x2'], 'x3'),
        node('Gemm', ['x3', 'w', 'a'], 'f', {
          transB: { int: transB },
          alpha: { float: 0.5 },
          beta: { float: 2 },
        }),
        node('Mul', ['f', 's'], 'g'),
        node('Neg', ['g'], 'h'),
        node('Add', ['h', 'a'], 'i'),
        node('Div', ['i', 'c'], 'y'),
      ],
    });
    expect(operators).toEqual(['MatMul']);
  });

  test.each([0, 1])('a constant left operand takes factors by row (transA %i)', (transA) => {
    const { operators } = simplified({
      inputs: [{ name: 'x', shape: [4, 6] }],
      outputs: ['y'],
      initializers: {
        w: transA === 1 ? tensor(1, 4, 5) : tensor(1, 5, 4),
        r: tensor(2, 5, 1),
        b: tensor(3, 6),
      },
      nodes: [
        node('Gemm', ['w', 'x', 'b'], 'f', { transA: { int: transA } }),
        node('Mul', ['f', 'r'], 'y'),
      ],
    });
    expect(operators).toEqual(['MatMul']);
  });

  test('a variable bias or two variable operands stop the folding', () => {
    const two = [...matrix, { name: 'z', shape: [3, 5] }];
    expect(
      simplified({
        inputs: two,
        outputs: ['y'],
        initializers: bias,
        nodes: [node('Gemm', ['x', 'w', 'z'], 'f'), node('Mul', ['f', 'c'], 'y')],
      }).operators,
    ).toEqual(['MatMul', 'Mul']);
    const products = [...matrix, { name: 'z', shape: [4, 5] }];
    expect(
      simplified({
        inputs: products,
        outputs: ['y'],
        initializers: bias,
        nodes: [node('MatMul', ['x', 'z'], 'f'), node('Mul', ['f', 'c'], 'y')],
      }).operators,
    ).toEqual(['MatMul', 'Mul']);
  });
});
