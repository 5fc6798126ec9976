/** One tensor as one sample, or as several along its first axis. */
import { sameShape, showShape, sizeOf } from '../graph/shape.ts';
import type { DenseTensor } from '../graph/types.ts';
import { badShape, checkTensor, type InputPort } from './port.ts';

/**
 * The samples that a tensor holds for an input of shape [1, …]: itself, itself without that first axis, or
 * its slices along the first axis. For an input of another shape the tensor must have just that shape.
 *
 * @throws {AssayError} `ASSAY_INPUT_SHAPE`, `ASSAY_INPUT_VALUE`.
 */
export const samplesOfTensor = (tensor: DenseTensor, port: InputPort): DenseTensor[] => {
  const { dims, data } = tensor;
  if (sameShape(dims, port.shape)) return [checkTensor(tensor, port, 0)];
  const inner = port.shape.slice(1);
  if (port.shape[0] === 1) {
    if (sameShape(dims, inner)) return [checkTensor({ dims: port.shape, data }, port, 0)];
    if (sameShape(dims.slice(1), inner) && dims.length === port.shape.length) {
      const size = sizeOf(inner);
      return Array.from({ length: dims[0] ?? 0 }, (_, i) =>
        checkTensor({ dims: port.shape, data: data.subarray(i * size, (i + 1) * size) }, port, i),
      );
    }
  }
  const many = port.shape[0] === 1 ? ` or ${showShape(inner)} or [n, …]` : '';
  throw badShape(
    `input "${port.name}": expected shape ${showShape(port.shape)}${many}, got ${showShape(dims)}`,
  );
};
