/** Where a rescale cuts: scale, shift and what the sum then can reach. */
import { P } from '@assay/core/field';
import type { Range } from '@assay/program';
import type { Quantization } from '../../quantize/index.ts';
import { enforcedRange, honestRange, toIntegers, type IntegerSum } from '../accumulate.ts';
import type { ProgramBuilder } from '../builder.ts';
import { LoweringError } from '../errors.ts';
import type { Linear } from '../linear.ts';

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
/** Coefficients of sums without weights should not lose more than this to rounding: 1/16 of the output's resolution. */
const COEFFICIENT = 16;

export interface Plan {
  readonly scale: number;
  readonly shift: number;
  readonly sum: IntegerSum;
  readonly declared: Range | null;
  /** Keys of the honest trace. */
  readonly keys: Range;
  /** Keys for which the relation cannot wrap. */
  readonly tolerated: Range;
}

export const wraps = (keys: Range, tolerated: Range): boolean =>
  keys.lo < tolerated.lo || keys.hi > tolerated.hi;

export const planAt = (
  builder: ProgramBuilder,
  linear: Linear,
  scale: number,
  shift: number,
): Plan => {
  const sum = toIntegers(linear, scale / 2 ** shift);
  const unit = 2 ** shift;
  const half = shift === 0 ? 0 : unit / 2;
  const honest = honestRange(sum);
  const { declared, total } = enforcedRange(builder, sum);
  return {
    scale,
    shift,
    sum,
    declared,
    keys: { lo: Math.floor((honest.lo + half) / unit), hi: Math.floor((honest.hi + half) / unit) },
    tolerated: {
      lo: Math.ceil((total.hi + half - P + 1) / unit),
      hi: Math.floor((total.lo + half - (unit - 1) + P - 1) / unit),
    },
  };
};

/** Ratio of the output's scale to each coefficient of a sum without weights. */
export const ratios = (linear: Linear, scale: number): number[] => [
  ...linear.products.map((p) => Math.abs(p.coefficient * p.scale) / scale),
  ...linear.terms.map((t) => Math.abs(t.coefficient * t.scale) / scale),
];

/**
 * Chooses s: the shared shift where weights keep within 16 bits and nothing can wrap, less where not, more
 * where a coefficient would round to nothing. With one coefficient and a flexible scale, the scale is
 * enlarged until the coefficient is exact.
 */
export const plan = (
  builder: ProgramBuilder,
  linear: Linear,
  target: Quantization & { readonly flexible: boolean },
  options: RescaleOptions,
): Plan => {
  let { scale } = target;
  let { shift } = options;
  const weighted = linear.products.some((p) => p.kind === 'weights');
  if (!weighted) {
    const all = ratios(linear, scale).filter((r) => r > 0);
    const least = all.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    if (Number.isFinite(least)) shift = Math.max(shift, Math.ceil(Math.log2(COEFFICIENT / least)));
    const only = all[0];
    if (all.length === 1 && only !== undefined && target.flexible) {
      for (; shift >= 0; shift -= 1) {
        const coefficient = Math.floor(only * 2 ** shift);
        if (coefficient < 1) break;
        const snapped = (scale * only * 2 ** shift) / coefficient;
        const candidate = planAt(builder, linear, snapped, shift);
        if (!wraps(candidate.keys, candidate.tolerated)) return candidate;
      }
    }
  }
  for (; shift >= 0; shift -= 1) {
    const candidate = planAt(builder, linear, scale, shift);
    if (candidate.sum.largestWeight < WEIGHT_LIMIT && !wraps(candidate.keys, candidate.tolerated))
      return candidate;
  }
  const { keys } = planAt(builder, linear, scale, 0);
  throw new LoweringError(
    'unbounded',
    `the sum reaches [${keys.lo}, ${keys.hi}] at the coarsest resolution, more than the field holds`,
  );
};
