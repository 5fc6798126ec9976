/** Elementwise operators of several operands and views in float64: strided reads. */
import type { OperatorAttributes } from '../operators.ts';
import { broadcastStrides, forEachRow, sizeOf, stridesOf } from '../shape.ts';
import type { DenseTensor } from '../types.ts';

/** f(a, b) with broadcasting. */
export const binary = (
  a: DenseTensor,
  b: DenseTensor,
  shape: readonly number[],
  f: (a: number, b: number) => number,
): Float64Array => {
  const out = new Float64Array(sizeOf(shape));
  const aStrides = broadcastStrides(a.dims, shape);
  const bStrides = broadcastStrides(b.dims, shape);
  const aStep = aStrides.at(-1) ?? 0;
  const bStep = bStrides.at(-1) ?? 0;
  const length = shape.at(-1) ?? 1;
  forEachRow(shape, [aStrides, bStrides], (o, [a0 = 0, b0 = 0]) => {
    for (let i = 0; i < length; i += 1) {
      out[o + i] = f(a.data[a0 + i * aStep] ?? 0, b.data[b0 + i * bStep] ?? 0);
    }
  });
  return out;
};

/** out[index] = x[start + Σ index·strides]. */
const strided = (
  x: DenseTensor,
  shape: readonly number[],
  strides: readonly number[],
  start = 0,
): Float64Array => {
  const out = new Float64Array(sizeOf(shape));
  const step = strides.at(-1) ?? 0;
  const length = shape.at(-1) ?? 1;
  forEachRow(
    shape,
    [strides],
    (o, [from = 0]) => {
      for (let i = 0; i < length; i += 1) out[o + i] = x.data[from + i * step] ?? 0;
    },
    [start],
  );
  return out;
};

/** out[start + Σ index·strides] = x[index]. */
const scatter = (
  out: Float64Array,
  x: DenseTensor,
  strides: readonly number[],
  start: number,
): void => {
  const step = strides.at(-1) ?? 1;
  const length = x.dims.at(-1) ?? 1;
  forEachRow(
    x.dims,
    [strides],
    (from, [to = 0]) => {
      for (let i = 0; i < length; i += 1) out[to + i * step] = x.data[from + i] ?? 0;
    },
    [start],
  );
};

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, v, i) => sum + v * (b[i] ?? 0), 0);

export const expand = (x: DenseTensor, shape: readonly number[]): Float64Array =>
  strided(x, shape, broadcastStrides(x.dims, shape));

export const transpose = (
  { permutation }: OperatorAttributes['Transpose'],
  x: DenseTensor,
  shape: readonly number[],
): Float64Array => {
  const strides = stridesOf(x.dims);
  return strided(
    x,
    shape,
    permutation.map((axis) => strides[axis] ?? 0),
  );
};

export const slice = (
  { starts, steps }: OperatorAttributes['Slice'],
  x: DenseTensor,
  shape: readonly number[],
): Float64Array => {
  const strides = stridesOf(x.dims);
  return strided(
    x,
    shape,
    strides.map((s, axis) => s * (steps[axis] ?? 1)),
    dot(strides, starts),
  );
};

export const pad = (
  { padsBegin, value }: OperatorAttributes['Pad'],
  x: DenseTensor,
  shape: readonly number[],
): Float64Array => {
  const out = new Float64Array(sizeOf(shape)).fill(value);
  const strides = stridesOf(shape);
  scatter(out, x, strides, dot(strides, padsBegin));
  return out;
};

export const concat = (
  { axis }: OperatorAttributes['Concat'],
  inputs: readonly DenseTensor[],
  shape: readonly number[],
): Float64Array => {
  const out = new Float64Array(sizeOf(shape));
  const strides = stridesOf(shape);
  let position = 0;
  for (const x of inputs) {
    scatter(out, x, strides, position * (strides[axis] ?? 0));
    position += x.dims[axis] ?? 0;
  }
  return out;
};

export const gather = (
  { axis, indices }: OperatorAttributes['Gather'],
  x: DenseTensor,
  shape: readonly number[],
): Float64Array => {
  const out = new Float64Array(sizeOf(shape));
  const inner = sizeOf(x.dims.slice(axis + 1));
  const block = (x.dims[axis] ?? 0) * inner;
  let to = 0;
  for (let from = 0; from < x.data.length; from += block) {
    for (const index of indices) {
      out.set(x.data.subarray(from + index * inner, from + (index + 1) * inner), to);
      to += inner;
    }
  }
  return out;
};
