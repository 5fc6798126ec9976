/** Helpers of the linear operators: operands over (output atoms ++ sums), constants in storage order. */
import { elementCount, type Form, type Range } from '@assay/program';
import type { ProgramBuilder } from './builder.ts';
import { LoweringError } from './errors.ts';
import { materialise, atomsOf, remapForm, type Value } from './value.ts';
import { staysInside, type AxisMap } from './views.ts';

/** The value as a form over new axes; a copy is committed where the views do not compose. */
export const operand = (
  builder: ProgramBuilder,
  value: Value,
  to: readonly number[],
  maps: readonly AxisMap[],
): { readonly form: Form; readonly range: Range } => {
  const remap = { from: atomsOf(value), to, maps };
  const padded = maps.some((map, axis) => !staysInside(map, remap.from[axis] ?? 1, to));
  const range = padded
    ? { lo: Math.min(0, value.range.lo), hi: Math.max(0, value.range.hi) }
    : value.range;
  const form =
    remapForm(builder, value.form, remap) ??
    remapForm(builder, materialise(builder, value).form, remap);
  if (form === null)
    throw new LoweringError('unsupported', 'this rearrangement of elements is not a view');
  return { form, range };
};

/** A form over (dims ++ extra) summed over extra: a form over dims. */
export const sumForm = (form: Form, extra: readonly number[]): Form => ({
  terms: form.terms.map((t) => ({ ...t, sums: [...extra, ...t.sums] })),
  constant: form.constant * elementCount(extra),
});

/** Row-major data with its axes reordered. */
export const permuteData = (
  data: ArrayLike<number>,
  shape: readonly number[],
  permutation: readonly number[],
): Float64Array => {
  const strides = shape.map((_, i) => elementCount(shape.slice(i + 1)));
  const out = new Float64Array(data.length);
  const lengths = permutation.map((a) => shape[a] ?? 1);
  const steps = permutation.map((a) => strides[a] ?? 0);
  const index = new Array<number>(lengths.length).fill(0);
  let from = 0;
  for (let to = 0; to < out.length; to += 1) {
    out[to] = data[from] ?? 0;
    for (let axis = lengths.length - 1; axis >= 0; axis -= 1) {
      const i = (index[axis] ?? 0) + 1;
      if (i < (lengths[axis] ?? 1)) {
        index[axis] = i;
        from += steps[axis] ?? 0;
        break;
      }
      from -= (i - 1) * (steps[axis] ?? 0);
      index[axis] = 0;
    }
  }
  return out;
};
