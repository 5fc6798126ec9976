/** Matrix product and convolution in float64. */
import type { OperatorAttributes } from '../operators.ts';
import { broadcastStrides, forEachRow, sizeOf } from '../shape.ts';
import type { DenseTensor } from '../types.ts';

/** out[target] += x broadcast to `target`. */
export const addBroadcast = (
  out: Float64Array,
  target: readonly number[],
  x: DenseTensor,
): void => {
  const strides = broadcastStrides(x.dims, target);
  const step = strides.at(-1) ?? 0;
  const length = target.at(-1) ?? 1;
  forEachRow(target, [strides], (o, [from = 0]) => {
    for (let i = 0; i < length; i += 1)
      out[o + i] = (out[o + i] ?? 0) + (x.data[from + i * step] ?? 0);
  });
};

/** op(A)·op(B) + C. Cost: one multiply-add per term; A's zeros are skipped. */
export const matMul = (
  { transposeA, transposeB }: OperatorAttributes['MatMul'],
  inputs: readonly [DenseTensor, DenseTensor, DenseTensor?],
  shape: readonly number[],
): Float64Array => {
  const [a, b, c] = inputs;
  const out = new Float64Array(sizeOf(shape));
  const m = shape.at(-2) ?? 1;
  const n = shape.at(-1) ?? 1;
  const inner = a.dims.at(transposeA ? -2 : -1) ?? 1;
  const [aRow, aCol] = transposeA ? [1, m] : [inner, 1];
  const [bRow, bCol] = transposeB ? [1, inner] : [n, 1];
  const batch = shape.slice(0, -2);
  // Batches are rows of length 1: an extra axis makes forEachRow visit each of them.
  const scaled = (dims: readonly number[], size: number): number[] => [
    ...broadcastStrides(dims.slice(0, -2), batch).map((s) => s * size),
    0,
  ];
  const aStrides = scaled(a.dims, m * inner);
  const bStrides = scaled(b.dims, n * inner);
  forEachRow([...batch, 1], [aStrides, bStrides], (index, [a0 = 0, b0 = 0]) => {
    const o0 = index * m * n;
    for (let i = 0; i < m; i += 1) {
      for (let k = 0; k < inner; k += 1) {
        const factor = a.data[a0 + i * aRow + k * aCol] ?? 0;
        if (factor === 0) continue;
        const from = b0 + k * bRow;
        const to = o0 + i * n;
        for (let j = 0; j < n; j += 1) {
          out[to + j] = (out[to + j] ?? 0) + factor * (b.data[from + j * bCol] ?? 0);
        }
      }
    }
  });
  if (c !== undefined) addBroadcast(out, shape, c);
  return out;
};

/** [first, last + 1) of the output positions whose input position o·stride + shift lies in [0, length). */
const validRange = (
  count: number,
  stride: number,
  shift: number,
  length: number,
): readonly [number, number] => [
  Math.max(0, Math.ceil(-shift / stride)),
  Math.min(count, Math.floor((length - 1 - shift) / stride) + 1),
];

/** Lists of spatial attributes as three, filled in front: 1-D and 2-D are 3-D with leading length 1. */
export const lift = (values: readonly number[], fill: number): [number, number, number] => {
  const [a = fill, b = fill, c = fill] = [
    ...new Array<number>(3 - values.length).fill(fill),
    ...values,
  ];
  return [a, b, c];
};

/** Convolution: adds each weight times a shifted, strided run of the input to a run of the output. */
export const conv = (
  attributes: OperatorAttributes['Conv'],
  inputs: readonly [DenseTensor, DenseTensor, DenseTensor?],
  shape: readonly number[],
): Float64Array => {
  const [x, w, bias] = inputs;
  const [batch = 1, channels = 1] = x.dims;
  const [m = 1, perGroup = 1] = w.dims;
  const [id, ih, iw] = lift(x.dims.slice(2), 1);
  const [od, oh, ow] = lift(shape.slice(2), 1);
  const [kd, kh, kw] = lift(attributes.kernel, 1);
  const [sd, sh, sw] = lift(attributes.strides, 1);
  const [dd, dh, dw] = lift(attributes.dilations, 1);
  const [pd, ph, pw] = lift(attributes.padsBegin, 0);
  const out = new Float64Array(sizeOf(shape));
  const xSize = id * ih * iw;
  const ySize = od * oh * ow;
  for (let image = 0; image < batch; image += 1) {
    for (let o = 0; o < m; o += 1) {
      const y0 = (image * m + o) * ySize;
      out.fill(bias?.data[o] ?? 0, y0, y0 + ySize);
      const group = Math.floor(o / (m / attributes.group));
      for (let c = 0; c < perGroup; c += 1) {
        const x0 = (image * channels + group * perGroup + c) * xSize;
        for (let k = 0; k < kd * kh * kw; k += 1) {
          const weight = w.data[(o * perGroup + c) * kd * kh * kw + k] ?? 0;
          if (weight === 0) continue;
          const shiftD = Math.floor(k / (kh * kw)) * dd - pd;
          const shiftH = (Math.floor(k / kw) % kh) * dh - ph;
          const shiftW = (k % kw) * dw - pw;
          const [d1, d2] = validRange(od, sd, shiftD, id);
          const [h1, h2] = validRange(oh, sh, shiftH, ih);
          const [w1, w2] = validRange(ow, sw, shiftW, iw);
          for (let d = d1; d < d2; d += 1) {
            for (let h = h1; h < h2; h += 1) {
              const from = x0 + ((d * sd + shiftD) * ih + h * sh + shiftH) * iw + shiftW;
              const to = y0 + (d * oh + h) * ow;
              for (let i = w1; i < w2; i += 1) {
                out[to + i] = (out[to + i] ?? 0) + weight * (x.data[from + i * sw] ?? 0);
              }
            }
          }
        }
      }
    }
  }
  return out;
};
