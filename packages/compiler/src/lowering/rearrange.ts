/**
 * Rearrangements of a value's elements. All of them are views where views compose, else of a committed copy.
 */
import type { Form, Term } from '@assay/program';
import type { ProgramBuilder } from './builder.ts';
import { LoweringError } from './errors.ts';
import {
  asTensor,
  atomOffsets,
  atomsOf,
  materialise,
  plainDims,
  product,
  remapForm,
  remapValue,
  zeroHull,
  type Value,
} from './value.ts';
import { at, fromIndices, isReadable, reshapeFactors, same, type AxisMap } from './views.ts';

/** Splits atoms; `pieces[a]` multiply to the length of atom a. Index lists along a split atom need a copy. */
const splitAtoms = (
  builder: ProgramBuilder,
  value: Value,
  pieces: readonly (readonly number[])[],
  dims: readonly (readonly number[])[],
): Value => {
  let axis = 0;
  const maps = pieces.map((lengths): AxisMap => {
    let stride = product(lengths);
    const strides = lengths.map((length) => {
      stride /= length;
      return { axis: axis++, stride };
    });
    return { kind: 'affine', offset: 0, strides };
  });
  return remapValue(builder, value, dims, maps);
};

/** Divisor chain that refines two factorisations of one number, or null. */
const refine = (a: readonly number[], b: readonly number[]): number[] | null => {
  const cuts = new Set<number>();
  for (const lengths of [a, b]) {
    let n = 1;
    for (const d of [...lengths].reverse()) cuts.add((n *= d));
  }
  const sorted = [...cuts].sort((x, y) => x - y);
  const lengths: number[] = [];
  let previous = 1;
  for (const cut of sorted) {
    if (cut === 1) continue;
    if (cut % previous !== 0) return null;
    lengths.unshift(cut / previous);
    previous = cut;
  }
  return lengths;
};

/** For each of the coarse lengths, the consecutive fine ones that multiply to it. */
const groupsOf = (coarse: readonly number[], fine: readonly number[]): number[][] => {
  let next = 0;
  return coarse.map((length) => {
    const group: number[] = [];
    for (let n = 1; n < length; n *= group.at(-1) ?? 1) group.push(fine[next++] ?? length);
    return group;
  });
};

const atLeastTwo = (lengths: readonly number[]): number[] => lengths.filter((d) => d !== 1);

/** Same elements, row major, over a new shape. Free where dimensions are grouped or split, else a carry view. */
export const reshapeValue = (
  builder: ProgramBuilder,
  value: Value,
  shape: readonly number[],
): Value => {
  const atoms = atomsOf(value);
  const fine = refine(atoms, atLeastTwo(shape));
  if (fine !== null) {
    const split = splitAtoms(builder, value, groupsOf(atoms, fine), [fine]);
    return { ...split, dims: groupsOf(shape, fine) };
  }
  const lengths = atLeastTwo(shape);
  return { ...value, dims: plainDims(shape), form: carryView(builder, value, lengths) };
};

/**
 * The value's elements, row major, over other lengths: a carry view of a whole tensor, by way of a copy
 * along one axis where it would cover more axes than the program format allows.
 */
const carryView = (builder: ProgramBuilder, value: Value, lengths: readonly number[]): Form => {
  if (value.form.terms.length === 0) return value.form;
  const tensor = asTensor(builder, value);
  const axes = lengths.map((_, axis) => axis);
  const view = reshapeFactors(atomsOf(value), axes, lengths);
  if (isReadable(view)) return { terms: [{ tensor, coefficient: 1, view, sums: [] }], constant: 0 };
  const size = [product(lengths)];
  const flat = {
    terms: [{ tensor, coefficient: 1, view: reshapeFactors(atomsOf(value), [0], size), sums: [] }],
    constant: 0,
  };
  const copy = asTensor(builder, materialise(builder, { ...value, dims: [size], form: flat }));
  return {
    terms: [{ tensor: copy, coefficient: 1, view: reshapeFactors(size, axes, lengths), sums: [] }],
    constant: 0,
  };
};

/** The value with one atom per dimension (at most), where possible as a view. */
export const plainValue = (
  builder: ProgramBuilder,
  value: Value,
  only: readonly number[] = value.dims.map((_, d) => d),
): Value => {
  if (only.every((d) => (value.dims[d]?.length ?? 0) <= 1)) return value;
  const dims = value.dims.map((atoms, d) =>
    only.includes(d) && atoms.length > 1 ? [product(atoms)] : atoms,
  );
  const merged = mergeForm(value, dims);
  if (merged !== null) return merged;
  return { ...value, dims, form: carryView(builder, value, dims.flat()) };
};

/** Merges the atoms of dimensions where every term reads them as one run of one storage axis. */
const mergeForm = (value: Value, dims: readonly (readonly number[])[]): Value | null => {
  const starts = atomOffsets(value.dims);
  const lengths = atomsOf(value);
  let axis = 0;
  const target = new Map<number, { readonly axis: number; readonly stride: number }>();
  dims.forEach((atoms, d) => {
    const count = value.dims[d]?.length ?? 0;
    const merged = atoms.length < count;
    let stride = product(value.dims[d] ?? []);
    for (let i = 0; i < count; i += 1) {
      stride /= lengths[(starts[d] ?? 0) + i] ?? 1;
      target.set((starts[d] ?? 0) + i, { axis, stride: merged ? stride : 1 });
      if (!merged) axis += 1;
    }
    if (merged) axis += 1;
  });
  const to = dims.flat();
  const terms: Term[] = [];
  for (const t of value.form.terms) {
    const view: AxisMap[] = [];
    for (const factor of t.view) {
      if (factor.kind === 'reshape') return null;
      if (factor.kind === 'gather') {
        const move = target.get(factor.axis);
        if (move === undefined || move.stride !== 1 || to[move.axis] !== lengths[factor.axis])
          return null;
        view.push({ ...factor, axis: move.axis });
        continue;
      }
      const parts = new Map<number, { ratio: number; covered: number }>();
      for (const { axis: old, stride } of factor.strides) {
        const move = target.get(old);
        const sum = old - lengths.length;
        if (move === undefined) {
          parts.set(to.length + sum, { ratio: stride, covered: 1 });
          continue;
        }
        const ratio = stride / move.stride;
        const known = parts.get(move.axis);
        if (known !== undefined && known.ratio !== ratio) return null;
        parts.set(move.axis, { ratio, covered: (known?.covered ?? 1) * (lengths[old] ?? 1) });
      }
      for (const [a, { covered }] of parts) if (a < to.length && covered !== to[a]) return null;
      view.push({
        kind: 'affine',
        offset: factor.offset,
        strides: [...parts].map(([a, { ratio }]) => ({ axis: a, stride: ratio })),
      });
    }
    const used = view.flatMap((f) =>
      f.kind === 'gather' ? [f.axis] : f.strides.map((s) => s.axis),
    );
    if (new Set(used).size !== used.length) return null;
    terms.push({ ...t, view });
  }
  return { ...value, dims, form: { terms, constant: value.form.constant } };
};

/** Output dimension i is input dimension permutation[i]. */
export const transposeValue = (
  builder: ProgramBuilder,
  value: Value,
  permutation: readonly number[],
): Value => {
  const dims = permutation.map((d) => value.dims[d] ?? []);
  const newStarts = atomOffsets(dims);
  const maps = value.dims.flatMap((atoms, d) =>
    atoms.map((_, i) => same((newStarts[permutation.indexOf(d)] ?? 0) + i)),
  );
  return remapValue(builder, value, dims, maps);
};

/** Along one dimension, position i reads index `indices[i]`, −1 zero. */
export const gatherValue = (
  builder: ProgramBuilder,
  value: Value,
  dim: number,
  indices: readonly number[],
): Value => {
  const plain = plainValue(builder, value, [dim]);
  const axis = atomOffsets(plain.dims)[dim] ?? 0;
  const length = product(plain.dims[dim] ?? []);
  const only = indices.length === 1;
  const dims = plain.dims.map((atoms, d) =>
    d === dim ? plainDims([indices.length]).flat() : atoms,
  );
  if (length === 1) {
    // No atom to read along: repeated elements are a broadcast, zeros need an indicator.
    if (indices.every((i) => i === 0)) {
      const maps = atomsOf(plain).map((_, a) => same(a < axis || only ? a : a + 1));
      return remapValue(builder, plain, dims, maps);
    }
    return zeroExtend(builder, plain, dim, indices);
  }
  const maps = atomsOf(plain).map((_, a): AxisMap => {
    if (a < axis) return same(a);
    if (a > axis) return same(only ? a - 1 : a);
    return only ? at(indices[0] ?? -1) : fromIndices(axis, indices, length);
  });
  return remapValue(builder, plain, dims, maps);
};

/** A dimension of length 1 stretched with zeros: the copy is stored with that axis, so that a factor can read zero. */
const zeroExtend = (
  builder: ProgramBuilder,
  value: Value,
  dim: number,
  indices: readonly number[],
): Value => {
  const axis = atomOffsets(value.dims)[dim] ?? 0;
  const atoms = atomsOf(value);
  const stored = [...atoms.slice(0, axis), 1, ...atoms.slice(axis)];
  const maps = atoms.map((_, a) => same(a < axis ? a : a + 1));
  const form = remapForm(builder, value.form, { from: atoms, to: stored, maps });
  if (form === null)
    throw new LoweringError('unsupported', 'this rearrangement of elements is not a view');
  const held = materialise(builder, { ...value, dims: [stored], form });
  const dims = value.dims.map((lengths, d) => (d === dim ? [indices.length] : lengths));
  const extended = stored.map(
    (_, a): AxisMap => (a === axis ? { kind: 'gather', axis, indices } : same(a)),
  );
  const read = remapForm(builder, held.form, { from: stored, to: dims.flat(), maps: extended });
  if (read === null)
    throw new LoweringError('unsupported', 'this rearrangement of elements is not a view');
  return { ...value, dims, form: read, range: zeroHull(value.range) };
};

/** numpy broadcast to a shape. */
export const expandValue = (
  builder: ProgramBuilder,
  value: Value,
  shape: readonly number[],
): Value => {
  const lead = shape.length - value.dims.length;
  const padded = [...new Array<readonly number[]>(lead).fill([]), ...value.dims];
  const dims = padded.map((atoms, d) =>
    product(atoms) === 1 ? plainDims([shape[d] ?? 1]).flat() : atoms,
  );
  const starts = atomOffsets(dims);
  const maps = padded.flatMap((atoms, d) => atoms.map((_, i) => same((starts[d] ?? 0) + i)));
  return remapValue(builder, value, dims, maps);
};

/** One dimension as exactly these factors (those of length 1 have no atom); a copy where its atoms do not refine them. */
export const splitDim = (
  builder: ProgramBuilder,
  value: Value,
  dim: number,
  lengths: readonly number[],
): Value => {
  const wanted = atLeastTwo(lengths);
  const own = value.dims[dim] ?? [];
  if (JSON.stringify(own) === JSON.stringify(wanted)) return value;
  const plain = plainValue(builder, value, [dim]);
  const dims = plain.dims.map((atoms, d) => (d === dim ? wanted : atoms));
  const pieces = plain.dims.flatMap((atoms, d) =>
    d === dim && atoms.length > 0 ? [wanted] : atoms.map((n) => [n]),
  );
  return splitAtoms(builder, plain, pieces, dims);
};

/** Values of equal shape over common atoms. */
export const alignValues = (builder: ProgramBuilder, values: readonly Value[]): Value[] => {
  const first = values[0];
  if (first === undefined) return [];
  const common = first.dims.map((_, d): number[] | null => {
    let lengths: number[] | null = [...(first.dims[d] ?? [])];
    for (const value of values.slice(1))
      lengths = lengths === null ? null : refine(lengths, value.dims[d] ?? []);
    return lengths;
  });
  return values.map((value) => {
    const clash = common.flatMap((lengths, d) => (lengths === null ? [d] : []));
    const plain = plainValue(builder, value, clash);
    const dims = plain.dims.map((atoms, d) => common[d] ?? atoms);
    if (JSON.stringify(dims) === JSON.stringify(plain.dims)) return plain;
    const pieces = plain.dims.flatMap((atoms, d) => groupsOf(atoms, dims[d] ?? []));
    return splitAtoms(builder, plain, pieces, dims);
  });
};

/** Sum of one value's integers and another's at equal scales, both over the same atoms. */
export const concatValues = (
  builder: ProgramBuilder,
  values: readonly Value[],
  dim: number,
): Value => {
  const first = values[0];
  if (first === undefined) throw new TypeError('concatValues: expected values');
  const lengths = values.map((v) => product(v.dims[dim] ?? []));
  const total = lengths.reduce((a, b) => a + b, 0);
  let start = 0;
  const parts = values.map((value, i) => {
    const length = lengths[i] ?? 1;
    const indices = Array.from({ length: total }, (_, j) =>
      j >= start && j < start + length ? j - start : -1,
    );
    start += length;
    return gatherValue(builder, value, dim, indices);
  });
  const aligned = alignValues(builder, parts);
  return {
    dims: aligned[0]?.dims ?? [],
    form: {
      terms: aligned.flatMap((v) => v.form.terms),
      constant: aligned.reduce((s, v) => s + v.form.constant, 0),
    },
    scale: first.scale,
    range: values.reduce(
      (r, v) => ({ lo: Math.min(r.lo, v.range.lo), hi: Math.max(r.hi, v.range.hi) }),
      first.range,
    ),
  };
};
