import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectSameMeaning, importSpec, randomNumbers } from '../../../test/graphs.ts';
import type { NodeSpec, TensorSpec } from '../../onnx/index.ts';
import { mergeConstants } from './constants.ts';
import { applyRules, type Rule } from './engine.ts';
import { simplifyGraph } from './simplify.ts';

/** A random chain (with branches) of the operators that the rules touch, over [2, 3, 4] tensors. */
const randomModel = (steps: readonly (readonly [number, number, number])[]) => {
  const initializers: Record<string, TensorSpec> = {
    perm: { dims: [3], data: [2, 3, 4], dtype: 'int64' },
    flat: { dims: [1], data: [-1], dtype: 'int64' },
  };
  const nodes: NodeSpec[] = [];
  const names = ['x'];
  for (const [i, [kind, from, seed]] of steps.entries()) {
    const x = names[from % names.length] ?? 'x';
    const y = `v${i}`;
    const c = `c${i}`;
    const shape = [[], [4], [3, 1], [1, 3, 4], [2, 1, 1]][seed % 5] ?? [];
    initializers[c] = {
      dims: shape,
      data: randomNumbers(
        seed,
        shape.reduce((a, b) => a * b, 1),
      ),
    };
    const push = (operator: string, ...inputs: string[]): void => {
      nodes.push({ operator, inputs, outputs: [y] });
    };
    if (kind === 0) push('Mul', x, c);
    else if (kind === 1) push('Add', c, x);
    else if (kind === 2) push('Neg', x);
    else if (kind === 3) {
      initializers[`w${i}`] = { dims: [4, 4], data: randomNumbers(seed, 16) };
      push('MatMul', x, `w${i}`);
    } else if (kind === 4) push('Tanh', x);
    else if (kind === 5) push('Identity', x);
    else if (kind === 6) {
      nodes.push({ operator: 'Reshape', inputs: [x, 'flat'], outputs: [`${y}f`] });
      push('Reshape', `${y}f`, 'perm');
    } else if (kind === 7) {
      initializers[`w${i}`] = { dims: [3, 3, 3], data: randomNumbers(seed, 27) };
      nodes.push({
        operator: 'Conv',
        inputs: [x, `w${i}`],
        outputs: [y],
        attributes: { pads: { ints: [1, 1] } },
      });
    } else push('Mul', x, names[seed % names.length] ?? 'x');
    names.push(y);
  }
  const outputs = [...new Set([names.at(-1) ?? 'x', names[names.length >> 1] ?? 'x'])].filter(
    (n) => n !== 'x',
  );
  return { inputs: [{ name: 'x', shape: [2, 3, 4] }], outputs, initializers, nodes };
};

test('simplification keeps the meaning of random graphs, and is done after one call', () => {
  const step = fc.tuple(fc.integer({ min: 0, max: 8 }), fc.nat(20), fc.nat(1000));
  fc.assert(
    fc.property(fc.array(step, { minLength: 2, maxLength: 14 }), (steps) => {
      const before = importSpec(randomModel(steps));
      const after = simplifyGraph(before);
      expectSameMeaning(before, after);
      expect(after.nodes.length).toBeLessThanOrEqual(before.nodes.length);
      expect(new Set(after.nodes.map((n) => n.name)).size).toBe(after.nodes.length);
      expect(simplifyGraph(after).nodes).toEqual(after.nodes);
    }),
    { numRuns: 300, seed: 20261120 },
  );
});

const chain = importSpec({
  inputs: [{ name: 'x', shape: [2] }],
  outputs: ['y'],
  nodes: [{ operator: 'Relu', inputs: ['x'], outputs: ['y'] }],
});

test('rules that never end are stopped', () => {
  let flips = 0;
  const flip = applyRules.bind(null, chain, [
    (node) => {
      flips += 1;
      return flips % 2 === 1 ? [{ ...node, name: `${node.name}'` }] : null;
    },
  ]);
  expect(flip).toThrow(/to come to an end/);
});

test('a rule that changes a shape is stopped', () => {
  expect(() =>
    applyRules(chain, [
      (node) =>
        node.operator === 'Relu'
          ? [{ ...node, operator: 'Reshape', attributes: { shape: [1, 2] } }]
          : null,
    ]),
  ).toThrow(/the shape of "y" to stay/);
});

test('once its work is spent, the graph is left as it is', () => {
  const before = importSpec(
    randomModel([
      [0, 0, 1],
      [0, 1, 6],
      [0, 2, 11],
      [3, 3, 4],
      [0, 4, 3],
    ]),
  );
  const rules: Rule[] = [mergeConstants];
  const full = applyRules(before, rules);
  const part = applyRules(before, rules, 1);
  expect(full.nodes.length).toBeLessThan(part.nodes.length);
  expect(part.nodes.length).toBeLessThan(before.nodes.length);
  expectSameMeaning(before, part);
});
