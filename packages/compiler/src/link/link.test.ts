import { AssayError } from '@assay/core/errors';
import { deriveSystem, type Program, type Weights } from '@assay/program';
import { execute } from '@assay/runtime';
import { describe, expect, it } from 'vitest';
import { compileGraph, type QuantizationOptions } from '../compile-graph.ts';
import { compile, type Sample } from '../compile.ts';
import { RangeObserver } from '../float/observe.ts';
import { evaluateGraph, type FloatGraph } from '../graph/index.ts';
import { encodeModel, type ModelSpec } from '../onnx/index.ts';
import { quantizeSample } from '../report/index.ts';
import { graphOf, randomTensor, seededRandom, type GraphSpec } from '../testing/index.ts';
import { sourcePort, type SourcePort } from './index.ts';

const random = seededRandom(77);

const samplesOf = (graph: FloatGraph, count = 8): Sample[] =>
  Array.from(
    { length: count },
    () =>
      new Map(
        graph.inputs.map((name) => [
          name,
          randomTensor(random, graph.values.get(name)?.shape ?? []),
        ]),
      ),
  );

interface Linked {
  readonly program: Program;
  readonly weights: Weights;
  readonly samples: readonly Sample[];
}

const compiled = (spec: GraphSpec, options: QuantizationOptions = {}, given?: Sample[]): Linked => {
  const graph = graphOf('model', spec);
  const samples = given ?? samplesOf(graph);
  const observer = new RangeObserver();
  for (const sample of samples) observer.add(evaluateGraph(graph, sample));
  return { ...compileGraph(graph, samples, observer.ranges(), options), samples };
};

const embed: GraphSpec = {
  inputs: { x: [1, 6] },
  constants: { w: randomTensor(random, [6, 12]), b: randomTensor(random, [12]) },
  nodes: [['MatMul', { transposeA: false, transposeB: false }, ['x', 'w', 'b'], 'e']],
};

const dense = (shape: readonly number[], to: readonly number[]): GraphSpec => ({
  inputs: { in: shape },
  constants: { w: randomTensor(random, [12, 3]) },
  nodes: [
    ['Reshape', { shape: to }, ['in'], 'flat'],
    ['MatMul', { transposeA: false, transposeB: false }, ['flat', 'w'], 'y'],
  ],
});

const from = (port: SourcePort, input = 'in'): QuantizationOptions => ({
  inputPorts: new Map([[input, port]]),
});

const outputOf = ({ program, weights }: Linked, sample: Sample, name: string): Int32Array => {
  const trace = execute(program, weights, quantizeSample(program, sample), null);
  const port = program.outputs.find((p) => p.name === name);
  return trace.get(port?.tensor ?? -1) ?? new Int32Array();
};

const refused = (run: () => unknown): AssayError => {
  try {
    run();
  } catch (error) {
    if (error instanceof AssayError) return error;
    throw error;
  }
  throw new TypeError('expected an AssayError');
};

describe('an input that takes an output of another program', () => {
  const first = compiled(embed);

  it.each([
    ['the same shape', [1, 12]],
    ['grouped dimensions', [12]],
    ['split dimensions', [1, 3, 4]],
  ] as const)('has its tensor, scale, zero and range: %s', (_name, shape) => {
    const port = sourcePort(first.program);
    const { program, weights } = compiled(dense(shape, [1, 12]), from(port));
    const [input] = program.inputs;
    expect(input).toMatchObject({ name: 'in', shape, scale: port.scale, zero: 0 });
    const tensor = program.tensors[input?.tensor ?? -1];
    const given = first.program.tensors[first.program.outputs[0]?.tensor ?? -1];
    expect(tensor?.shape).toEqual(given?.shape);
    expect(tensor?.range).toEqual(given?.range);
    expect(deriveSystem(program).ok).toBe(true);
    for (const sample of first.samples) {
      const e = outputOf(first, sample, 'e');
      // As reals of the port they are the same integers again.
      const reals = Float64Array.from(e, (v) => port.scale * v);
      const inputs = quantizeSample(program, new Map([['in', { dims: shape, data: reals }]]));
      expect([...inputs.values()]).toEqual([e]);
      expect(execute(program, weights, inputs, null).size).toBeGreaterThan(0);
    }
  });

  it('reads elements in their order, whatever the storage', () => {
    const port = { ...sourcePort(first.program), storage: [2, 1, 6] };
    const gather: GraphSpec = {
      inputs: { in: [3, 4] },
      nodes: [['Gather', { axis: 1, indices: [2] }, ['in'], 'y']],
    };
    // Narrow enough to be read as it comes.
    const { program, weights } = compiled(gather, from({ ...port, range: { lo: 0, hi: 99 } }));
    expect(program.tensors[program.inputs[0]?.tensor ?? -1]?.shape).toEqual([2, 1, 6]);
    const inputs = new Map([
      [program.inputs[0]?.tensor ?? -1, Int32Array.from({ length: 12 }, (_, i) => i)],
    ]);
    const trace = execute(program, weights, inputs, null);
    expect([...(trace.get(program.outputs[0]?.tensor ?? -1) ?? [])]).toEqual([2, 6, 10]);
  });

  it('is rescaled in the program where it ranges over more than fineBits, and only there', () => {
    const spec: GraphSpec = {
      inputs: { in: [12] },
      nodes: [['Relu', {}, ['in'], 'y']],
    };
    const scale = 2 ** -11;
    const of = (hi: number): readonly number[] => {
      const port = { ...sourcePort(first.program), scale, range: { lo: 0, hi } };
      const { program } = compiled(spec, from(port));
      return program.relations.map((r) => r.node);
    };
    expect(of(4095)).not.toContain(0);
    expect(of(4096)).toContain(0);
  });

  it('that nothing reads stays as it came', () => {
    const spec: GraphSpec = {
      inputs: { in: [12], x: [2] },
      nodes: [['Neg', {}, ['x'], 'y']],
    };
    const { program } = compiled(spec, from(sourcePort(first.program)));
    expect(program.relations.some((r) => r.node === 0)).toBe(false);
  });

  it('may be a label', () => {
    const labels = compiled({
      ...embed,
      nodes: [...embed.nodes, ['ArgMax', { axis: 1, keepDims: true }, ['e'], 'label']],
    });
    const port = sourcePort(labels.program);
    expect(port).toMatchObject({ meaning: 'label', scale: 1, range: { lo: 0, hi: 11 } });
    const spec: GraphSpec = { inputs: { in: [1] }, nodes: [['Neg', {}, ['in'], 'y']] };
    const given = [new Map([['in', { dims: [1], data: Float64Array.of(7) }]])];
    const second = compiled(spec, from(port), given);
    expect(second.program.inputs[0]).toMatchObject({ meaning: 'label', scale: 1 });
    expect([...outputOf(second, given[0] ?? new Map(), 'y')]).toEqual([-7]);
  });
});

describe('outputs of so many bits', () => {
  const nodes = (last: GraphSpec['nodes'][number]): GraphSpec => ({
    ...embed,
    nodes: [...embed.nodes, last],
  });

  it.each([
    ['a sum', embed],
    ['relu', nodes(['Relu', {}, ['e'], 'y'])],
    ['a function', nodes(['Sigmoid', {}, ['e'], 'y'])],
    ['softmax', nodes(['Softmax', {}, ['e'], 'y'])],
    ['a product of values', nodes(['Mul', {}, ['e', 'e'], 'y'])],
    ['relu of an input', { inputs: { x: [4] }, nodes: [['Relu', {}, ['x'], 'y']] }],
    ['a view of an input', { inputs: { x: [4] }, nodes: [['Identity', {}, ['x'], 'y']] }],
    [
      'a sum that is read too',
      { ...nodes(['Relu', {}, ['e'], 'y']), outputs: ['e', 'y'] } satisfies GraphSpec,
    ],
  ] as readonly (readonly [string, GraphSpec])[])('range over no more: %s', (_name, spec) => {
    for (const outputBits of [8, 11, 14]) {
      const { program, weights, samples } = compiled(spec, { outputBits });
      expect(deriveSystem(program).ok).toBe(true);
      for (const port of program.outputs) {
        const { lo, hi } = program.tensors[port.tensor]?.range ?? { lo: 0, hi: Infinity };
        expect(hi - lo, `${outputBits} bits`).toBeLessThan(2 ** outputBits);
        const graph = graphOf('model', spec);
        for (const sample of samples) {
          const floats = evaluateGraph(graph, sample).get(port.name)?.data ?? [];
          const actual = outputOf({ program, weights, samples }, sample, port.name);
          const bound = port.scale + 0.01 * floats.reduce((m, v) => Math.max(m, Math.abs(v)), 1);
          for (const [k, v] of actual.entries())
            expect(Math.abs(port.scale * v - (floats[k] ?? Number.NaN))).toBeLessThan(bound);
        }
      }
    }
  });

  it('are 2 to 16', () => {
    for (const outputBits of [1, 17, 8.5])
      expect(() => compiled(embed, { outputBits })).toThrow(RangeError);
  });
});

describe('ports that do not fit', () => {
  const { program } = compiled(embed);
  const port = sourcePort(program);
  const two = compiled({
    ...embed,
    nodes: [...embed.nodes, ['Relu', {}, ['e'], 'r']],
    outputs: ['e', 'r'],
  });
  const relu = (shape: readonly number[]): GraphSpec => ({
    inputs: { in: shape },
    nodes: [['Relu', {}, ['in'], 'y']],
  });
  /** Input types come with a graph. */
  const typed = (dtype: 'int64' | 'bool', given: SourcePort): unknown => {
    const graph = graphOf('model', relu([12]));
    const value = graph.values.get('in');
    if (value === undefined) throw new TypeError('expected the input');
    const values = new Map([...graph.values, ['in', { ...value, dtype }]]);
    return compileGraph({ ...graph, values }, [], new Map(), from(given));
  };

  it.each<[string, () => unknown, RegExp]>([
    ['an output that is not there', () => sourcePort(program, 'z'), /has no output "z".*: e\./s],
    ['no name where there are two', () => sourcePort(two.program), /2 outputs.*: e, r\./s],
    [
      'an input that is not there',
      () => compiled(relu([12]), from(port, 'z')),
      /no input "z" to take output "e" of "model".*: in\./s,
    ],
    ['more elements', () => compiled(relu([13]), from(port)), /\[13\].*\[1, 12\]/s],
    [
      'dimensions exchanged',
      () => compiled(relu([4, 3]), from({ ...port, shape: [3, 4] })),
      /\[4, 3\].*\[3, 4\].*same order/s,
    ],
    ['numbers for integers', () => typed('int64', port), /takes integers \(int64\).*multiples of/s],
    [
      'integers for indicators',
      () => typed('bool', { ...port, scale: 1, range: { lo: 0, hi: 2 } }),
      /takes 0 or 1.*\[0, 2\]/s,
    ],
  ])('%s', (_name, run, message) => {
    const error = refused(run);
    expect(error.code).toBe('ASSAY_COMPILE_PORT');
    expect(error.message).toMatch(message);
  });
});

describe('compile', () => {
  const model = (spec: Pick<ModelSpec, 'nodes' | 'inputs' | 'outputs'>): Uint8Array =>
    encodeModel({ opset: 13, ...spec });
  const second = model({
    nodes: [{ operator: 'Relu', inputs: ['in'], outputs: ['y'] }],
    inputs: [{ name: 'in', shape: [1, 4] }],
    outputs: ['y'],
  });
  const sample = (...data: number[]): Sample =>
    new Map([['in', { dims: [1, 4], data: Float64Array.from(data) }]]);
  const port: SourcePort = {
    program: 'other',
    name: 'e',
    shape: [1, 4],
    storage: [4],
    scale: 2 ** -20,
    zero: 0,
    range: { lo: -(2 ** 24), hi: 2 ** 24 },
    meaning: 'number',
  };
  const samples = [sample(1, -2, 3, -4), sample(-1, 2, -3, 4)];
  const inputPorts = new Map([['in', port]]);

  it('reports the input that it takes, and what it is rescaled to', async () => {
    const { report } = await compile(second, samples, { inputPorts });
    const [input] = report.inputs;
    expect(input).toMatchObject({
      name: 'in',
      source: { program: 'other', output: 'e' },
      scale: port.scale,
      bits: 26,
      rescaled: { bits: 10 },
      accuracy: { maxError: 0 },
    });
    const alone = await compile(second, samples);
    expect(alone.report.inputs).toMatchObject([{ source: null, scale: 1, rescaled: null }]);
  });

  it('reports the accuracy of the chain where the other program’s integers are given', async () => {
    // The other program is off by 1/16 at one element of the second sample.
    const sourceOutputs = samples.map((s, i) => {
      const reals = s.get('in')?.data ?? new Float64Array();
      const off = (k: number): number => (i === 1 && k === 3 ? 2 ** -4 : 0);
      return new Map([['in', Int32Array.from(reals, (v, k) => (v + off(k)) * 2 ** 20)]]);
    });
    const options = { inputPorts, activationBits: 12 };
    const own = (await compile(second, samples, options)).report;
    const chain = (await compile(second, samples, { ...options, sourceOutputs })).report;
    expect(own.inputs[0]?.accuracy.maxError).toBe(0);
    expect(chain.inputs[0]?.accuracy.maxError).toBe(2 ** -4);
    expect(own.outputs[0]?.maxError).toBeLessThan(0.002);
    expect(chain.outputs[0]?.maxError).toBeGreaterThan(0.06);
    await expect(compile(second, samples, { ...options, sourceOutputs: [] })).rejects.toThrow(
      RangeError,
    );
  });

  it('refuses a port before it runs anything', async () => {
    const stages: string[] = [];
    const run = compile(second, samples, {
      inputPorts: new Map([['in', { ...port, shape: [5] }]]),
      onProgress: (stage) => stages.push(stage),
    });
    await expect(run).rejects.toMatchObject({ code: 'ASSAY_COMPILE_PORT' });
    expect(stages).toEqual([]);
  });
});
