/**
 * Quantized tensors while lowering: real ≈ scale · form, where the form reads committed tensors through
 * views. Moving elements only changes the form. A logical dimension is a product of atoms (axes of the
 * form), so that a reshape that groups or splits dimensions costs nothing either; dimensions of length 1
 * have no atoms.
 */
import { wholeAxes, type Form, type Range, type TensorId, type Term } from '@assay/program';
import { scaleForm, whole, type ProgramBuilder } from './builder.ts';
import { LoweringError } from './errors.ts';
import { remapView, same, staysInside, type AxisMap, type Remap } from './views.ts';

export interface Value {
  /** Atom lengths (≥ 2) by logical dimension. */
  readonly dims: readonly (readonly number[])[];
  /** Over all atoms in order. */
  readonly form: Form;
  /** real = scale · integer. */
  readonly scale: number;
  /** Holds every element for every admissible input, if the trace is the honest one. */
  readonly range: Range;
}

export const product = (lengths: readonly number[]): number => lengths.reduce((n, d) => n * d, 1);

export const shapeOf = (value: { readonly dims: readonly (readonly number[])[] }): number[] =>
  value.dims.map(product);

export const atomsOf = (value: { readonly dims: readonly (readonly number[])[] }): number[] =>
  value.dims.flat();

/** One atom per dimension. */
export const plainDims = (shape: readonly number[]): number[][] =>
  shape.map((d) => (d === 1 ? [] : [d]));

/** Atom index of the first atom of each dimension. */
export const atomOffsets = (dims: readonly (readonly number[])[]): number[] => {
  let offset = 0;
  return dims.map((atoms) => {
    const first = offset;
    offset += atoms.length;
    return first;
  });
};

export const zeroHull = (range: Range): Range => ({
  lo: Math.min(0, range.lo),
  hi: Math.max(0, range.hi),
});

/** A map with its sums appended as axes that stay. */
const withSums = (remap: Remap, sums: readonly number[]): Remap => ({
  from: [...remap.from, ...sums],
  to: [...remap.to, ...sums],
  maps: [...remap.maps, ...sums.map((_, j) => same(remap.to.length + j))],
});

/** Where a constant is when its axes are read beyond their ends: a view of ones. */
const spread = (builder: ProgramBuilder, constant: number, remap: Remap): Form => {
  const padded = remap.maps.flatMap((map, axis) =>
    staysInside(map, remap.from[axis] ?? 1, remap.to)
      ? []
      : [{ map, length: remap.from[axis] ?? 1 }],
  );
  if (constant === 0 || padded.length === 0) return { terms: [], constant };
  const shape: number[] = [];
  const view = padded.map(({ map, length }): AxisMap => {
    const axis = map.kind === 'gather' ? map.axis : map.strides[0]?.axis;
    if (map.kind === 'affine' && (map.strides.length > 1 || axis === undefined)) {
      shape.push(length);
      return map;
    }
    shape.push(1);
    const read = (i: number): number => {
      if (map.kind === 'gather') return map.indices[i] ?? -1;
      return map.offset + (map.strides[0]?.stride ?? 0) * i;
    };
    const indices = Array.from({ length: remap.to[axis ?? 0] ?? 1 }, (_, i) =>
      read(i) >= 0 && read(i) < length ? 0 : -1,
    );
    return { kind: 'gather', axis: axis ?? 0, indices };
  });
  const ones = builder.indicator(shape);
  return { terms: [{ tensor: ones, coefficient: constant, view, sums: [] }], constant: 0 };
};

/** The form over new axes, or null if some term cannot be read that way. */
export const remapForm = (builder: ProgramBuilder, form: Form, remap: Remap): Form | null => {
  const terms: Term[] = [];
  for (const t of form.terms) {
    const shape = builder.tensors[t.tensor]?.shape ?? [];
    const view = remapView(t.view, shape, withSums(remap, t.sums));
    if (view === null) return null;
    terms.push({ ...t, view });
  }
  const rest = spread(builder, form.constant, remap);
  return { terms: [...terms, ...rest.terms], constant: rest.constant };
};

/**
 * Commits a copy, read as it is stored: for views that do not compose.
 *
 *   copy − form = 0
 */
export const materialise = (
  builder: ProgramBuilder,
  value: Value,
  what = 'copy',
  output: Range | null = null,
): Value => {
  const atoms = atomsOf(value);
  const copy = builder.value(what, atoms, output);
  const form = whole(copy, atoms);
  const rest = builder.enforced(value.form, atoms);
  if (output === null) builder.define(copy, rest);
  const relation = builder.zero(atoms, {
    terms: [...form.terms, ...scaleForm(value.form, -1).terms],
    constant: -value.form.constant,
  });
  builder.step({ kind: 'digits', relation, outputs: [{ tensor: copy, low: 0 }] });
  return { ...value, form };
};

/** The tensor that a value is, as it is stored over its atoms; null for any other form. */
export const wholeTensor = (builder: ProgramBuilder, value: Value): TensorId | null => {
  const [only] = value.form.terms;
  if (
    only === undefined ||
    value.form.terms.length !== 1 ||
    value.form.constant !== 0 ||
    only.coefficient !== 1 ||
    only.sums.length > 0
  )
    return null;
  const axes = wholeAxes(only.view, builder.tensors[only.tensor]?.shape ?? [], atomsOf(value));
  const whole =
    axes !== null &&
    axes.length === atomsOf(value).length &&
    axes.every((axis, position) => axis === position);
  return whole ? only.tensor : null;
};

/** The value as a whole tensor, a copy where it is not one. */
export const asTensor = (builder: ProgramBuilder, value: Value): TensorId => {
  const tensor = wholeTensor(builder, value) ?? wholeTensor(builder, materialise(builder, value));
  if (tensor === null) throw new TypeError('asTensor: expected a whole copy');
  return tensor;
};

/** The value over new atoms. Commits a copy where the views do not compose. */
export const remapValue = (
  builder: ProgramBuilder,
  value: Value,
  dims: readonly (readonly number[])[],
  maps: readonly AxisMap[],
): Value => {
  const remap: Remap = { from: atomsOf(value), to: dims.flat(), maps };
  const padded = maps.some((map, axis) => !staysInside(map, remap.from[axis] ?? 1, remap.to));
  const range = padded ? zeroHull(value.range) : value.range;
  const direct = remapForm(builder, value.form, remap);
  if (direct !== null) return { ...value, dims, form: direct, range };
  const copy = materialise(builder, value);
  const form = remapForm(builder, copy.form, remap);
  if (form === null)
    throw new LoweringError('unsupported', 'this rearrangement of elements is not a view');
  return { ...value, dims, form, range };
};
