import { type K, P } from '../field/index.ts';

/** Why a reader stopped reading: past the end, or a coordinate that is not in [0, p). */
export type ReadFailure = 'truncated' | 'non-canonical';

/**
 * Reads a proof's messages from untrusted bytes. Never throws: the first failure sticks, and every
 * later read gives zeros.
 *
 * Caller must: pass counts that follow from checked parameters, never from the bytes; test `failed`
 * after reading a message and before working on it; test `atEnd` after the last one.
 */
export class ProofReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;
  #failed: ReadFailure | null = null;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get failed(): ReadFailure | null {
    return this.#failed;
  }

  /** All bytes were read, without failure. */
  get atEnd(): boolean {
    return this.#failed === null && this.#offset === this.#bytes.length;
  }

  /** Bytes read so far. */
  get offset(): number {
    return this.#offset;
  }

  /** One element of F: u32 LE below p. */
  word(): number {
    if (!this.#take(4)) return 0;
    const value = this.#view.getUint32(this.#offset - 4, true);
    if (value < P) return value;
    this.#failed = 'non-canonical';
    return 0;
  }

  words(count: number): Uint32Array {
    const values = new Uint32Array(count);
    for (let i = 0; i < count && this.#failed === null; i++) values[i] = this.word();
    return this.#failed === null ? values : values.fill(0);
  }

  k(): K {
    const value: K = [this.word(), this.word(), this.word(), this.word(), this.word()];
    return this.#failed === null ? value : [0, 0, 0, 0, 0];
  }

  ks(count: number): K[] {
    const values: K[] = [];
    for (let i = 0; i < count; i++) values.push(this.k());
    return this.#failed === null ? values : values.map(() => [0, 0, 0, 0, 0]);
  }

  u64(): bigint {
    return this.#take(8) ? this.#view.getBigUint64(this.#offset - 8, true) : 0n;
  }

  /** A copy of the next `count` bytes. */
  bytes(count: number): Uint8Array {
    return this.#take(count)
      ? this.#bytes.slice(this.#offset - count, this.#offset)
      : new Uint8Array(count);
  }

  #take(count: number): boolean {
    if (this.#failed !== null) return false;
    if (this.#bytes.length - this.#offset < count) {
      this.#failed = 'truncated';
      return false;
    }
    this.#offset += count;
    return true;
  }
}
