/** ONNX's TensorProto files (.pb), as its test data come. */
import { AssayError } from '@assay/core/errors';
import type { DenseTensor } from '../graph/types.ts';
import { defaultModelLimits } from '../onnx/limits.ts';
import { TensorProtoSchema } from '../onnx/proto/onnx_pb.js';
import { decodeTensor } from '../onnx/tensor.ts';
import { decodeMessage } from '../onnx/wire.ts';
import { badFormat, tooLarge } from './port.ts';

/**
 * One tensor and the name it carries ('' if none).
 *
 * @throws {AssayError} `ASSAY_INPUT_FORMAT`, `ASSAY_INPUT_LIMIT`.
 */
export const decodeTensorProto = (
  bytes: Uint8Array,
  maxElements: number,
): DenseTensor & { readonly name: string } => {
  const limits = { ...defaultModelLimits, maxScalars: maxElements + 1000, maxDepth: 4 };
  let proto: ReturnType<typeof decodeMessage<typeof TensorProtoSchema>>;
  try {
    proto = decodeMessage(TensorProtoSchema, bytes, limits);
  } catch (cause) {
    if (!(cause instanceof AssayError)) throw cause;
    const large = cause.code === 'ASSAY_MODEL_LIMIT';
    throw (large ? tooLarge : badFormat)(`not a usable TensorProto: ${cause.shortMessage}`, cause);
  }
  const tensor = decodeTensor(proto, maxElements);
  if (!tensor.ok) throw badFormat(`the TensorProto cannot be used: ${tensor.error}`);
  const { name, dims, data } = tensor.value;
  return { name, dims, data: Float64Array.from(data) };
};
