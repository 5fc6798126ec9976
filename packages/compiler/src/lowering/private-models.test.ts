/** Models of one architecture, weights drawn from one range, calibrated alike: what tells their programs apart. */
import type { Program } from '@assay/program';
import { describe, expect, it } from 'vitest';
import { compileGraph } from '../compile-graph.ts';
import { RangeObserver } from '../float/observe.ts';
import { evaluateGraph, type DenseTensor, type FloatGraph } from '../graph/index.ts';
import { graphOf, randomTensor, seededRandom, type Random } from '../testing/index.ts';

const MODELS = 12;
const SAMPLES = 16;
const none = {};
const plain = { transposeA: false, transposeB: false };

/** Weights of a layer: the last axis of a matrix, the first one of a kernel, is its outputs. */
const layer = (random: Random, dims: readonly number[], inputs: number): DenseTensor =>
  randomTensor(random, dims, -1 / Math.sqrt(inputs), 1 / Math.sqrt(inputs));

const bias = (random: Random, length: number): DenseTensor =>
  randomTensor(random, [length], -0.1, 0.1);

const mlp = (seed: number): FloatGraph => {
  const r = seededRandom(seed);
  return graphOf('mlp', {
    inputs: { x: [1, 64] },
    constants: {
      w1: layer(r, [64, 96], 64),
      b1: bias(r, 96),
      w2: layer(r, [96, 48], 96),
      b2: bias(r, 48),
      w3: layer(r, [48, 10], 48),
      b3: bias(r, 10),
    },
    nodes: [
      ['MatMul', plain, ['x', 'w1', 'b1'], 'h1'],
      ['Relu', none, ['h1'], 'a1'],
      ['MatMul', plain, ['a1', 'w2', 'b2'], 'h2'],
      ['Sigmoid', none, ['h2'], 'a2'],
      ['MatMul', plain, ['a2', 'w3', 'b3'], 'y'],
    ],
  });
};

const cnn = (seed: number): FloatGraph => {
  const r = seededRandom(seed);
  const conv = {
    kernel: [3, 3],
    strides: [1, 1],
    dilations: [1, 1],
    padsBegin: [1, 1],
    padsEnd: [1, 1],
    group: 1,
  };
  const pool = { ...conv, kernel: [2, 2], strides: [2, 2], padsBegin: [0, 0], padsEnd: [0, 0] };
  return graphOf('cnn', {
    inputs: { x: [1, 3, 12, 12] },
    constants: {
      w1: layer(r, [8, 3, 3, 3], 27),
      b1: bias(r, 8),
      w2: layer(r, [12, 8, 3, 3], 72),
      b2: bias(r, 12),
      slope: randomTensor(r, [12, 1, 1], 0.1, 0.3),
      w3: layer(r, [108, 10], 108),
      b3: bias(r, 10),
    },
    nodes: [
      ['Conv', conv, ['x', 'w1', 'b1'], 'h1'],
      ['Relu', none, ['h1'], 'a1'],
      ['MaxPool', pool, ['a1'], 'p1'],
      ['Conv', conv, ['p1', 'w2', 'b2'], 'h2'],
      ['PRelu', none, ['h2', 'slope'], 'a2'],
      ['MaxPool', pool, ['a2'], 'p2'],
      ['Reshape', { shape: [1, 108] }, ['p2'], 'f'],
      ['MatMul', plain, ['f', 'w3', 'b3'], 'y'],
    ],
  });
};

/** Paths of what differs. */
const differences = (a: unknown, b: unknown, path = ''): string[] => {
  const isObject = (v: unknown): v is Readonly<Record<string, unknown>> =>
    typeof v === 'object' && v !== null;
  if (!isObject(a) || !isObject(b)) return a === b ? [] : [path];
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].flatMap((key) => differences(a[key], b[key], `${path}.${key}`));
};

const programs = (make: (seed: number) => FloatGraph, privateWeights: boolean): Program[] => {
  const graphs = Array.from({ length: MODELS }, (_, i) => make(i + 1));
  const random = seededRandom(99);
  const samples = Array.from(
    { length: SAMPLES },
    () => new Map([['x', randomTensor(random, graphs[0]?.values.get('x')?.shape ?? [], 0, 1)]]),
  );
  const observer = new RangeObserver();
  for (const graph of graphs)
    for (const sample of samples) observer.add(evaluateGraph(graph, sample));
  const ranges = observer.ranges();
  return graphs.map((g) => compileGraph(g, samples, ranges, { privateWeights }).program);
};

/** Powers of two that bound weights, sums of weights and outputs; domains of tables, and scales of outputs. */
const ROUNDED =
  /^\.(tensors\.\d+\.range\.(lo|hi)|relations\.\d+\.declared\.(lo|hi)|tables\.\d+\.(rows|columns\.\d+\.segments\.\d+\.(rows|start))|outputs\.\d+\.scale)$/;

describe.each([
  ['mlp', mlp],
  ['cnn', cnn],
] as const)('%s', (_name, make) => {
  const [first, ...others] = programs(make, true).map((program) => program);
  const found = others.map((other) => differences(first, other));

  it('private weights are told apart by rounded bounds at most', () => {
    for (const paths of found) expect(paths.filter((path) => !ROUNDED.test(path))).toEqual([]);
  });

  it('and often not at all', () => {
    expect(found.filter((paths) => paths.length === 0).length).toBeGreaterThanOrEqual(2);
  });

  it('public ones are told apart by the program alone', () => {
    const [one, ...rest] = programs(make, false);
    for (const other of rest) expect(differences(one, other).length).toBeGreaterThan(0);
  });
});
