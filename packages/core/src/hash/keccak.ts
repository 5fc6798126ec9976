import { keccak_256 } from '@noble/hashes/sha3.js';

export const DIGEST_BYTES = 32;

/** A function from bytes to a 32-byte digest. */
export type HashFunction = (message: Uint8Array) => Uint8Array;

/** Parts one after another in a fresh array. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** keccak-256 with the original padding (0x01, as on the EVM; SHA3-256 pads with 0x06) of the concatenated parts. */
export function keccak256(...parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  return keccak_256(parts.length === 1 && first !== undefined ? first : concatBytes(...parts));
}

/** Equal length and content. Not constant-time: digests here are public. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
