/** Sums over the integers: weights, biases and coefficients at a given unit, and what they can add up to. */
import { coarseRange, type Form, type Product, type Range } from '@assay/program';
import { roundHalfUp } from '../quantize/index.ts';
import { addForms, scaleForm, type ProgramBuilder } from './builder.ts';
import { LoweringError } from './errors.ts';
import type { Linear, ValueProduct, WeightProduct } from './linear.ts';
import { atomsOf, product } from './value.ts';
import type { AxisMap } from './views.ts';
import { same } from './views.ts';

interface FixedPart {
  readonly source: WeightProduct;
  readonly data: Int32Array;
}

interface OffsetPart {
  readonly data: Int32Array;
  readonly axes: readonly number[];
}

/** A linear sum in integers: real = unit · (everything here). */
export interface IntegerSum {
  readonly atoms: readonly number[];
  readonly weights: readonly FixedPart[];
  readonly products: readonly { readonly source: ValueProduct; readonly coefficient: number }[];
  readonly terms: readonly {
    readonly form: Form;
    readonly coefficient: number;
    readonly range: Range;
  }[];
  readonly offsets: readonly OffsetPart[];
  readonly constant: number;
  /** Largest |weight|. */
  readonly largestWeight: number;
}

const INT32 = 2 ** 31 - 1;

/** Rounds every constant of a sum to multiples of `unit`. */
export const toIntegers = (linear: Linear, unit: number): IntegerSum => {
  let largestWeight = 0;
  const round = (values: Float64Array, factor: number): Int32Array => {
    const data = new Int32Array(values.length);
    for (let i = 0; i < values.length; i += 1) {
      const v = roundHalfUp((values[i] ?? 0) * factor);
      if (Math.abs(v) > INT32)
        throw new LoweringError(
          'unbounded',
          `a constant needs ${v} at this resolution, beyond 32 bits`,
        );
      data[i] = v;
    }
    return data;
  };
  const weights: FixedPart[] = [];
  const products: { source: ValueProduct; coefficient: number }[] = [];
  for (const p of linear.products) {
    const factor = (p.coefficient * p.scale) / unit;
    if (p.kind === 'values') products.push({ source: p, coefficient: roundHalfUp(factor) });
    else {
      const data = round(p.weights, factor);
      for (const w of data) if (Math.abs(w) > largestWeight) largestWeight = Math.abs(w);
      weights.push({ source: p, data });
    }
  }
  return {
    atoms: atomsOf(linear),
    weights,
    products,
    terms: linear.terms.map((t) => ({
      form: t.form,
      coefficient: roundHalfUp((t.coefficient * t.scale) / unit),
      range: t.range,
    })),
    offsets: linear.offsets.map((o) => ({ data: round(o.data, 1 / unit), axes: o.axes })),
    constant: roundHalfUp(linear.constant / unit),
    largestWeight,
  };
};

const scaleRange = ({ lo, hi }: Range, factor: number): Range =>
  factor < 0 ? { lo: hi * factor, hi: lo * factor } : { lo: lo * factor, hi: hi * factor };

const add = (a: Range, b: Range): Range => ({ lo: a.lo + b.lo, hi: a.hi + b.hi });

/**
 * Interval of Σ weights·x + offsets, exact at every output index that the constants distinguish:
 *
 *   Σ_s max(w, 0)·lo + min(w, 0)·hi + bias  …  Σ_s max(w, 0)·hi + min(w, 0)·lo + bias
 */
const fixedRange = (sum: IntegerSum, operand: (part: FixedPart) => Range): Range => {
  const axes = [
    ...new Set([
      ...sum.weights.flatMap((w) => w.source.outAxes),
      ...sum.offsets.flatMap((o) => o.axes),
    ]),
  ].sort((a, b) => a - b);
  const lengths = axes.map((a) => sum.atoms[a] ?? 1);
  const size = product(lengths);
  const lo = new Float64Array(size);
  const hi = new Float64Array(size);
  /** Position in a tensor over `own` axes of each index over all `axes`. */
  const positions = (own: readonly number[]): Int32Array => {
    const strides = axes.map((a) => {
      const at = own.indexOf(a);
      return at < 0 ? 0 : product(own.slice(at + 1).map((b) => sum.atoms[b] ?? 1));
    });
    const at = new Int32Array(size);
    for (let flat = 0; flat < size; flat += 1) {
      let rest = flat;
      let p = 0;
      for (let i = axes.length - 1; i >= 0; i -= 1) {
        const length = lengths[i] ?? 1;
        p += (rest % length) * (strides[i] ?? 0);
        rest = Math.floor(rest / length);
      }
      at[flat] = p;
    }
    return at;
  };
  for (const part of sum.weights) {
    const x = operand(part);
    const outputs = product(part.source.outAxes.map((a) => sum.atoms[a] ?? 1));
    const low = new Float64Array(outputs);
    const high = new Float64Array(outputs);
    const { data } = part;
    for (let i = 0; i < data.length; i += 1) {
      const w = data[i] ?? 0;
      const o = i % outputs;
      low[o] = (low[o] ?? 0) + (w > 0 ? w * x.lo : w * x.hi);
      high[o] = (high[o] ?? 0) + (w > 0 ? w * x.hi : w * x.lo);
    }
    const at = positions(part.source.outAxes);
    for (let i = 0; i < size; i += 1) {
      lo[i] = (lo[i] ?? 0) + (low[at[i] ?? 0] ?? 0);
      hi[i] = (hi[i] ?? 0) + (high[at[i] ?? 0] ?? 0);
    }
  }
  for (const { data, axes: own } of sum.offsets) {
    const at = positions(own);
    for (let i = 0; i < size; i += 1) {
      const v = data[at[i] ?? 0] ?? 0;
      lo[i] = (lo[i] ?? 0) + v;
      hi[i] = (hi[i] ?? 0) + v;
    }
  }
  let range: Range = { lo: lo[0] ?? 0, hi: hi[0] ?? 0 };
  for (let i = 1; i < size; i += 1)
    range = { lo: Math.min(range.lo, lo[i] ?? 0), hi: Math.max(range.hi, hi[i] ?? 0) };
  return { lo: range.lo + 0, hi: range.hi + 0 };
};

/** Sums of fewer weights than this say too much of each: their intervals end at powers of two. */
const MANY_WEIGHTS = 16;

/** Constants of the model in one element of a sum. */
const weightsIn = ({ weights, offsets }: IntegerSum): number =>
  offsets.length + weights.reduce((n, { source }) => n + product(source.sums), 0);

/**
 * What the honest trace can reach. Where weights are private, their part is rounded outward.
 *
 * @param steps - of that rounding. @default the builder's, for sums of many weights
 */
export const honestRange = (
  { privateSteps }: ProgramBuilder,
  sum: IntegerSum,
  steps: number | null = privateSteps !== null && weightsIn(sum) < MANY_WEIGHTS ? 1 : privateSteps,
): Range => {
  const exact = fixedRange(sum, (part) => part.source.range);
  let range = add(steps === null ? exact : coarseRange(exact, steps), {
    lo: sum.constant,
    hi: sum.constant,
  });
  for (const { source, coefficient } of sum.products)
    range = add(range, scaleRange(source.range, coefficient * product(source.sums)));
  for (const t of sum.terms) range = add(range, scaleRange(t.range, t.coefficient));
  return range;
};

export interface EnforcedSum {
  /** Of products and constants of the model alone, where a relation declares it: powers of two for private weights. */
  readonly declared: Range | null;
  readonly total: Range;
}

/** What the program's relations let any prover reach. */
export const enforcedRange = (builder: ProgramBuilder, sum: IntegerSum): EnforcedSum => {
  const fixed = sum.weights.length > 0 || sum.offsets.length > 0;
  let total: Range = { lo: sum.constant, hi: sum.constant };
  let declared: Range | null = null;
  if (fixed && sum.products.length === 0) {
    const exact = fixedRange(sum, (part) =>
      builder.enforced(part.source.left, [...sum.atoms, ...part.source.sums]),
    );
    declared = builder.isPrivate ? coarseRange(exact) : exact;
    total = add(total, declared);
  } else {
    if (sum.weights.length > 0)
      throw new LoweringError(
        'unsupported',
        'a product with weights and one without them in one sum',
      );
    for (const o of sum.offsets) total = add(total, builder.modelRange(o.data));
    for (const { source, coefficient } of sum.products) {
      total = add(
        total,
        builder.enforcedProduct(
          { coefficient, sums: source.sums, left: source.left, right: source.right },
          sum.atoms,
        ),
      );
    }
  }
  for (const t of sum.terms)
    total = add(total, builder.enforced(scaleForm(t.form, t.coefficient), sum.atoms));
  return { declared, total };
};

/** Commits the constants and gives the sum as a relation's form and products. */
export const emitSum = (
  builder: ProgramBuilder,
  sum: IntegerSum,
): { readonly form: Form; readonly products: readonly Product[] } => {
  const products: Product[] = [];
  for (const [i, { source, data }] of sum.weights.entries()) {
    const shape = [...source.sums, ...source.outAxes.map((a) => sum.atoms[a] ?? 1)];
    const tensor = builder.model(i === 0 ? 'weights' : `weights${i}`, shape, data);
    const view: AxisMap[] = [
      ...source.sums.map((_, j) => same(sum.atoms.length + j)),
      ...source.outAxes.map((a) => same(a)),
    ];
    products.push({
      coefficient: 1,
      sums: source.sums,
      left: source.left,
      right: { terms: [{ tensor, coefficient: 1, view, sums: [] }], constant: 0 },
    });
  }
  for (const { source, coefficient } of sum.products) {
    if (coefficient !== 0)
      products.push({ coefficient, sums: source.sums, left: source.left, right: source.right });
  }
  let form: Form = { terms: [], constant: sum.constant };
  for (const t of sum.terms) form = addForms(form, t.form, t.coefficient);
  for (const [i, { data, axes }] of sum.offsets.entries()) {
    const tensor = builder.model(
      i === 0 ? 'bias' : `bias${i}`,
      axes.map((a) => sum.atoms[a] ?? 1),
      data,
    );
    form = addForms(form, {
      terms: [{ tensor, coefficient: 1, view: axes.map((a) => same(a)), sums: [] }],
      constant: 0,
    });
  }
  return { form, products };
};
