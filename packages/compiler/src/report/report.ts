import { elementCount, type Program, type TensorId } from '@assay/program';
import { execute, formEvaluator, quantizeInput } from '@assay/runtime';
import type { DenseTensor, FloatGraph } from '../graph/index.ts';
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
  readonly committed: number;
  readonly relations: number;
  readonly lookups: number;
  readonly accuracy: Accuracy | null;
}

export interface Report {
  readonly model: string;
  readonly samples: number;
  readonly layers: readonly LayerReport[];
  readonly tables: readonly { readonly name: string; readonly rows: number; readonly listed: boolean }[];
  readonly totals: { readonly weights: number; readonly committed: number; readonly lookups: number; readonly tableRows: number };
  readonly outputs: readonly (Accuracy & { readonly name: string; /** Samples whose largest element is the same one. */ readonly sameArgmax: number })[];
}

/** Compares one tensor sample by sample. */
class Comparison {
  private samples = 0;
  private cosines = 0;
  private undefinedCosines = 0;
  private maxError = 0;
  private lo = Number.POSITIVE_INFINITY;
  private hi = Number.NEGATIVE_INFINITY;
  sameArgmax = 0;

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
export const quantizeSample = (program: Program, sample: ReadonlyMap<string, DenseTensor>): Map<TensorId, Int32Array> =>
  new Map(program.inputs.map((port) => [port.tensor, quantizeInput(program, port, sample.get(port.name)?.data ?? []).values]));

/** Runs the program on the samples and compares every value that it holds with the float model. */
export const reportOn = (
  graph: FloatGraph,
  lowered: LoweredGraph,
  samples: readonly ReadonlyMap<string, DenseTensor>[],
  floats: readonly ReadonlyMap<string, DenseTensor>[],
): Report => {
  const { program, weights, values, costs } = lowered;
  const comparisons = new Map<string, Comparison>();
  const outputs = program.outputs.map(() => new Comparison());
  for (const [i, sample] of samples.entries()) {
    const trace = execute(program, weights, quantizeSample(program, sample), null);
    const evaluate = formEvaluator(program, trace);
    const expected = floats[i];
    for (const [name, value] of values) {
      const float = expected?.get(name);
      if (float === undefined) continue;
      const comparison = comparisons.get(name) ?? new Comparison();
      comparison.add(evaluate(value.form, atomsOf(value)), value.scale, float.data);
      comparisons.set(name, comparison);
    }
    for (const [j, port] of program.outputs.entries()) outputs[j]?.add(trace.get(port.tensor) ?? [], port.scale, expected?.get(port.name)?.data ?? []);
  }
  const inputs = graph.inputs.length;
  const layers = graph.nodes.map((node, i): LayerReport => {
    const value = values.get(node.output);
    const cost = costs[inputs + i];
    return {
      name: node.origin.name,
      operator: node.operator,
      shape: graph.values.get(node.output)?.shape ?? [],
      scale: value?.scale ?? null,
      bits: value === undefined ? null : bitsOf(value.range.lo, value.range.hi),
      committed: cost?.committed ?? 0,
      relations: cost?.relations ?? 0,
      lookups: cost?.lookups ?? 0,
      accuracy: comparisons.get(node.output)?.result() ?? null,
    };
  });
  return {
    model: graph.name,
    samples: samples.length,
    layers,
    tables: program.tables.map(({ name, rows, columns }) => ({ name, rows, listed: columns.some((c) => c.kind === 'listed') })),
    totals: {
      weights: program.tensors.reduce((n, t) => n + (t.role === 'model' ? elementCount(t.shape) : 0), 0),
      committed: costs.reduce((n, c) => n + c.committed, 0),
      lookups: costs.reduce((n, c) => n + c.lookups, 0),
      tableRows: program.tables.reduce((n, t) => n + t.rows, 0),
    },
    outputs: program.outputs.map((port, j) => {
      const comparison = outputs[j] ?? new Comparison();
      return { name: port.name, ...comparison.result(), sameArgmax: comparison.sameArgmax };
    }),
  };
};
