import { elementCount, type Program, type TensorId, type Weights } from '@assay/program';
import { bundleError } from './errors.ts';

/**
 * weights.bin: magic (16 bytes), number of tensors (u32 LE), then an index entry of 12 bytes per
 * tensor: id, bytes per element (1, 2 or 4), elements (u32 LE each); then the elements of each
 * tensor, two's complement LE, in the order of the index.
 */
const MAGIC = new TextEncoder().encode('assay/weights/v1');
const ENTRY_BYTES = 12;

function widthOf(values: Int32Array): 1 | 2 | 4 {
  let width: 1 | 2 | 4 = 1;
  for (const value of values) {
    if (value < -32768 || value > 32767) return 4;
    if (value < -128 || value > 127) width = 2;
  }
  return width;
}

export function encodeWeights(weights: Weights): Uint8Array {
  const tensors = [...weights]
    .sort(([a], [b]) => a - b)
    .map(([id, values]) => ({ id, values, width: widthOf(values) }));
  const head = MAGIC.length + 4 + ENTRY_BYTES * tensors.length;
  const size = tensors.reduce((sum, t) => sum + t.width * t.values.length, head);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(MAGIC.length, tensors.length, true);
  let at = head;
  tensors.forEach(({ id, values, width }, i) => {
    const entry = MAGIC.length + 4 + ENTRY_BYTES * i;
    view.setUint32(entry, id, true);
    view.setUint32(entry + 4, width, true);
    view.setUint32(entry + 8, values.length, true);
    for (const value of values) {
      if (width === 1) view.setInt8(at, value);
      else if (width === 2) view.setInt16(at, value, true);
      else view.setInt32(at, value, true);
      at += width;
    }
  });
  return bytes;
}

/**
 * The weights of exactly the program's model tensors.
 * @throws {AssayError} ASSAY_BUNDLE_FORMAT, or ASSAY_BUNDLE_CORRUPT where they are another program's
 */
export function decodeWeights(bytes: Uint8Array, program: Program): Weights {
  const refuse = (reason: string): Error =>
    bundleError('ASSAY_BUNDLE_FORMAT', `bundle: weights.bin: ${reason}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < MAGIC.length + 4 || MAGIC.some((byte, i) => byte !== bytes[i])) {
    throw refuse('not a weights file of this version');
  }
  const count = view.getUint32(MAGIC.length, true);
  let at = MAGIC.length + 4 + ENTRY_BYTES * count;
  if (at > bytes.length) throw refuse('truncated');
  const weights = new Map<TensorId, Int32Array>();
  for (let i = 0; i < count; i++) {
    const entry = MAGIC.length + 4 + ENTRY_BYTES * i;
    const id = view.getUint32(entry, true);
    const width = view.getUint32(entry + 4, true);
    const length = view.getUint32(entry + 8, true);
    if (width !== 1 && width !== 2 && width !== 4) throw refuse('unknown width');
    if (at + width * length > bytes.length) throw refuse('truncated');
    const values = new Int32Array(length);
    for (let j = 0; j < length; j++, at += width) {
      values[j] =
        width === 1
          ? view.getInt8(at)
          : width === 2
            ? view.getInt16(at, true)
            : view.getInt32(at, true);
    }
    weights.set(id, values);
  }
  if (at !== bytes.length) throw refuse('bytes after its end');
  program.tensors.forEach((tensor, id) => {
    const expected = tensor.role === 'model' ? elementCount(tensor.shape) : undefined;
    if (weights.get(id)?.length !== expected) {
      throw bundleError(
        'ASSAY_BUNDLE_CORRUPT',
        `bundle: weights.bin does not fit program.cbor at tensor "${tensor.name}"`,
      );
    }
  });
  if ([...weights.keys()].some((id) => id >= program.tensors.length)) {
    throw refuse('a tensor that the program does not have');
  }
  return weights;
}
