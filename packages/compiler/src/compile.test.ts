import { readFileSync } from 'node:fs';
import { AssayError } from '@assay/core/errors';
import { checkPrivate, encodeProgram } from '@assay/program';
import { dequantizeOutput, execute } from '@assay/runtime';
import { describe, expect, it } from 'vitest';
import { casePath, casesReason, hasCases } from '../test/cases.ts';
import { compileGraph } from './compile-graph.ts';
import { compile, type Sample } from './compile.ts';
import { FloatSession, RangeObserver } from './float/index.ts';
import { evaluateGraph } from './graph/index.ts';
import { encodeModel, importModel } from './onnx/index.ts';
import { quantizeSample } from './report/index.ts';
import { graphOf, randomTensor, seededRandom } from './testing/index.ts';

const fails = async (run: () => unknown): Promise<AssayError> => {
  try {
    await run();
  } catch (error) {
    if (error instanceof AssayError) return error;
    throw error;
  }
  throw new TypeError('expected an AssayError');
};

const cosine = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let [dot, a2, b2] = [0, 0, 0];
  for (let i = 0; i < a.length; i += 1) {
    dot += (a[i] ?? 0) * (b[i] ?? 0);
    a2 += (a[i] ?? 0) ** 2;
    b2 += (b[i] ?? 0) ** 2;
  }
  return dot / Math.sqrt(a2 * b2);
};

const argmax = (values: ArrayLike<number>): number => {
  let top = 0;
  for (let i = 1; i < values.length; i += 1) if ((values[i] ?? 0) > (values[top] ?? 0)) top = i;
  return top;
};

describe.skipIf(!hasCases)(`cnn-cifar${casesReason}`, () => {
  it('calibrated on 10 images, is the float model on all 30', async () => {
    const folder = casePath('models/cnn-cifar');
    const model = readFileSync(`${folder}/model.onnx`);
    const { input_data: images } = JSON.parse(readFileSync(`${folder}/samples.json`, 'utf8')) as {
      input_data: number[][];
    };
    const graph = importModel(model);
    const [input = ''] = graph.inputs;
    const dims = graph.values.get(input)?.shape ?? [];
    const samples = images.map(
      (pixels): Sample => new Map([[input, { dims, data: Float64Array.from(pixels) }]]),
    );
    const { program, weights, report } = await compile(model, samples.slice(0, 10));
    const session = await FloatSession.create(model, { intermediates: false });
    const [port] = program.outputs;
    const cosines: number[] = [];
    for (const sample of samples) {
      const expected = (await session.run(sample)).get(port?.name ?? '')?.data ?? [];
      const trace = execute(program, weights, quantizeSample(program, sample), null);
      const actual = port === undefined ? [] : dequantizeOutput(port, trace.get(port.tensor) ?? []);
      expect(argmax(actual)).toBe(argmax(expected));
      cosines.push(cosine(actual, expected));
    }
    await session.release();
    expect(cosines.length).toBe(30);
    expect(cosines.reduce((a, b) => a + b, 0) / 30).toBeGreaterThanOrEqual(0.999);
    // Every node that holds a value is near its float tensor.
    for (const { accuracy } of report.layers) {
      if (accuracy !== null) expect(accuracy.relativeError).toBeLessThan(0.01);
    }
    const again = await compile(model, samples.slice(0, 10));
    expect(encodeProgram(again.program)).toEqual(encodeProgram(program));
  });
});

const dense = (values: readonly number[]): Sample =>
  new Map([['x', { dims: [1, values.length], data: Float64Array.from(values) }]]);

describe('compile', () => {
  const model = encodeModel({
    opset: 13,
    nodes: [{ operator: 'Relu', inputs: ['x'], outputs: ['y'] }],
    inputs: [{ name: 'x', shape: [1, 4] }],
    outputs: ['y'],
  });

  it('needs a sample', async () => {
    expect((await fails(() => compile(model, []))).code).toBe('ASSAY_COMPILE_SAMPLES');
  });

  it('stops when asked', async () => {
    const signal = AbortSignal.abort();
    expect((await fails(() => compile(model, [dense([1, 2, 3, 4])], { signal }))).code).toBe(
      'ASSAY_ABORTED',
    );
  });

  it('says what stays public of private weights', async () => {
    const samples = [dense([1, -2, 3.5, 4])];
    const scaled = encodeModel({
      opset: 13,
      initializers: {
        c: { dims: [], data: [3] },
        w: { dims: [4, 2], data: [1, 2, 3, 4, 5, 6, 7, 8] },
        ones: { dims: [4], data: [1, 1, 1, 1] },
      },
      nodes: [
        { name: 'f', operator: 'Mul', inputs: ['x', 'ones'], outputs: ['o'] },
        {
          name: 'a',
          operator: 'Elu',
          inputs: ['o'],
          outputs: ['h'],
          attributes: { alpha: { float: 0.5 } },
        },
        { name: 'b', operator: 'Mul', inputs: ['h', 'h'], outputs: ['s'] },
        { name: 'c', operator: 'Mul', inputs: ['s', 'c'], outputs: ['t'] },
        { name: 'd', operator: 'Tanh', inputs: ['t'], outputs: ['u'] },
        { name: 'e', operator: 'MatMul', inputs: ['u', 'w'], outputs: ['y'] },
      ],
      inputs: [{ name: 'x', shape: [1, 4] }],
      outputs: ['y'],
    });
    const asPrivate = await compile(scaled, samples, { privateWeights: true });
    expect(asPrivate.report.public).toEqual([
      { node: 'a', operator: 'Elu', what: 'alpha 0.5' },
      { node: 'c', operator: 'Mul', what: 'factor 3' },
    ]);
    expect(checkPrivate(asPrivate.program).ok).toBe(true);
    // That a tensor is all ones is not looked at.
    expect(asPrivate.weights.size).toBe(2);
    const asPublic = await compile(scaled, samples);
    expect(asPublic.weights.size).toBe(1);
    expect('public' in asPublic.report).toBe(false);
    expect(checkPrivate(asPublic.program).ok).toBe(false);
  });

  it('says what it does', async () => {
    const stages: string[] = [];
    await compile(model, [dense([1, -2, 3.5, 4])], { onProgress: (stage) => stages.push(stage) });
    expect(new Set(stages)).toEqual(new Set(['observe', 'lower', 'check', 'report']));
  });
});

describe('what has no lowering', () => {
  const random = seededRandom(5);
  const refusal = (graph: ReturnType<typeof graphOf>): Promise<AssayError> => {
    const sample: Sample = new Map(
      graph.inputs.map((name) => [
        name,
        randomTensor(random, graph.values.get(name)?.shape ?? [], 1, 2),
      ]),
    );
    const observer = new RangeObserver();
    observer.add(evaluateGraph(graph, sample));
    return fails(() => compileGraph(graph, [sample], observer.ranges()));
  };

  it('is listed all at once, by node, operator and output', async () => {
    const error = await refusal(
      graphOf('two divisions', {
        inputs: { a: [2, 3], b: [2, 3] },
        nodes: [
          ['Div', {}, ['a', 'b'], 'q'],
          ['Div', {}, ['b', 'a'], 'r'],
          ['Add', {}, ['q', 'r'], 'y'],
        ],
      }),
    );
    expect(error.code).toBe('ASSAY_COMPILE_UNSUPPORTED');
    expect(error.shortMessage).toContain('2 nodes');
    expect(error.details).toContain('Div_0 (Div, output q)');
    expect(error.details).toContain('Div_1 (Div, output r)');
    expect(error.details).not.toContain('Add');
  });

  it('is refused with its bound where sums leave the field', async () => {
    const error = await refusal(
      graphOf('huge', {
        inputs: { a: [1, 40_000] },
        nodes: [
          ['MatMul', { transposeA: false, transposeB: true }, ['a', 'a'], 'h'],
          ['Relu', {}, ['h'], 'y'],
        ],
      }),
    );
    expect(error.code).toBe('ASSAY_COMPILE_UNBOUNDED');
    expect(error.details).toMatch(/MatMul_0|Relu_1/);
    expect(error.details).toMatch(/reaches \[/);
  });

  it('is refused where a function is not defined', async () => {
    const error = await refusal(
      graphOf('root', {
        inputs: { a: [1, 2] },
        constants: { c: { dims: [1, 2], data: Float64Array.of(-5, 0) } },
        nodes: [
          ['Add', {}, ['a', 'c'], 's'],
          // The first element is negative: the second one's table has to know what to do with its range.
          ['Slice', { starts: [0, 1], steps: [1, 1], sizes: [1, 1] }, ['s'], 'p'],
          ['Sqrt', {}, ['p'], 'y'],
        ],
      }),
    );
    expect(error.code).toBe('ASSAY_COMPILE_UNBOUNDED');
    expect(error.details).toContain('is not a number');
  });
});
