/** Pooling, reductions and row operators in float64. */
import type { OperatorAttributes, Reduction, Windows } from '../operators.ts';
import { forEachRow, sizeOf, stridesOf } from '../shape.ts';
import type { DenseTensor } from '../types.ts';
import { lift } from './linear.ts';

/** Combines each window's real positions: y = ⊕ x[window]. */
const pool = (
  attributes: Windows,
  x: DenseTensor,
  shape: readonly number[],
  start: number,
  combine: (a: number, b: number) => number,
): Float64Array => {
  const [id, ih, iw] = lift(x.dims.slice(2), 1);
  const [od, oh, ow] = lift(shape.slice(2), 1);
  const [kd, kh, kw] = lift(attributes.kernel, 1);
  const [sd, sh, sw] = lift(attributes.strides, 1);
  const [dd, dh, dw] = lift(attributes.dilations, 1);
  const [pd, ph, pw] = lift(attributes.padsBegin, 0);
  const out = new Float64Array(sizeOf(shape));
  const positions = od * oh * ow;
  for (let y = 0; y < out.length; y += 1) {
    const x0 = Math.floor(y / positions) * id * ih * iw;
    const d0 = (Math.floor(y / (oh * ow)) % od) * sd - pd;
    const h0 = (Math.floor(y / ow) % oh) * sh - ph;
    const w0 = (y % ow) * sw - pw;
    let value = start;
    for (let a = 0; a < kd; a += 1) {
      const d = d0 + a * dd;
      if (d < 0 || d >= id) continue;
      for (let b = 0; b < kh; b += 1) {
        const h = h0 + b * dh;
        if (h < 0 || h >= ih) continue;
        for (let c = 0; c < kw; c += 1) {
          const w = w0 + c * dw;
          if (w < 0 || w >= iw) continue;
          value = combine(value, x.data[x0 + (d * ih + h) * iw + w] ?? 0);
        }
      }
    }
    out[y] = value;
  }
  return out;
};

const add = (a: number, b: number): number => a + b;
const larger = (a: number, b: number): number => (b > a || Number.isNaN(b) ? b : a);
const smaller = (a: number, b: number): number => (b < a || Number.isNaN(b) ? b : a);

export const maxPool = (
  attributes: Windows,
  x: DenseTensor,
  shape: readonly number[],
): Float64Array => pool(attributes, x, shape, Number.NEGATIVE_INFINITY, larger);

export const averagePool = (
  attributes: OperatorAttributes['AveragePool'],
  x: DenseTensor,
  shape: readonly number[],
): Float64Array => {
  const out = pool(attributes, x, shape, 0, add);
  const spatial = shape.slice(2);
  const strides = stridesOf(spatial);
  const positions = sizeOf(spatial);
  return out.map((sum, y) => {
    const position = y % positions;
    const divisor = attributes.divisors.reduce((n, counts, i) => {
      const index = Math.floor(position / (strides[i] ?? 1)) % (spatial[i] ?? 1);
      return n * (counts[index] ?? 1);
    }, 1);
    return sum / divisor;
  });
};

/** Combines over `axes`; the elements of the output in row-major order. */
const reduce = (
  axes: readonly number[],
  x: DenseTensor,
  start: number,
  combine: (a: number, b: number) => number,
): Float64Array => {
  const kept = x.dims.map((d, axis) => (axes.includes(axis) ? 1 : d));
  const strides = stridesOf(kept).map((s, axis) => (axes.includes(axis) ? 0 : s));
  const out = new Float64Array(sizeOf(kept)).fill(start);
  const length = x.dims.at(-1) ?? 1;
  const step = strides.at(-1) ?? 0;
  forEachRow(x.dims, [strides], (from, [to = 0]) => {
    for (let i = 0; i < length; i += 1) {
      const o = to + i * step;
      out[o] = combine(out[o] ?? 0, x.data[from + i] ?? 0);
    }
  });
  return out;
};

export const reduceSum = ({ axes }: Reduction, x: DenseTensor): Float64Array =>
  reduce(axes, x, 0, add);

export const reduceMean = ({ axes }: Reduction, x: DenseTensor): Float64Array => {
  const count = axes.reduce((n, axis) => n * (x.dims[axis] ?? 1), 1);
  return reduce(axes, x, 0, add).map((sum) => sum / count);
};

export const reduceMax = ({ axes }: Reduction, x: DenseTensor): Float64Array =>
  reduce(axes, x, Number.NEGATIVE_INFINITY, larger);

export const reduceMin = ({ axes }: Reduction, x: DenseTensor): Float64Array =>
  reduce(axes, x, Number.POSITIVE_INFINITY, smaller);

/** For constants only: no canonical operator multiplies over an axis. */
export const reduceProduct = ({ axes }: Reduction, x: DenseTensor): Float64Array =>
  reduce(axes, x, 1, (a, b) => a * b);

/** Index of the first maximum. */
export const argMax = ({ axis }: OperatorAttributes['ArgMax'], x: DenseTensor): Float64Array => {
  const length = x.dims[axis] ?? 1;
  const inner = sizeOf(x.dims.slice(axis + 1));
  const out = new Float64Array(x.data.length / length);
  for (let o = 0; o < out.length; o += 1) {
    const base = Math.floor(o / inner) * length * inner + (o % inner);
    let best = 0;
    for (let i = 1; i < length; i += 1) {
      if ((x.data[base + i * inner] ?? 0) > (x.data[base + best * inner] ?? 0)) best = i;
    }
    out[o] = best;
  }
  return out;
};

/** e^(x − max) / Σ or x − max − log Σ, by rows. */
export const softmax = (x: DenseTensor, logarithm: boolean): Float64Array => {
  const length = x.dims.at(-1) ?? 1;
  const out = new Float64Array(x.data.length);
  for (let start = 0; start < out.length; start += length) {
    const row = x.data.subarray(start, start + length);
    const top = row.reduce(larger, Number.NEGATIVE_INFINITY);
    const sum = row.reduce((total, v) => total + Math.exp(v - top), 0);
    for (let i = 0; i < length; i += 1) {
      const d = (row[i] ?? 0) - top;
      out[start + i] = logarithm ? d - Math.log(sum) : Math.exp(d) / sum;
    }
  }
  return out;
};
