import { DIGEST_BYTES, keccak256 } from './keccak.ts';

/**
 * Digests of contiguous messages of `size` bytes each, one after another: 32 bytes for each. `size` is
 * below 136 and a multiple of 8, so that a message is one permutation.
 */
export type HashMany = (messages: Uint8Array, size: number) => Uint8Array;

/** keccak256 of each message. Reference: plain; `createDigests` of `@assay/core/kernels` is faster. */
export function keccak256Many(messages: Uint8Array, size: number): Uint8Array {
  const count = messages.length / size;
  const digests = new Uint8Array(DIGEST_BYTES * count);
  for (let i = 0; i < count; i++)
    digests.set(keccak256(messages.subarray(size * i, size * (i + 1))), DIGEST_BYTES * i);
  return digests;
}
