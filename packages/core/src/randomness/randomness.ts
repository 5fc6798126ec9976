import { AssayError } from '../errors.ts';
import { isZeroK, type K, P } from '../field/index.ts';

/**
 * A source of bytes for what must stay secret: pads, tails, blinding columns, salts. What hides in a
 * proof is no better hidden than these are random.
 */
export interface Randomness {
  /** `count` fresh bytes, independent and uniform. */
  bytes(count: number): Uint8Array;
}

/** What is used of the host; its type is in neither ES nor Node's declarations without `types`. */
interface Host {
  readonly crypto?: { getRandomValues(bytes: Uint8Array): unknown } | undefined;
}

/** Most bytes that one call of `getRandomValues` may ask for (W3C Web Cryptography API). */
const CHUNK_BYTES = 65536;

/**
 * The platform's cryptographic generator: `crypto.getRandomValues`, the same in Node and browsers.
 * @throws {AssayError} ASSAY_NO_RANDOMNESS if the host has none.
 */
export function platformRandomness(): Randomness {
  const { crypto } = globalThis as unknown as Host;
  if (crypto === undefined) {
    throw new AssayError({
      code: 'ASSAY_NO_RANDOMNESS',
      shortMessage: 'this host has no cryptographic random numbers',
      details: 'globalThis.crypto.getRandomValues is needed.',
    });
  }
  return {
    bytes(count) {
      const bytes = new Uint8Array(count);
      for (let from = 0; from < count; from += CHUNK_BYTES) {
        crypto.getRandomValues(bytes.subarray(from, Math.min(count, from + CHUNK_BYTES)));
      }
      return bytes;
    },
  };
}

/** Elements that are drawn together. */
const BATCH = 2 ** 14;

/**
 * Fills dst with independent elements of F, exactly uniform in [0, p): 31 random bits, drawn again if
 * they are not below p (15 of 16 are).
 *
 * @param dst - Any view, of shared memory too.
 */
export function fillField(randomness: Randomness, dst: Int32Array): void {
  for (let filled = 0; filled < dst.length; ) {
    const count = Math.min(BATCH, dst.length - filled);
    const bytes = randomness.bytes(4 * count);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let i = 0; i < count; i++) {
      const value = view.getUint32(4 * i, true) >>> 1;
      if (value < P) dst[filled++] = value;
    }
  }
}

/** A uniform element of K. */
export function randomK(randomness: Randomness): K {
  const words = new Int32Array(5);
  fillField(randomness, words);
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = words;
  return [a, b, c, d, e];
}

/** A uniform element of K other than zero. */
export function randomNonzeroK(randomness: Randomness): K {
  for (;;) {
    const value = randomK(randomness);
    if (!isZeroK(value)) return value;
  }
}
