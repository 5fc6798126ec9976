import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { casePath, casesReason, hasCases } from '../../test/cases.ts';
import { randomInputs, randomNumbers } from '../../test/graphs.ts';
import { evaluateGraph, simplifyGraph, type DenseTensor } from '../graph/index.ts';
import { encodeModel, importModel, type ModelSpec } from '../onnx/index.ts';
import { FloatSession } from './index.ts';

const worst = (a: DenseTensor, b: DenseTensor): number => {
  expect(a.dims).toEqual(b.dims);
  const size = b.data.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-9);
  return a.data.reduce((w, v, i) => Math.max(w, Math.abs(v - (b.data[i] ?? 0))), 0) / size;
};

/** Every value of the graph, and of the simplified one, that the model names agrees with onnxruntime. */
const expectAgreement = async (
  bytes: Uint8Array,
  seed: number,
  tolerance: number,
): Promise<number> => {
  const graph = importModel(bytes);
  const inputs = randomInputs(graph, seed);
  const session = await FloatSession.create(bytes);
  const reference = await session.run(inputs);
  await session.release();
  let compared = 0;
  for (const g of [graph, simplifyGraph(graph)]) {
    for (const [name, value] of evaluateGraph(g, inputs)) {
      const expected = reference.get(name);
      if (expected === undefined) continue;
      expect(worst(value, expected), name).toBeLessThan(tolerance);
      compared += 1;
    }
    for (const output of g.outputs) expect(reference.has(output)).toBe(true);
  }
  return compared;
};

const models = ['cnn-cifar', 'mlp-iris', 'article-classification', 'authorization'];

describe.skipIf(!hasCases)(`trained models${casesReason}`, () => {
  test.each(models)('%s: every tensor agrees with onnxruntime', async (name) => {
    const bytes = readFileSync(casePath(`models/${name}/model.onnx`));
    expect(await expectAgreement(bytes, 7, 1e-5)).toBeGreaterThan(8);
  });
});

const spec: ModelSpec = {
  inputs: [{ name: 'x', shape: ['batch', 4, 6, 6] }],
  outputs: ['y', 'label'],
  initializers: {
    w: { dims: [8, 4, 3, 3], data: randomNumbers(1, 288) },
    b: { dims: [8], data: randomNumbers(2, 8) },
    v: { dims: [8], data: randomNumbers(3, 8).map((v) => v + 2) },
    fc: { dims: [32, 5], data: randomNumbers(4, 160) },
    limit: { dims: [], data: [0.2] },
  },
  nodes: [
    {
      operator: 'Conv',
      inputs: ['x', 'w', 'b'],
      outputs: ['c'],
      attributes: { auto_pad: { string: 'SAME_LOWER' }, strides: { ints: [2, 2] } },
    },
    { operator: 'BatchNormalization', inputs: ['c', 'b', 'b', 'b', 'v'], outputs: ['n'] },
    { operator: 'Erf', inputs: ['n'], outputs: ['e'] },
    {
      operator: 'AveragePool',
      inputs: ['e'],
      outputs: ['p'],
      attributes: {
        kernel_shape: { ints: [2, 2] },
        ceil_mode: { int: 1 },
        strides: { ints: [2, 2] },
      },
    },
    { operator: 'Flatten', inputs: ['p'], outputs: ['f'] },
    { operator: 'MatMul', inputs: ['f', 'fc'], outputs: ['m'] },
    { operator: 'Softmax', inputs: ['m'], outputs: ['y'] },
    { operator: 'ArgMax', inputs: ['y'], outputs: ['label'], attributes: { axis: { int: 1 } } },
  ],
};

test('a small model with a symbolic batch, with integer outputs', async () => {
  expect(await expectAgreement(encodeModel(spec), 3, 1e-5)).toBeGreaterThan(10);
});

test('boolean and integer intermediates are returned as numbers', async () => {
  const bytes = encodeModel({
    inputs: [
      { name: 'x', shape: [4] },
      { name: 'k', shape: [2], dtype: 'int64' },
      { name: 'flag', shape: [4], dtype: 'bool' },
    ],
    outputs: ['z'],
    initializers: { limit: { dims: [], data: [0.2] } },
    nodes: [
      { operator: 'Greater', inputs: ['x', 'limit'], outputs: ['g'] },
      { operator: 'And', inputs: ['g', 'flag'], outputs: ['a'] },
      { operator: 'NonZero', inputs: ['a'], outputs: ['i'] },
      { operator: 'Cast', inputs: ['a'], outputs: ['h'], attributes: { to: { int: 10 } } },
      { operator: 'Gather', inputs: ['x', 'k'], outputs: ['z'] },
    ],
  });
  const session = await FloatSession.create(bytes);
  expect(session.outputs).toEqual(['z']);
  const values = await session.run(
    new Map([
      ['x', { dims: [4], data: Float64Array.of(0.5, 0, 1, 0.75) }],
      ['k', { dims: [2], data: Float64Array.of(3, -4) }],
      ['flag', { dims: [4], data: Float64Array.of(1, 1, 0, 1) }],
    ]),
  );
  expect(Object.fromEntries([...values].map(([name, t]) => [name, [...t.data]]))).toEqual({
    g: [1, 0, 1, 1],
    a: [1, 0, 0, 1],
    i: [0, 3],
    h: [1, 0, 0, 1],
    z: [0.75, 0.5],
  });
});

test('outputs only, without intermediates', async () => {
  const session = await FloatSession.create(encodeModel(spec), { intermediates: false });
  const values = await session.run(
    new Map([['x', { dims: [2, 4, 6, 6], data: randomNumbers(1, 288) }]]),
  );
  expect([...values.keys()].toSorted()).toEqual(['label', 'y']);
  expect(values.get('y')?.dims).toEqual([2, 5]);
});

test('what the runtime refuses is an AssayError', async () => {
  const model = (operator: string): Uint8Array =>
    encodeModel({
      inputs: [{ name: 'x', shape: [2] }],
      outputs: ['y'],
      nodes: [{ operator, inputs: ['x'], outputs: ['y'] }],
    });
  await expect(FloatSession.create(model('NoSuchOperator'))).rejects.toMatchObject({
    code: 'ASSAY_FLOAT_RUNTIME',
  });
  await expect(FloatSession.create(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({
    code: 'ASSAY_MODEL_MALFORMED',
  });
  const session = await FloatSession.create(model('Relu'));
  await expect(session.run(new Map())).rejects.toMatchObject({ code: 'ASSAY_INPUT_SHAPE' });
  await expect(
    session.run(new Map([['x', { dims: [3], data: new Float64Array(3) }]])),
  ).rejects.toMatchObject({ code: 'ASSAY_FLOAT_RUNTIME' });
});
