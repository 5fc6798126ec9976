/** TensorProto: the constants of a model, and tensors in files. */
import { ok, err, type Result } from '@assay/core/errors';
import { sizeOf, showShape } from '../graph/shape.ts';
import type { DType, TensorData } from '../graph/types.ts';
import { TensorProto_DataLocation, type TensorProto } from './proto/onnx_pb.js';

/** ONNX's numbers of the element types; those not listed are not supported. */
const dtypes: ReadonlyMap<number, DType> = new Map([
  [1, 'float32'],
  [6, 'int32'],
  [7, 'int64'],
  [9, 'bool'],
  [10, 'float16'],
  [11, 'float64'],
]);

const dtypeNames: readonly string[] = [
  'undefined',
  'float32',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'float64',
  'uint32',
  'uint64',
  'complex64',
  'complex128',
  'bfloat16',
  'float8e4m3fn',
  'float8e4m3fnuz',
  'float8e5m2',
  'float8e5m2fnuz',
  'uint4',
  'int4',
  'float4e2m1',
  'float8e8m0',
  'uint2',
  'int2',
];

/** Supported element type with this number, or null. */
export const dtypeOf = (code: number): DType | null => dtypes.get(code) ?? null;

/** Name of any element type, for messages. */
export const dtypeName = (code: number): string => dtypeNames[code] ?? `type ${code}`;

export interface DecodedTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly dims: readonly number[];
  readonly data: TensorData;
}

/** IEEE 754 binary16. */
export const halfToNumber = (bits: number): number => {
  const sign = bits >= 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return (sign * fraction) / 2 ** 24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
};

/** Rounds to binary16, halves to even; beyond its largest number infinite. */
export const roundToHalf = (x: number): number => {
  const a = Math.abs(x);
  if (!(a < 65520)) return Number.isNaN(x) ? x : Math.sign(x) * Number.POSITIVE_INFINITY;
  const exponent = Math.max(Math.floor(Math.log2(a === 0 ? 1 : a)), -14);
  const unit = 2 ** (exponent - 10);
  const floor = Math.floor(a / unit);
  const rest = a / unit - floor;
  const up = rest > 0.5 || (rest === 0.5 && floor % 2 === 1);
  return Math.sign(x) * (floor + (up ? 1 : 0)) * unit;
};

/** Bits of the nearest binary16. */
export const numberToHalf = (x: number): number => {
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
  const a = Math.abs(roundToHalf(x));
  if (Number.isNaN(a)) return 0x7e00;
  if (a === Number.POSITIVE_INFINITY) return sign + 0x7c00;
  if (a < 2 ** -14) return sign + a * 2 ** 24;
  const exponent = Math.floor(Math.log2(a));
  return sign + (exponent + 15) * 1024 + (a / 2 ** exponent - 1) * 1024;
};

/** Raw data are little endian, as are the typed arrays of every machine that runs WebAssembly. */
const fromRaw = (raw: Uint8Array, dtype: DType): TensorData => {
  const { buffer } = new Uint8Array(raw); // a copy, and so aligned
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer);
    case 'float64':
      return new Float64Array(buffer);
    case 'int32':
      return Float64Array.from(new Int32Array(buffer));
    case 'int64':
      return Float64Array.from(new BigInt64Array(buffer), Number);
    case 'float16':
      return Float32Array.from(new Uint16Array(buffer), halfToNumber);
    case 'bool':
      return Float64Array.from(new Uint8Array(buffer), (b) => (b === 0 ? 0 : 1));
  }
};

const bytesPerElement: Readonly<Record<DType, number>> = {
  float16: 2,
  float32: 4,
  float64: 8,
  int32: 4,
  int64: 8,
  bool: 1,
};

const fromFields = (proto: TensorProto, dtype: DType): TensorData => {
  switch (dtype) {
    case 'float32':
      return Float32Array.from(proto.floatData);
    case 'float64':
      return Float64Array.from(proto.doubleData);
    case 'int32':
      return Float64Array.from(proto.int32Data);
    case 'int64':
      return Float64Array.from(proto.int64Data, Number);
    case 'float16':
      return Float32Array.from(proto.int32Data, (bits) => halfToNumber(bits & 0xffff));
    case 'bool':
      return Float64Array.from(proto.int32Data, (b) => (b === 0 ? 0 : 1));
  }
};

/**
 * Elements of a tensor. int64 beyond 2^53 become the nearest double (only "to the end" bounds are that large).
 * The error is one sentence about the tensor, without its name.
 */
export const decodeTensor = (
  proto: TensorProto,
  maxElements: number,
): Result<DecodedTensor, string> => {
  if (proto.dataLocation === TensorProto_DataLocation.EXTERNAL || proto.externalData.length > 0) {
    return err('its data lie in another file: save the model with its data inside');
  }
  if (proto.segment !== undefined) return err('its data come in segments');
  const dtype = dtypeOf(proto.dataType);
  if (dtype === null) return err(`element type ${dtypeName(proto.dataType)}`);
  const dims = proto.dims.map(Number);
  if (dims.some((d) => d < 0)) return err(`shape ${showShape(dims)}`);
  const size = sizeOf(dims);
  if (size > maxElements)
    return err(`shape ${showShape(dims)} has more than ${maxElements} elements`);
  const raw = proto.rawData;
  if (raw.length > 0 && raw.length !== size * bytesPerElement[dtype]) {
    return err(`${raw.length} bytes of data for shape ${showShape(dims)} of ${dtype}`);
  }
  const data = raw.length > 0 ? fromRaw(raw, dtype) : fromFields(proto, dtype);
  if (data.length !== size) return err(`${data.length} elements for shape ${showShape(dims)}`);
  return ok({ name: proto.name, dtype, dims, data });
};
