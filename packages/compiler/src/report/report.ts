import { elementCount, type Program, type TensorId } from '@assay/program';
import { dequantizeOutput, execute, formEvaluator, quantizeInput } from '@assay/runtime';
import type { DenseTensor, FloatGraph } from '../graph/index.ts';
import type { SourcePort } from '../link/index.ts';
import type { LoweredGraph } from '../lowering/lower.ts';
import { atomsOf } from '../lowering/value.ts';

/** How far integers are from the float model, over all samples. */
export interface Accuracy {
  /** Mean over samples of the cosine of the angle between the two; null where one of them is zero. */
  readonly cosine: number | null;
  /** Largest absolute difference, in the model's units. */
  readonly maxError: number;
  /** The same in units of the float values' span over the samples; null where that is a point. */
  readonly relativeError: number | null;
}

/** One node of the model after rewrites. */
export interface LayerReport {
  readonly name: string;
  readonly operator: string;
  readonly shape: readonly number[];
  /** Of its output, where the program holds it as a value (a sum that went into a later rescale is none). */
  readonly scale: number | null;
  readonly bits: number | null;
  /** Of the weights and biases committed for it; null where it has none. */
  readonly weightBits: number | null;
  readonly committed: number;
  readonly relations: number;
  readonly lookups: number;
  readonly accuracy: Accuracy | null;
}

/** A number of the model that is public even where weights are private. */
export interface PublicReport {
  readonly node: string;
  readonly operator: string;
  readonly what: string;
}

/** An input as the program takes it. */
export interface InputReport {
  readonly name: string;
  /** Output of another program whose integers it takes; null where it is quantized for this one. */
  readonly source: { readonly program: string; readonly output: string } | null;
  readonly scale: number;
  readonly bits: number;
  /** What it is rescaled to before anything reads it; null where it is read as it comes. */
  readonly rescaled: { readonly scale: number; readonly bits: number } | null;
  /** Of the integers, before a rescale, against the samples. */
  readonly accuracy: Accuracy;
}

export interface OutputReport extends Accuracy {
  readonly name: string;
  /** Samples whose largest element is the same one. */
  readonly sameArgmax: number;
  /** Whether it is for every sample in which the float model's largest element leads by more than 0.5 % of the span. */
  readonly decided: boolean;
}

export interface Report {
  readonly model: string;
  readonly samples: number;
  readonly inputs: readonly InputReport[];
  readonly layers: readonly LayerReport[];
  readonly tables: readonly {
    readonly name: string;
    readonly rows: number;
    readonly listed: boolean;
  }[];
  readonly totals: {
    readonly weights: number;
    readonly committed: number;
    readonly lookups: number;
    readonly tableRows: number;
  };
  readonly outputs: readonly OutputReport[];
  /**
   * Compiled for private weights only: numbers of the model that stand in the program as they are. Of all other
   * constants it shows shapes and powers of two, and what scales and domains of tables say (`docs/operators.md`).
   */
  readonly public?: readonly PublicReport[];
  /** Whether the program is as good as its model on the samples (see `agrees`). */
  readonly agrees: boolean;
}

/** Lead of the largest element, as a part of the sample's span, from which it has to be the same one. */
const DECISIVE = 0.005;

const leads = (values: ArrayLike<number>, top: number): boolean => {
  const best = values[top] ?? 0;
  let second = Number.NEGATIVE_INFINITY;
  let least = best;
  for (let i = 0; i < values.length; i += 1) {
    const v = values[i] ?? 0;
    if (i !== top && v > second) second = v;
    if (v < least) least = v;
  }
  return best - second > DECISIVE * (best - least);
};

/** Compares one tensor sample by sample. */
class Comparison {
  private samples = 0;
  private cosines = 0;
  private undefinedCosines = 0;
  private maxError = 0;
  private lo = Number.POSITIVE_INFINITY;
  private hi = Number.NEGATIVE_INFINITY;
  sameArgmax = 0;
  decided = true;

  get empty(): boolean {
    return this.samples === 0;
  }

  add(actual: ArrayLike<number>, scale: number, expected: ArrayLike<number>): void {
    let dot = 0;
    let a2 = 0;
    let b2 = 0;
    let topA = 0;
    let topB = 0;
    for (let i = 0; i < expected.length; i += 1) {
      const a = scale * (actual[i] ?? 0);
      const b = expected[i] ?? 0;
      dot += a * b;
      a2 += a * a;
      b2 += b * b;
      this.maxError = Math.max(this.maxError, Math.abs(a - b));
      this.lo = Math.min(this.lo, b);
      this.hi = Math.max(this.hi, b);
      if ((actual[i] ?? 0) > (actual[topA] ?? 0)) topA = i;
      if (b > (expected[topB] ?? 0)) topB = i;
    }
    this.samples += 1;
    if (topA === topB) this.sameArgmax += 1;
    else if (leads(expected, topB)) this.decided = false;
    if (a2 === 0 || b2 === 0) this.undefinedCosines += 1;
    else this.cosines += dot / Math.sqrt(a2 * b2);
  }

  result(): Accuracy {
    const counted = this.samples - this.undefinedCosines;
    const span = this.hi - this.lo;
    return {
      cosine: counted > 0 ? this.cosines / counted : null,
      maxError: this.maxError,
      relativeError: span > 0 ? this.maxError / span : null,
    };
  }
}

const bitsOf = (lo: number, hi: number): number => {
  let bits = lo < 0 ? 1 : 0;
  const top = Math.max(hi, -lo - 1);
  while (2 ** (bits - (lo < 0 ? 1 : 0)) <= top) bits += 1;
  return bits;
};

/** Inputs of the program as integers. */
export const quantizeSample = (
  program: Program,
  sample: ReadonlyMap<string, DenseTensor>,
): Map<TensorId, Int32Array> =>
  new Map(
    program.inputs.map((port) => [
      port.tensor,
      quantizeInput(program, port, sample.get(port.name)?.data ?? []).values,
    ]),
  );

/** Runs the program sample by sample and compares every value that it holds with the float model. */
export class Reporter {
  private readonly graph: FloatGraph;
  private readonly lowered: LoweredGraph;
  private readonly values: ReadonlyMap<string, Comparison>;
  private readonly inputs: readonly Comparison[];
  private readonly outputs: readonly Comparison[];
  private readonly sources: ReadonlyMap<string, SourcePort>;
  private samples = 0;

  /** @param sources - by input name, outputs of other programs that the program takes over. */
  constructor(
    graph: FloatGraph,
    lowered: LoweredGraph,
    sources: ReadonlyMap<string, SourcePort> = new Map(),
  ) {
    this.graph = graph;
    this.lowered = lowered;
    this.sources = sources;
    this.inputs = lowered.program.inputs.map(() => new Comparison());
    this.values = new Map([...lowered.values.keys()].map((name) => [name, new Comparison()]));
    this.outputs = lowered.program.outputs.map(() => new Comparison());
  }

  /**
   * @param expected - every tensor of the float model for the sample.
   * @param given - integers, by input name, to run on in place of the sample's own.
   */
  add(
    sample: ReadonlyMap<string, DenseTensor>,
    expected: ReadonlyMap<string, DenseTensor>,
    given: ReadonlyMap<string, Int32Array> = new Map(),
  ): void {
    const { program, weights, values } = this.lowered;
    const inputs = quantizeSample(program, sample);
    for (const [j, port] of program.inputs.entries()) {
      const integers = given.get(port.name) ?? inputs.get(port.tensor) ?? new Int32Array();
      inputs.set(port.tensor, integers);
      const reals = sample.get(port.name)?.data ?? [];
      this.inputs[j]?.add(dequantizeOutput(port, integers), 1, reals);
    }
    const trace = execute(program, weights, inputs, null);
    const evaluate = formEvaluator(program, trace);
    for (const [name, value] of values) {
      const float = expected.get(name);
      if (float !== undefined)
        this.values.get(name)?.add(evaluate(value.form, atomsOf(value)), value.scale, float.data);
    }
    for (const [j, port] of program.outputs.entries())
      this.outputs[j]?.add(
        trace.get(port.tensor) ?? [],
        port.scale,
        expected.get(port.name)?.data ?? [],
      );
    this.samples += 1;
  }

  report(): Report {
    const { graph, outputs } = this;
    const { program, values, costs } = this.lowered;
    const taken = program.inputs.map((port, j): InputReport => {
      const { lo, hi } = program.tensors[port.tensor]?.range ?? { lo: 0, hi: 0 };
      const source = this.sources.get(port.name);
      const value = values.get(port.name);
      const rescaled =
        value === undefined || value.form.terms.every((t) => t.tensor === port.tensor)
          ? null
          : { scale: value.scale, bits: bitsOf(value.range.lo, value.range.hi) };
      return {
        name: port.name,
        source: source === undefined ? null : { program: source.program, output: source.name },
        scale: port.scale,
        bits: bitsOf(lo, hi),
        rescaled,
        accuracy: (this.inputs[j] ?? new Comparison()).result(),
      };
    });
    const weightBits = new Map<number, number>();
    for (const { role, range, node } of program.tensors) {
      if (role !== 'model' || range === null) continue;
      weightBits.set(node, Math.max(weightBits.get(node) ?? 0, bitsOf(range.lo, range.hi)));
    }
    const layers = graph.nodes.map((node, i): LayerReport => {
      const value = values.get(node.output);
      const cost = costs[graph.inputs.length + i];
      const comparison = this.values.get(node.output);
      return {
        name: node.origin.name,
        operator: node.operator,
        shape: graph.values.get(node.output)?.shape ?? [],
        scale: value?.scale ?? null,
        weightBits: weightBits.get(graph.inputs.length + i) ?? null,
        bits: value === undefined ? null : bitsOf(value.range.lo, value.range.hi),
        committed: cost?.committed ?? 0,
        relations: cost?.relations ?? 0,
        lookups: cost?.lookups ?? 0,
        accuracy: comparison === undefined || comparison.empty ? null : comparison.result(),
      };
    });
    const compared = program.outputs.map((port, j): OutputReport => {
      const comparison = outputs[j] ?? new Comparison();
      return {
        name: port.name,
        ...comparison.result(),
        sameArgmax: comparison.sameArgmax,
        decided: comparison.decided,
      };
    });
    const { publicConstants } = this.lowered;
    const shown = publicConstants?.map(({ node, what }): PublicReport => {
      const origin = graph.nodes[node - graph.inputs.length]?.origin ?? program.nodes[node];
      return { node: origin?.name ?? '?', operator: origin?.operator ?? '?', what };
    });
    return {
      model: graph.name,
      samples: this.samples,
      inputs: taken,
      layers,
      tables: program.tables.map(({ name, rows, columns }) => ({
        name,
        rows,
        listed: columns.some((c) => c.kind === 'listed'),
      })),
      totals: {
        weights: program.tensors.reduce(
          (n, t) => n + (t.role === 'model' ? elementCount(t.shape) : 0),
          0,
        ),
        committed: costs.reduce((n, c) => n + c.committed, 0),
        lookups: costs.reduce((n, c) => n + c.lookups, 0),
        tableRows: program.tables.reduce((n, t) => n + t.rows, 0),
      },
      outputs: compared,
      ...(shown === undefined ? {} : { public: shown }),
      agrees: agrees(compared),
    };
  }
}

/** Mean cosine of an output from which the program is taken for the model. */
const COSINE = 0.9995;

/**
 * Whether a program is as good as its model on the samples: outputs point the same way, and the largest
 * element is the same wherever the float model decides it by more than `DECISIVE` of the span.
 */
const agrees = (outputs: readonly OutputReport[]): boolean =>
  outputs.every((o) => o.decided && (o.cosine === null || o.cosine >= COSINE));
