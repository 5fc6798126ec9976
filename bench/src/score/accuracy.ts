/** How the program's outputs agree with the float model's on the same inputs. */
export interface Accuracy {
  /** Share of samples with equal argmax; for a single output (regression) null. */
  readonly top1: number | null;
  /** Mean cosine of the output vectors. */
  readonly cosine: number;
  readonly samples: number;
  /** Samples whose two best float outputs are clearly apart, and those where they are not. */
  readonly apart: Agreement | null;
  readonly close: Agreement | null;
  /** Against the truth, where the samples are labelled. */
  readonly labelled: { readonly float: number; readonly program: number } | null;
  /** Coefficients of determination, where the samples have targets. */
  readonly determination: { readonly float: number; readonly program: number } | null;
}

export interface Agreement {
  readonly samples: number;
  readonly equal: number;
}

export interface Truth {
  readonly labels: readonly number[] | null;
  readonly targets: readonly number[] | null;
}

/** Share of the outputs' span from which on the gap between the two best counts as clear. */
export const CLEAR_GAP = 0.005;

/**
 * @param float - Outputs of the float model, one vector per sample.
 * @param program - Outputs of the program on the same samples.
 * @throws {RangeError} when the two do not match in size, or there is no sample
 */
export function accuracyOf(
  float: readonly Float32Array[],
  program: readonly Float32Array[],
  truth: Truth,
): Accuracy {
  const samples = float.length;
  if (samples === 0 || program.length !== samples) {
    throw new RangeError(`accuracyOf: expected ${samples} outputs, got ${program.length}`);
  }
  const pairs = float.map((vector, index) => {
    const other = program[index] ?? new Float32Array();
    if (other.length !== vector.length) {
      throw new RangeError(`accuracyOf: expected ${vector.length} values, got ${other.length}`);
    }
    return { float: vector, program: other, equal: argmax(vector) === argmax(other) };
  });
  const classes = pairs.every((pair) => pair.float.length > 1);
  const count = (some: typeof pairs): Agreement => ({
    samples: some.length,
    equal: some.filter((pair) => pair.equal).length,
  });
  const { labels, targets } = truth;
  return {
    top1: classes ? count(pairs).equal / samples : null,
    cosine: mean(pairs.map((pair) => cosine(pair.float, pair.program))),
    samples,
    apart: classes ? count(pairs.filter((pair) => isClear(pair.float))) : null,
    close: classes ? count(pairs.filter((pair) => !isClear(pair.float))) : null,
    labelled: labels && { float: hitRate(float, labels), program: hitRate(program, labels) },
    determination: targets && {
      float: determination(float, targets),
      program: determination(program, targets),
    },
  };
}

/** Index of the first maximum. */
export function argmax(values: Float32Array): number {
  return values.reduce((best, value, index) => (value > (values[best] ?? 0) ? index : best), 0);
}

/** ⟨a, b⟩ / (|a|·|b|); 1 when both are zero, 0 when one is. */
export function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array): number =>
    x.reduce((sum, value, index) => sum + value * (y[index] ?? 0), 0);
  const [aa, bb] = [dot(a, a), dot(b, b)];
  if (aa === 0 || bb === 0) return aa === bb ? 1 : 0;
  return dot(a, b) / Math.sqrt(aa * bb);
}

function isClear(values: Float32Array): boolean {
  const [best = 0, second = 0] = values.toSorted((a, b) => b - a);
  return best - second > CLEAR_GAP * (best - Math.min(...values));
}

function hitRate(outputs: readonly Float32Array[], labels: readonly number[]): number {
  return mean(outputs.map((output, index) => (argmax(output) === labels[index] ? 1 : 0)));
}

/** R² = 1 − Σ(y − ŷ)² / Σ(y − ȳ)². */
function determination(outputs: readonly Float32Array[], targets: readonly number[]): number {
  const center = mean(targets);
  const square = (x: number): number => x * x;
  const residual = mean(targets.map((target, i) => square(target - (outputs[i]?.[0] ?? 0))));
  return 1 - residual / mean(targets.map((target) => square(target - center)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
