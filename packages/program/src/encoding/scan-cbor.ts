/**
 * What a canonical encoding of ours may be made of, and how much of it: checked by one pass over the
 * heads before anything is allocated. A byte of CBOR can ask for a hundred bytes of objects.
 */
export const CBOR_LIMITS: {
  readonly depth: number;
  /** Arrays, each of which becomes an object. */
  readonly arrays: number;
  /** All data items. */
  readonly items: number;
} = { depth: 32, arrays: 2_097_152, items: 16_777_216 };

const UNSIGNED = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const NULL = 0xf6;
const FLOAT64 = 0xfb;

/**
 * Why bytes are not one item made of integers, byte strings, text, definite arrays, null and
 * float64 within the limits; null if they are. Whether heads are shortest is left to the decoder.
 * Cost: linear in the bytes, no allocation that depends on them.
 */
export function scanCbor(bytes: Uint8Array): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Items still to come in each open array; the outermost level expects one.
  const open: number[] = [1];
  let offset = 0;
  let arrays = 0;
  let items = 0;
  for (;;) {
    while (open.length > 0 && open[open.length - 1] === 0) open.pop();
    const level = open.length - 1;
    if (level < 0) break;
    open[level] = (open[level] ?? 0) - 1;
    const head = bytes[offset];
    if (head === undefined) return 'ends inside an item';
    offset += 1;
    items += 1;
    if (items > CBOR_LIMITS.items) return `more than ${CBOR_LIMITS.items} items`;
    if (head === NULL) continue;
    if (head === FLOAT64) {
      offset += 8;
      if (offset > bytes.length) return 'ends inside an item';
      continue;
    }
    const major = head >> 5;
    const size = head & 31;
    if (major > ARRAY || size > 27)
      return `item of a kind that is not used (0x${head.toString(16)})`;
    const width = size < 24 ? 0 : 2 ** (size - 24);
    if (offset + width > bytes.length) return 'ends inside an item';
    let value = size;
    if (width === 1) value = view.getUint8(offset);
    else if (width === 2) value = view.getUint16(offset);
    else if (width === 4) value = view.getUint32(offset);
    else if (width === 8) value = view.getUint32(offset) * 2 ** 32 + view.getUint32(offset + 4);
    offset += width;
    if (major === UNSIGNED || major === NEGATIVE) continue;
    if (major === BYTES || major === TEXT) {
      offset += value;
      if (offset > bytes.length) return 'ends inside an item';
      continue;
    }
    arrays += 1;
    if (arrays > CBOR_LIMITS.arrays) return `more than ${CBOR_LIMITS.arrays} lists`;
    // Every item takes a byte: longer lists cannot be complete.
    if (value > bytes.length - offset) return 'ends inside an item';
    if (open.length > CBOR_LIMITS.depth) return `nested deeper than ${CBOR_LIMITS.depth}`;
    open.push(value);
  }
  return offset === bytes.length ? null : 'goes on after its item';
}
