import { expect, test } from 'vitest';
import { simplified } from '../../../test/graphs.ts';
import type { AttributeSpec, NodeSpec } from '../../onnx/index.ts';

const inputs = [{ name: 'x', shape: [1, 4, 3, 5] }];
const list = (...data: number[]) => ({ dims: [data.length], data, dtype: 'int64' as const });
const op = (
  operator: string,
  ins: string[],
  out: string,
  attributes: Record<string, AttributeSpec> = {},
): NodeSpec => ({ operator, inputs: ins, outputs: [out], attributes });
const perm = (...ints: number[]) => ({ perm: { ints } });

test('reshapes in a row are one, transposes in a row are one', () => {
  const { graph } = simplified({
    inputs,
    outputs: ['y'],
    initializers: { s: list(4, -1), t: list(3, 5, 4) },
    nodes: [
      op('Reshape', ['x', 's'], '1'),
      op('Reshape', ['1', 't'], '2'),
      op('Transpose', ['2'], '3', perm(1, 2, 0)),
      op('Transpose', ['3'], 'y', perm(1, 0, 2)),
    ],
  });
  expect(graph.nodes.map((n) => n.operator)).toEqual(['Reshape', 'Transpose']);
  expect(graph.nodes[1]?.attributes).toEqual({ permutation: [2, 1, 0] });
});

test('views that undo each other disappear', () => {
  const { operators } = simplified({
    inputs,
    outputs: ['y'],
    initializers: { s: list(60), t: list(1, 4, 3, 5), none: list(0, 0, 0, 0, 0, 0, 0, 0) },
    nodes: [
      op('Transpose', ['x'], '1', perm(0, 2, 3, 1)),
      op('Transpose', ['1'], '2', perm(0, 3, 1, 2)),
      op('Reshape', ['2', 's'], '3'),
      op('Reshape', ['3', 't'], '4'),
      op('Expand', ['4', 't'], '5'),
      op('Pad', ['5', 'none'], '6'),
      op('Tanh', ['6'], 'y'),
    ],
  });
  expect(operators).toEqual(['Tanh']);
});

test('a transpose of axes of length 1 is a reshape', () => {
  const { operators } = simplified({
    inputs,
    outputs: ['y'],
    nodes: [op('Transpose', ['x'], 'y', perm(1, 0, 2, 3))],
  });
  expect(operators).toEqual(['Reshape']);
});

test('a view that others read stays for them', () => {
  const { operators } = simplified({
    inputs,
    outputs: ['y', 'z'],
    initializers: { s: list(12, 5), t: list(60) },
    nodes: [op('Reshape', ['x', 's'], '1'), op('Relu', ['1'], 'z'), op('Reshape', ['1', 't'], 'y')],
  });
  expect(operators).toEqual(['Reshape', 'Relu', 'Reshape']);
});
