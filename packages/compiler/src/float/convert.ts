/** Between float64 tensors and onnxruntime's. */
import { AssayError } from '@assay/core/errors';
import { Tensor } from 'onnxruntime-node';
import type { DenseTensor } from '../graph/types.ts';
import { halfToNumber, numberToHalf } from '../onnx/tensor.ts';

/** A tensor of the element type that the model's input has. */
export const toRuntime = (name: string, dtype: string, { dims, data }: DenseTensor): Tensor => {
  switch (dtype) {
    case 'float32':
      return new Tensor('float32', Float32Array.from(data), dims);
    case 'float64':
      return new Tensor('float64', Float64Array.from(data), dims);
    case 'float16':
      return new Tensor('float16', Uint16Array.from(data, numberToHalf), dims);
    case 'int32':
      return new Tensor('int32', Int32Array.from(data), dims);
    case 'int64':
      return new Tensor(
        'int64',
        BigInt64Array.from(Array.from(data, (v) => BigInt(Math.trunc(v)))),
        dims,
      );
    case 'bool':
      return new Tensor(
        'bool',
        Uint8Array.from(data, (v) => (v === 0 ? 0 : 1)),
        dims,
      );
    default:
      throw new AssayError({
        code: 'ASSAY_FLOAT_RUNTIME',
        shortMessage: `input "${name}" has element type ${dtype}`,
      });
  }
};

/** float64 elements of any numeric tensor; null for strings and what is no tensor. */
export const fromRuntime = (value: unknown): DenseTensor | null => {
  if (!(value instanceof Tensor)) return null;
  const { data, dims, type } = value;
  if (Array.isArray(data) || type === 'string') return null;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    return { dims, data: Float64Array.from(data, Number) };
  }
  if (type === 'float16' && data instanceof Uint16Array) {
    return { dims, data: Float64Array.from(data, halfToNumber) };
  }
  return { dims, data: Float64Array.from(data as ArrayLike<number>) };
};
