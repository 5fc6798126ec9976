/** Mutations of files, for decoders that must refuse whatever they cannot read. */
import { AssayError } from '@assay/core/errors';

/** Deterministic 32-bit numbers: mulberry32. */
export const generator = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
};

const interesting = [0, 1, 2, 0x7f, 0x80, 0xfe, 0xff];

/** One file of the corpus with a few changes: bits, bytes, runs, cuts, insertions, pieces of other files. */
const mutate = (corpus: readonly Uint8Array[], next: () => number): Uint8Array => {
  let bytes = Uint8Array.from(corpus[next() % corpus.length] ?? []);
  for (let changes = 1 + (next() % 4); changes > 0; changes -= 1) {
    const at = next() % Math.max(1, bytes.length);
    const length = 1 + (next() % 16);
    switch (next() % 7) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (next() % 8));
        break;
      case 1:
        bytes[at] = next() & 0xff;
        break;
      case 2:
        bytes[at] = interesting[next() % interesting.length] ?? 0;
        break;
      case 3:
        bytes = bytes.slice(0, at);
        break;
      case 4:
        bytes = Uint8Array.of(...bytes.subarray(0, at), ...bytes.subarray(at + length));
        break;
      case 5:
        bytes.copyWithin(
          at,
          next() % Math.max(1, bytes.length),
          Math.min(bytes.length, at + length),
        );
        break;
      default: {
        const other = corpus[next() % corpus.length] ?? bytes;
        const from = next() % Math.max(1, other.length);
        const piece = other.subarray(from, from + length);
        const merged = new Uint8Array(bytes.length + piece.length);
        merged.set(bytes.subarray(0, at));
        merged.set(piece, at);
        merged.set(bytes.subarray(at), at + piece.length);
        bytes = merged;
      }
    }
  }
  return bytes;
};

export interface FuzzResult {
  readonly accepted: number;
  readonly refused: number;
  readonly codes: ReadonlyMap<string, number>;
}

/**
 * Decodes `count` mutated files. Anything but an answer or an AssayError is thrown again, with what
 * is needed to repeat it.
 */
export const fuzz = (
  corpus: readonly Uint8Array[],
  count: number,
  seed: number,
  decode: (bytes: Uint8Array) => unknown,
): FuzzResult => fuzzWith((next) => mutate(corpus, next), count, seed, decode);

/** The same with files that `make` makes from random numbers. */
export const fuzzWith = (
  make: (next: () => number) => Uint8Array,
  count: number,
  seed: number,
  decode: (bytes: Uint8Array) => unknown,
): FuzzResult => {
  const codes = new Map<string, number>();
  let accepted = 0;
  for (let i = 0; i < count; i += 1) {
    const bytes = make(generator(seed + i));
    try {
      decode(bytes);
      accepted += 1;
    } catch (error) {
      if (!(error instanceof AssayError)) {
        const hex = Buffer.from(bytes.subarray(0, 4000)).toString('hex');
        throw new Error(`case ${i} of seed ${seed} (${bytes.length} bytes): ${hex}`, {
          cause: error,
        });
      }
      codes.set(error.code, (codes.get(error.code) ?? 0) + 1);
    }
  }
  return { accepted, refused: count - accepted, codes };
};
