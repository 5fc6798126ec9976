/**
 * NumPy's .npy: a header that tells element type, order and shape, then the elements.
 *
 * Source: NumPy Enhancement Proposal 1 (format versions 1.0 to 3.0).
 */
import { showShape, sizeOf } from '../graph/shape.ts';
import type { DenseTensor } from '../graph/types.ts';
import { halfToNumber } from '../onnx/tensor.ts';
import { badFormat, tooLarge } from './port.ts';

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

export const isNpy = (bytes: Uint8Array): boolean => magic.every((b, i) => bytes[i] === b);

type Reader = (view: DataView, offset: number, little: boolean) => number;

const readers: Readonly<Record<string, Reader>> = {
  f2: (v, o, l) => halfToNumber(v.getUint16(o, l)),
  f4: (v, o, l) => v.getFloat32(o, l),
  f8: (v, o, l) => v.getFloat64(o, l),
  i1: (v, o) => v.getInt8(o),
  i2: (v, o, l) => v.getInt16(o, l),
  i4: (v, o, l) => v.getInt32(o, l),
  i8: (v, o, l) => Number(v.getBigInt64(o, l)),
  u1: (v, o) => v.getUint8(o),
  u2: (v, o, l) => v.getUint16(o, l),
  u4: (v, o, l) => v.getUint32(o, l),
  u8: (v, o, l) => Number(v.getBigUint64(o, l)),
  b1: (v, o) => (v.getUint8(o) === 0 ? 0 : 1),
};

/** The header is a Python dictionary; only what NumPy writes is read. */
const header =
  /^\{\s*'descr':\s*'([<>|=])([a-z]\d{1,2})',\s*'fortran_order':\s*(True|False),\s*'shape':\s*\(([\d,\s]*)\),?\s*\}\s*$/;

/** Elements in Fortran order (first axis fastest) to row major. */
const fromFortran = (elements: Float64Array, dims: readonly number[]): Float64Array => {
  const out = new Float64Array(elements.length);
  const index = new Array<number>(dims.length).fill(0);
  const strides = dims.map((_, axis) => sizeOf(dims.slice(axis + 1)));
  let to = 0;
  for (let from = 0; from < elements.length; from += 1) {
    out[to] = elements[from] ?? 0;
    for (let axis = 0; axis < dims.length; axis += 1) {
      const i = (index[axis] ?? 0) + 1;
      const stride = strides[axis] ?? 0;
      if (i < (dims[axis] ?? 0)) {
        index[axis] = i;
        to += stride;
        break;
      }
      index[axis] = 0;
      to -= (i - 1) * stride;
    }
  }
  return out;
};

/**
 * One array; both orders, both byte orders, all integer, float and boolean types.
 *
 * @throws {AssayError} `ASSAY_INPUT_FORMAT`, `ASSAY_INPUT_LIMIT`.
 */
export const decodeNpy = (bytes: Uint8Array, maxElements: number): DenseTensor => {
  const major = bytes[6] ?? 0;
  if (!isNpy(bytes) || major < 1 || major > 3)
    throw badFormat('not an .npy file of version 1 to 3');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = major === 1 ? 10 : 12;
  if (bytes.length < start) throw badFormat('truncated .npy header');
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > 65536 || start + length > bytes.length)
    throw badFormat(`.npy header of ${length} bytes`);
  const text = new TextDecoder('latin1').decode(bytes.subarray(start, start + length));
  const match = header.exec(text);
  const [, order = '', type = '', fortran, list = ''] = match ?? [];
  const read = readers[type];
  if (match === null || read === undefined)
    throw badFormat(`.npy header ${JSON.stringify(text.slice(0, 200).trim())} is not supported`);
  const parts = list.split(',').map((p) => p.trim());
  if (parts.at(-1) === '') parts.pop();
  if (parts.length > 32 || parts.some((p) => !/^\d{1,15}$/.test(p)))
    throw badFormat(`.npy shape (${list.slice(0, 100)})`);
  const dims = parts.map(Number);
  const size = sizeOf(dims);
  if (!(size <= maxElements))
    throw tooLarge(`.npy array of shape ${showShape(dims)}: the limit is ${maxElements} elements`);
  const width = Number(type.slice(1));
  if (bytes.length !== start + length + size * width) {
    throw badFormat(
      `.npy file of ${bytes.length} bytes: shape ${showShape(dims)} of ${type} takes ${start + length + size * width}`,
    );
  }
  const elements = new Float64Array(size);
  for (let i = 0; i < size; i += 1)
    elements[i] = read(view, start + length + i * width, order !== '>');
  return { dims, data: fortran === 'True' ? fromFortran(elements, dims) : elements };
};
