import { readFileSync } from 'node:fs';
import { type Compiled, compile, type Sample, sourcePort } from '@assay/compiler';
import { createEngine } from '@assay/core/engine';
import { createWasmExecutor } from '@assay/core/engine/wasm';
import { deriveSystem, lookupTree, publicVisibility } from '@assay/program';
import { prove, setup } from '@assay/prover';
import { executePorts, quantizeInput } from '@assay/runtime';
import { prepareArgument, type Statement, verifyPrepared } from '@assay/verifier';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const modelOf = (name: string): Uint8Array =>
  readFileSync(new URL(`${name}/model.onnx`, import.meta.url));

const SHAPES = { encoder: [1, 1, 8, 8], classifier: [1, 24] } as const;
const test = JSON.parse(read('test.json')) as { rows: number[][]; labels: number[] };

type Nested = number | Nested[];
const samplesOf = (name: keyof typeof SHAPES): Sample[] =>
  (JSON.parse(read(`${name}/samples.json`)) as { inputs: Record<string, Nested[]> }[]).map(
    ({ inputs }) =>
      new Map(
        Object.entries(inputs).map(([input, values]) => [
          input,
          { dims: [...SHAPES[name]], data: Float64Array.from(values.flat(3) as number[]) },
        ]),
      ),
  );

async function floatRows(name: keyof typeof SHAPES, rows: number[][]): Promise<number[][]> {
  const session = await InferenceSession.create(modelOf(name));
  const [input = ''] = session.inputNames;
  const [, ...shape] = SHAPES[name];
  const feed = { [input]: new Tensor('float32', rows.flat(), [rows.length, ...shape]) };
  const [output] = Object.values(await session.run(feed));
  const values = [...((output?.data ?? []) as Float32Array)];
  const width = values.length / rows.length;
  return rows.map((_, i) => values.slice(i * width, (i + 1) * width));
}

const argmax = (values: ArrayLike<number>): number => {
  let top = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] ?? 0) > (values[top] ?? 0)) top = i;
  return top;
};

const accuracy = (outputs: ArrayLike<number>[]): string => {
  const right = outputs.filter((logits, i) => argmax(logits) === test.labels[i]).length;
  return `${((100 * right) / outputs.length).toFixed(2)} %`;
};

const runPorts = (
  { program, weights }: Compiled,
  inputs: ReadonlyMap<string, Int32Array>,
): ReadonlyMap<string, Int32Array> => executePorts(program, weights, inputs, null).outputs;

const image = ({ program }: Compiled, pixels: ArrayLike<number>): Map<string, Int32Array> => {
  const [port] = program.inputs;
  if (port === undefined) throw new TypeError('expected an input');
  return new Map([[port.name, quantizeInput(program, port, pixels).values]]);
};

interface Chain {
  readonly encoder: Compiled;
  readonly classifier: Compiled;
}

/** Both models; the classifier's report is of the two in a row. */
async function compileChain(outputBits?: number): Promise<Chain> {
  const images = samplesOf('encoder');
  const encoder = await compile(
    modelOf('encoder'),
    images,
    outputBits === undefined ? {} : { outputBits },
  );
  const sourceOutputs = images.map((sample) =>
    runPorts(encoder, image(encoder, sample.get('image')?.data ?? [])),
  );
  const inputPorts = new Map([['embedding', sourcePort(encoder.program)]]);
  const options = { inputPorts, sourceOutputs };
  const classifier = await compile(modelOf('classifier'), samplesOf('classifier'), options);
  return { encoder, classifier };
}

/** Logits of a held-out image by way of both programs: the second gets the first one's integers. */
const logits = ({ encoder, classifier }: Chain, pixels: number[]): Int32Array =>
  runPorts(classifier, runPorts(encoder, image(encoder, pixels))).get('logits') ?? new Int32Array();

describe('the models', () => {
  it('together have the accuracy that the README states', async () => {
    const outputs = await floatRows('classifier', await floatRows('encoder', test.rows));
    expect(outputs).toHaveLength(360);
    expect(read('README.md')).toContain(`${accuracy(outputs)} of the 360 held-out images`);
    expect(read('../README.md')).toContain(`| 360 | accuracy ${accuracy(outputs)} |`);
  });

  it('have samples that belong together, none of them held out', async () => {
    const images = samplesOf('encoder').map((s) => [...(s.get('image')?.data ?? [])]);
    const held = new Set(test.rows.map(String));
    expect(images.filter((row) => held.has(String(row)))).toEqual([]);
    const embeddings = await floatRows('encoder', images);
    const given = samplesOf('classifier').map((s) => [...(s.get('embedding')?.data ?? [])]);
    expect(given).toHaveLength(images.length);
    for (const [i, row] of given.entries())
      for (const [j, v] of row.entries()) expect(v).toBeCloseTo(embeddings[i]?.[j] ?? NaN, 4);
  });
});

describe.each([
  ['12 bits, taken as they are', 12, null, ['13,216', '5,488']],
  ['30 bits, rescaled by the classifier', undefined, { bits: 10 }, ['88,288', '83,608']],
] as const)('in integers, embeddings of %s', (name, outputBits, rescaled, lookups) => {
  let chain: Chain;
  beforeAll(async () => {
    chain = await compileChain(outputBits);
  });

  it('agree with the float models: report, and held-out images', () => {
    for (const { report } of [chain.encoder, chain.classifier]) {
      expect(report.agrees).toBe(true);
      expect(report.outputs[0]?.sameArgmax).toBe(report.samples);
    }
    const { report } = chain.classifier;
    expect(report.inputs[0]?.rescaled ?? null).toEqual(
      rescaled === null ? null : expect.objectContaining(rescaled),
    );
    const figures = [
      accuracy(test.rows.map((row) => logits(chain, row))),
      report.outputs[0]?.cosine?.toFixed(6),
      report.outputs[0]?.relativeError?.toFixed(4),
    ];
    expect(read('README.md')).toContain(`| ${name} | ${figures.join(' | ')} |`);
  });

  it('meet in one port', () => {
    const [given] = chain.encoder.program.outputs;
    const [taken] = chain.classifier.program.inputs;
    expect({ ...taken, tensor: 0 }).toEqual({ ...given, tensor: 0 });
    const tensorOf = ({ program }: Compiled, id = -1): unknown => {
      const { shape, range } = program.tensors[id] ?? {};
      return { shape, range };
    };
    expect(tensorOf(chain.classifier, taken?.tensor)).toEqual(
      tensorOf(chain.encoder, given?.tensor),
    );
  });

  it('cost what the README states where they are not public', () => {
    const hidden = ({ program }: Compiled, side: 'inputs' | 'outputs'): string | undefined => {
      const visibility = publicVisibility(program);
      const system = deriveSystem(program, { ...visibility, [side]: [{ kind: 'hidden' }] });
      return system.ok ? lookupTree(system.value.program).total.toLocaleString('en') : undefined;
    };
    expect([hidden(chain.encoder, 'outputs'), hidden(chain.classifier, 'inputs')]).toEqual(lookups);
    for (const figure of lookups) expect(read('README.md')).toContain(figure);
  });

  it('are proven and verified link by link', () => {
    const engine = createEngine(createWasmExecutor());
    const proven = (
      { program, weights }: Compiled,
      inputs: ReadonlyMap<string, Int32Array>,
    ): { statement: Statement; verify: (s: Statement) => boolean } => {
      const { key, commitment } = setup(engine, program, weights);
      const argument = prepareArgument(key);
      if (!argument.ok) throw new Error(argument.error.kind);
      const { value } = argument;
      const provingKey = { argument: value, weights, tree: commitment.opened };
      const { proof, statement } = prove(engine, provingKey, inputs);
      return { statement, verify: (s) => verifyPrepared(value, s, proof).ok };
    };
    const first = proven(chain.encoder, image(chain.encoder, test.rows[0] ?? []));
    const embedding = first.statement.outputs.get('embedding') ?? new Int32Array();
    const second = proven(chain.classifier, new Map([['embedding', embedding]]));
    expect(first.verify(first.statement)).toBe(true);
    expect(second.verify(second.statement)).toBe(true);
    expect(second.statement.inputs.get('embedding')).toEqual(embedding);
    expect(argmax(second.statement.outputs.get('logits') ?? [])).toBe(test.labels[0]);
    // Another embedding between them is another statement for both.
    const other = embedding.map((v, i) => (i === 5 ? v + 1 : v));
    const outputs = new Map([['embedding', other]]);
    expect(first.verify({ ...first.statement, outputs })).toBe(false);
    expect(second.verify({ ...second.statement, inputs: outputs })).toBe(false);
  });
});
