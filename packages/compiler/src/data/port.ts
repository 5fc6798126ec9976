/** What a file's contents must become: one tensor for each of the model's inputs. */
import { AssayError } from '@assay/core/errors';
import { sameShape, showShape, sizeOf } from '../graph/shape.ts';
import type { DenseTensor, DType, FloatGraph } from '../graph/types.ts';

/** An input of a model. Without dtype its elements may be any finite numbers. */
export interface InputPort {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype?: DType | undefined;
}

/** A tensor for each input of the model, by name. */
export type Sample = ReadonlyMap<string, DenseTensor>;

/** The inputs of a graph, in its order. */
export const inputPorts = (graph: FloatGraph): InputPort[] =>
  graph.inputs.map((name) => {
    const value = graph.values.get(name);
    return { name, shape: value?.shape ?? [], dtype: value?.dtype };
  });

/** Not in the format that it should have. */
export const badFormat = (shortMessage: string, cause?: unknown): AssayError =>
  new AssayError({ code: 'ASSAY_INPUT_FORMAT', shortMessage, cause });

/** Of another shape than the model's input. */
export const badShape = (shortMessage: string): AssayError =>
  new AssayError({ code: 'ASSAY_INPUT_SHAPE', shortMessage });

/** An element that the model cannot take. */
export const badValue = (shortMessage: string): AssayError =>
  new AssayError({ code: 'ASSAY_INPUT_VALUE', shortMessage });

/** Larger than the limits allow. */
export const tooLarge = (shortMessage: string): AssayError =>
  new AssayError({ code: 'ASSAY_INPUT_LIMIT', shortMessage });

/** Names the place of a fault: which sample, which input. */
export const placeOf = (sample: number, port: InputPort): string =>
  `sample ${sample}, input "${port.name}"`;

/** Multi-dimensional index of an element. */
const indexOf = (offset: number, shape: readonly number[]): string => {
  let rest = offset;
  const index = shape.toReversed().map((length) => {
    const i = rest % length;
    rest = Math.floor(rest / length);
    return i;
  });
  return showShape(index.reverse());
};

/**
 * The tensor if all elements suit the port: finite, integers for an integer input, 0 or 1 for a boolean one.
 *
 * @throws {AssayError} `ASSAY_INPUT_SHAPE`, `ASSAY_INPUT_VALUE` naming sample, input and index.
 */
export const checkTensor = (tensor: DenseTensor, port: InputPort, sample: number): DenseTensor => {
  const place = placeOf(sample, port);
  if (!sameShape(tensor.dims, port.shape) || tensor.data.length !== sizeOf(port.shape)) {
    throw badShape(
      `${place}: expected shape ${showShape(port.shape)}, got ${showShape(tensor.dims)}`,
    );
  }
  const { data } = tensor;
  const integer = port.dtype === 'int32' || port.dtype === 'int64';
  for (let i = 0; i < data.length; i += 1) {
    const x = data[i] ?? 0;
    const wanted = Number.isFinite(x)
      ? integer && !Number.isSafeInteger(x)
        ? 'an integer'
        : port.dtype === 'bool' && x !== 0 && x !== 1
          ? '0 or 1'
          : null
      : 'a finite number';
    if (wanted !== null)
      throw badValue(`${place}: expected ${wanted} at ${indexOf(i, port.shape)}, got ${x}`);
  }
  return tensor;
};
