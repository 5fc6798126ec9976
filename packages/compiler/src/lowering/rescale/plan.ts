/** Where a rescale cuts: scale, shift and what the sum then can reach. */
import { P } from '@assay/core/field';
import { elementCount, type Range } from '@assay/program';
import { roundHalfUp, type Quantization } from '../../quantize/index.ts';
import { enforcedRange, honestRange, toIntegers, type IntegerSum } from '../accumulate.ts';
import type { ProgramBuilder } from '../builder.ts';
import { LoweringError } from '../errors.ts';
import type { Linear } from '../linear.ts';
import { MAX_FORMULA_ROWS, rowsOf } from '../tables.ts';

export interface RescaleOptions {
  /** s wherever it fits: the remainders of all sites share one table. */
  readonly shift: number;
  /** Largest range table for remainders: longer ones are committed in limbs of this many bits. */
  readonly limbBits: number;
  /**
   * A clamp may add this many table rows per element and at all; beyond, the key is split in blocks (two more
   * lookups per element, hardly any rows).
   */
  readonly clampRows: { readonly perElement: number; readonly free: number };
}

/** Matmul kernels take 16-bit weights. */
export const WEIGHT_LIMIT: number = 2 ** 15;
/** With a flexible scale a lone coefficient is made exact; it is at least this, so that the scale grows by less than 1/16. */
const COEFFICIENT = 16;
/** Rounding of coefficients may shift a result by this much of the output's resolution. */
const COEFFICIENT_ERROR = 0.5;
/** Largest shift that is looked at. */
const LONGEST_SHIFT = 28;

export interface Plan {
  readonly scale: number;
  readonly shift: number;
  readonly sum: IntegerSum;
  readonly declared: Range | null;
  /** Keys of the honest trace. */
  readonly keys: Range;
  /** Keys for which the relation cannot wrap. */
  readonly tolerated: Range;
  /** Whether there is room for a clamp by blocks of the target's range, which rounds keys up to whole blocks. */
  readonly blocks: boolean;
}

export const wraps = (keys: Range, tolerated: Range): boolean =>
  keys.lo < tolerated.lo || keys.hi > tolerated.hi;

export const planAt = (
  builder: ProgramBuilder,
  linear: Linear,
  scale: number,
  shift: number,
  steps?: number | null,
): Plan => {
  const sum = toIntegers(linear, scale / 2 ** shift);
  const unit = 2 ** shift;
  const half = shift === 0 ? 0 : unit / 2;
  const honest = honestRange(builder, sum, steps);
  const { declared, total } = enforcedRange(builder, sum);
  // The program format has no wider intervals.
  const declarable = declared === null || declared.hi - declared.lo < P;
  return {
    scale,
    shift,
    sum,
    declared,
    keys: { lo: Math.floor((honest.lo + half) / unit), hi: Math.floor((honest.hi + half) / unit) },
    tolerated: {
      lo: declarable ? Math.ceil((total.hi + half - P + 1) / unit) : Number.POSITIVE_INFINITY,
      hi: Math.floor((total.lo + half - (unit - 1) + P - 1) / unit),
    },
    blocks: false,
  };
};

/** Ratio of the output's scale to each coefficient of a sum without weights. */
export const ratios = (linear: Linear, scale: number): number[] => [
  ...linear.products.map((p) => Math.abs(p.coefficient * p.scale) / scale),
  ...linear.terms.map((t) => Math.abs(t.coefficient * t.scale) / scale),
];

/** What rounding the coefficients of a sum without weights can do to it, in units of the output's resolution. */
const coefficientError = (linear: Linear, scale: number, shift: number): number => {
  const unit = scale / 2 ** shift;
  let error = 0;
  for (const part of [...linear.products, ...linear.terms]) {
    const exact = (part.coefficient * part.scale) / unit;
    const count = 'sums' in part ? elementCount(part.sums) : 1;
    const reach = Math.max(Math.abs(part.range.lo), Math.abs(part.range.hi)) * count;
    error += Math.abs(roundHalfUp(exact) - exact) * reach;
  }
  return error / 2 ** shift;
};

/** What a plan has to leave room for. */
type Fit = (plan: Plan, range: Range) => boolean;

/** A clamp by blocks. */
const fitsBlocks: Fit = ({ keys, tolerated }, range) => {
  const block = rowsOf(range);
  return !wraps({ lo: keys.lo - block, hi: keys.hi + block }, tolerated);
};

/** A clamp by one table. */
const fitsTable: Fit = ({ keys, tolerated }) =>
  !wraps(keys, tolerated) && rowsOf(keys) <= MAX_FORMULA_ROWS;

/**
 * Chooses s: the shared shift where weights keep within 16 bits and nothing can wrap, less where not, more
 * where coefficients would lose too much to rounding. A lone coefficient with a flexible scale is made
 * exact by enlarging the scale. Null where nothing fits.
 */
const planWithin = (
  builder: ProgramBuilder,
  linear: Linear,
  target: Quantization & { readonly flexible: boolean },
  options: RescaleOptions,
  fits: Fit,
): Plan | null => {
  const { scale, range } = target;
  const all = ratios(linear, scale).filter((r) => r > 0);
  const [only] = all;
  const alike = only !== undefined && all.every((r) => Math.abs(r - only) <= 1e-12 * only);
  if (linear.products.some((p) => p.kind === 'weights')) {
    for (let { shift } = options; shift >= 0; shift -= 1) {
      const candidate = planAt(builder, linear, scale, shift);
      if (candidate.sum.largestWeight < WEIGHT_LIMIT && fits(candidate, range)) return candidate;
    }
  } else if (alike && target.flexible) {
    let shift = Math.max(options.shift, Math.ceil(Math.log2(COEFFICIENT / only)));
    for (; shift >= 0; shift -= 1) {
      const coefficient = Math.floor(only * 2 ** shift);
      if (coefficient < 1) break;
      const candidate = planAt(builder, linear, (scale * only * 2 ** shift) / coefficient, shift);
      if (fits(candidate, range)) return candidate;
    }
  } else {
    let best: { readonly plan: Plan; readonly error: number } | null = null;
    for (let shift = 0; shift <= LONGEST_SHIFT; shift += 1) {
      const error = coefficientError(linear, scale, shift);
      if (
        best !== null &&
        (error >= best.error || best.error <= COEFFICIENT_ERROR) &&
        shift !== options.shift
      )
        continue;
      const candidate = planAt(builder, linear, scale, shift);
      if (!fits(candidate, range)) break;
      // Exact without a remainder: nothing better.
      if (shift === 0 && error === 0) return candidate;
      // The shared shift is taken where it is good enough: its remainders have a table already.
      if (best === null || error < best.error || error <= COEFFICIENT_ERROR)
        best = { plan: candidate, error };
    }
    if (best !== null) return best.plan;
  }
  return null;
};

/**
 * Where the rescale of a sum cuts: with room for a clamp by blocks if that can be, else for one table.
 *
 * Errors: LoweringError 'unbounded' where no resolution keeps the sum inside the field.
 */
export const plan = (
  builder: ProgramBuilder,
  linear: Linear,
  target: Quantization & { readonly flexible: boolean },
  options: RescaleOptions,
): Plan => {
  const roomy = planWithin(builder, linear, target, options, fitsBlocks);
  if (roomy !== null) return { ...roomy, blocks: true };
  const tight = planWithin(builder, linear, target, options, fitsTable);
  if (tight !== null) return tight;
  const { scale } = target;
  const { keys } = planAt(builder, linear, scale, 0);
  throw new LoweringError(
    'unbounded',
    `the sum reaches [${keys.lo}, ${keys.hi}] at the coarsest resolution, more than the field holds`,
  );
};

/** Whether a product of values has to be settled at a scale of its own before it meets a given one. */
export const needsOwnScale = (linear: Linear, p: Plan): boolean =>
  linear.products.some((x) => x.kind === 'values') &&
  coefficientError(linear, p.scale, p.shift) > 2 * COEFFICIENT_ERROR;
