// Records what the program vectors start from: the range of every tensor on the samples, by onnxruntime, and
// one input to prove. Floats differ in their last bits from machine to machine; from these files on all is exact.
// Run: npm run build && node vectors/program/record.mjs
// The digests follow from the files: npx vitest run packages/cli/test/program-vectors.test.ts -u
import { readFileSync, writeFileSync } from 'node:fs';
import { decodeSamples, inputPorts } from '@assay/compiler/data';
import { FloatSession, RangeObserver } from '@assay/compiler/float';
import { evaluateGraph, simplifyGraph } from '@assay/compiler/graph';
import { encodeModel, importModel } from '@assay/compiler/onnx';
import { randomTensor, seededRandom } from '@assay/compiler/testing';

const root = new URL('../../', import.meta.url);
const file = (path) => new URL(path, root);

/** Every tensor of the simplified graph: onnxruntime's where it has it, else the float64 evaluator's. */
async function rangesOf(model, graph, samples) {
  const session = await FloatSession.create(model);
  const observer = new RangeObserver();
  for (const sample of samples) {
    const values = evaluateGraph(graph, sample);
    for (const [name, { data }] of await session.run(sample)) {
      const own = values.get(name);
      if (own?.data.length === data.length) values.set(name, { dims: own.dims, data });
    }
    observer.add(values);
  }
  await session.release();
  const variable = ([name]) => graph.values.get(name)?.data === null;
  return [...observer.ranges()].filter(variable).map(([name, { lo, hi }]) => [name, [lo, hi]]);
}

async function record(name, path, samples, activationBits) {
  const model = readFileSync(file(path));
  const graph = simplifyGraph(importModel(model));
  const integral = graph.inputs.filter((input) =>
    samples.every((sample) => sample.get(input).data.every(Number.isInteger)),
  );
  const recorded = {
    model: path,
    activationBits,
    integral,
    ranges: Object.fromEntries(await rangesOf(model, graph, samples)),
    input: Object.fromEntries([...samples[0]].map(([input, { data }]) => [input, [...data]])),
  };
  writeFileSync(file(`vectors/program/${name}.ranges.json`), `${JSON.stringify(recorded, null, 1)}\n`);
}

for (const name of ['digits-cnn', 'breast-cancer-mlp', 'diabetes-regression']) {
  const path = `examples/${name}/model.onnx`;
  const ports = inputPorts(importModel(readFileSync(file(path))));
  const samples = decodeSamples(readFileSync(file(`examples/${name}/samples.json`)), ports);
  await record(name, path, samples, 10);
}

/** A bit of everything: convolution, normalization, maximum, residual, product, gate, softmax, label. */
const random = seededRandom(1);
const weights = (...dims) => randomTensor(random, dims);
const ints = (...values) => ({ ints: values });
const op = (operator, inputs, output, attributes = {}) => ({ operator, inputs, outputs: [output], attributes });
const toy = encodeModel({
  name: 'toy-cnn',
  opset: 17,
  inputs: [{ name: 'image', shape: [1, 2, 6, 6] }],
  outputs: ['probabilities', 'label'],
  initializers: {
    w: weights(4, 2, 3, 3),
    b: weights(4),
    scale: weights(4),
    offset: weights(4),
    mean: weights(4),
    variance: { dims: [4], data: [0.5, 1, 2, 4] },
    d: weights(4, 1, 3, 3),
    f: weights(36, 5),
    g: weights(5),
  },
  nodes: [
    op('Conv', ['image', 'w', 'b'], 'c', { pads: ints(1, 1, 1, 1) }),
    op('BatchNormalization', ['c', 'scale', 'offset', 'mean', 'variance'], 'n'),
    op('Relu', ['n'], 'r'),
    op('Conv', ['r', 'd'], 'e', { pads: ints(1, 1, 1, 1), group: { int: 4 } }),
    op('Add', ['e', 'r'], 's'),
    op('HardSwish', ['s'], 'h'),
    op('MaxPool', ['h'], 'p', { kernel_shape: ints(2, 2), strides: ints(2, 2) }),
    op('Flatten', ['p'], 'flat'),
    op('Gemm', ['flat', 'f', 'g'], 'm'),
    op('Sigmoid', ['m'], 'gate'),
    op('Mul', ['m', 'gate'], 'logits'),
    op('Softmax', ['logits'], 'probabilities'),
    op('ArgMax', ['logits'], 'label', { axis: { int: 1 } }),
  ],
});
writeFileSync(file('vectors/program/toy-cnn.onnx'), toy);
const images = Array.from({ length: 10 }, () => new Map([['image', weights(1, 2, 6, 6)]]));
await record('toy-cnn', 'vectors/program/toy-cnn.onnx', images, 9);
