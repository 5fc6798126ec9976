import type { K } from '../field/index.ts';
import { concatBytes } from '../hash/index.ts';
import { bytesOfK, bytesOfU64, bytesOfWords } from './encoding.ts';

/**
 * Appends a proof's messages. Nothing on the wire says how long anything is: the reader knows every
 * count from the statement's parameters, so that an accepted proof has exactly one form.
 */
export class ProofWriter {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** Five u32 LE. */
  k(value: K): void {
    this.ks([value]);
  }

  ks(values: readonly K[]): void {
    this.#append(bytesOfK(values));
  }

  /** Eight bytes LE. @throws {RangeError} outside [0, 2^64). */
  u64(value: bigint): void {
    if (value < 0n || value >= 1n << 64n) {
      throw new RangeError(`ProofWriter.u64: expected 0..2^64-1, got ${value}`);
    }
    this.#append(bytesOfU64(value));
  }

  /** One canonical element of F, u32 LE. */
  word(value: number): void {
    this.words([value]);
  }

  words(values: Iterable<number> & { readonly length: number }): void {
    this.#append(bytesOfWords(values));
  }

  /** Raw bytes (digests); copied. */
  bytes(data: Uint8Array): void {
    this.#append(data.slice());
  }

  finish(): Uint8Array {
    return concatBytes(...this.#parts);
  }

  #append(part: Uint8Array): void {
    this.#parts.push(part);
    this.#length += part.length;
  }
}
