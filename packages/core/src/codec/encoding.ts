import type { K } from '../field/index.ts';

/** Five coordinates of four bytes. */
export const K_BYTES = 20;

/** Coordinates of each element as u32 LE, in order. */
export function bytesOfK(values: readonly K[]): Uint8Array {
  const bytes = new Uint8Array(K_BYTES * values.length);
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const value of values) {
    for (const coordinate of value) {
      view.setUint32(offset, coordinate, true);
      offset += 4;
    }
  }
  return bytes;
}

/** Words as u32 LE, in order. */
export function bytesOfWords(words: Iterable<number> & { readonly length: number }): Uint8Array {
  const bytes = new Uint8Array(4 * words.length);
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const word of words) {
    view.setUint32(offset, word, true);
    offset += 4;
  }
  return bytes;
}

/** n mod 2^64 as eight bytes LE. */
export function bytesOfU64(n: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, n, true);
  return bytes;
}
