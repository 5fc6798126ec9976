import { readFileSync } from 'node:fs';
import { type Compiled, compile, type Sample, sourcePort } from '@assay/compiler';
import { createEngine, type Engine } from '@assay/core/engine';
import { createWasmExecutor } from '@assay/core/engine/wasm';
import { platformRandomness } from '@assay/core/randomness';
import { deriveSystem, lookupTree, type Port, publicVisibility } from '@assay/program';
import {
  DEFAULT_PROOFS,
  prove,
  type ProveOptions,
  type Proven,
  setup,
  type Setup,
  type SetupOptions,
} from '@assay/prover';
import { commitTensor, type OpenedTensor } from '@assay/prover/commitments';
import { executePorts, quantizeInput } from '@assay/runtime';
import {
  type Argument,
  keyFor,
  prepareArgument,
  type Statement,
  verifyPrepared,
} from '@assay/verifier';
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

/** One of the models, set up. */
class Link {
  readonly setup: Setup;
  private readonly engine: Engine;
  private readonly compiled: Compiled;
  private readonly argument: Argument;

  constructor(engine: Engine, compiled: Compiled, made: Setup) {
    this.engine = engine;
    this.compiled = compiled;
    this.setup = made;
    const argument = prepareArgument(this.setup.key);
    if (!argument.ok) throw new Error(argument.error.kind);
    this.argument = argument.value;
  }

  static of(engine: Engine, compiled: Compiled, options: SetupOptions = {}): Link {
    return new Link(engine, compiled, setup(engine, compiled.program, compiled.weights, options));
  }

  /** This model, for proofs whose input has a commitment's tails. */
  reading(tailRows: number): Link {
    const { key } = this.setup;
    const inputs = [{ kind: 'committed' as const, tailRows }];
    const own = keyFor(key, { ...key.visibility, inputs });
    if (!own.ok) throw new Error(own.error.kind);
    return new Link(this.engine, this.compiled, { ...this.setup, key: own.value });
  }

  prove(inputs: ReadonlyMap<string, Int32Array>, options: ProveOptions = {}): Proven {
    const { weights } = this.compiled;
    const key = { argument: this.argument, weights, tree: this.setup.commitment.opened };
    return prove(this.engine, key, inputs, options);
  }

  accepts(statement: Statement, proof: Uint8Array): boolean {
    return verifyPrepared(this.argument, statement, proof).ok;
  }

  /** Commits an output, with tails for as many proofs as the key has room for. */
  commit({ name, tensor }: Port, values: Int32Array): OpenedTensor {
    const { program } = this.compiled;
    const { parameters, visibility } = this.setup.key;
    const { registeredSamples, whir } = parameters;
    const kind = visibility.outputs[program.outputs.findIndex((port) => port.name === name)];
    const tailRows = kind?.kind === 'committed' ? kind.tailRows : 0;
    const made = commitTensor(
      this.engine,
      {
        values,
        shape: program.tensors[tensor]?.shape ?? [],
        logRows: whir.logRows,
        logInverseRate: whir.logInverseRates[0] ?? 0,
        registeredSamples,
        uses: DEFAULT_PROOFS,
        rowsPerUse: (tailRows - 5 * registeredSamples) / (DEFAULT_PROOFS + 2),
      },
      platformRandomness(),
    );
    return made.opened;
  }
}

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
  ['12 bits, taken as they are', 12, null, ['9,088', '1,424']],
  ['30 bits, rescaled by the classifier', undefined, { bits: 10 }, ['6,240', '83,608']],
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

  it('are proven and verified link by link, with public values', () => {
    const engine = createEngine(createWasmExecutor());
    const first = Link.of(engine, chain.encoder);
    const second = Link.of(engine, chain.classifier);
    const one = first.prove(image(chain.encoder, test.rows[0] ?? []));
    const embedding = one.statement.outputs.get('embedding') ?? new Int32Array();
    const two = second.prove(new Map([['embedding', embedding]]));
    expect(first.accepts(one.statement, one.proof)).toBe(true);
    expect(second.accepts(two.statement, two.proof)).toBe(true);
    expect(two.statement.inputs.get('embedding')).toEqual(embedding);
    expect(argmax(two.statement.outputs.get('logits') ?? [])).toBe(test.labels[0]);
    // Another embedding between them is another statement for both.
    const other = new Map([['embedding', embedding.map((v, i) => (i === 5 ? v + 1 : v))]]);
    expect(first.accepts({ ...one.statement, outputs: other }, one.proof)).toBe(false);
    expect(second.accepts({ ...two.statement, inputs: other }, two.proof)).toBe(false);
  });

  it('are proven and verified link by link, with a committed embedding and a hidden image', () => {
    const engine = createEngine(createWasmExecutor());
    const first = Link.of(engine, chain.encoder, {
      shown: {
        inputs: new Map([['image', 'hidden']]),
        outputs: new Map([['embedding', 'committed']]),
      },
    });
    // Columns of one length and rate: those of the commitment.
    const { logRows, logInverseRates } = first.setup.key.parameters.whir;
    const second = Link.of(engine, chain.classifier, {
      shown: { inputs: new Map([['embedding', 'committed']]) },
      logRows,
      logInverseRate: logInverseRates[0],
    });
    const opened: OpenedTensor[] = [];
    const one = first.prove(image(chain.encoder, test.rows[0] ?? []), {
      commitOutput: (port, values) => {
        const made = first.commit(port, values);
        opened.push(made);
        return made;
      },
    });
    const [embedding] = opened;
    if (embedding === undefined) throw new TypeError('expected a committed embedding');
    const committedInputs = new Map([['embedding', embedding]]);
    const reader = second.reading(embedding.tailRows);
    const two = reader.prove(new Map(), { committedInputs });
    expect(first.accepts(one.statement, one.proof)).toBe(true);
    expect(reader.accepts(two.statement, two.proof)).toBe(true);
    // Nothing but the logits and the commitment is to be seen, which is the same in both.
    expect([...one.statement.inputs, ...one.statement.outputs, ...two.statement.inputs]).toEqual(
      [],
    );
    const named = one.statement.committed?.outputs.get('embedding');
    expect(named).toBeDefined();
    expect(two.statement.committed?.inputs.get('embedding')).toEqual(named);
    expect(argmax(two.statement.outputs.get('logits') ?? [])).toBe(test.labels[0]);
    // A commitment to the same values is not the same commitment.
    const [port] = chain.encoder.program.outputs;
    if (port === undefined) throw new TypeError('expected an output');
    const again = new Map([['embedding', first.commit(port, embedding.values).name]]);
    const committed = { inputs: again, outputs: new Map() };
    expect(reader.accepts({ ...two.statement, committed }, two.proof)).toBe(false);
  });
});
