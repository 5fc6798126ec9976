import type { TraceError } from './errors.ts';

type EncodingFault = Extract<TraceError, { kind: 'trace/encoding' }>;

/** Appends big-endian two's complement integers. Values are checked before (`checkRelation`). */
export class BodyWriter {
  readonly #bytes: number[] = [];

  u8(n: number): void {
    this.#bytes.push(n & 255);
  }

  /** u32 or i32. */
  word(n: number): void {
    this.#bytes.push((n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255);
  }

  i64(n: number): void {
    const low = n - Math.floor(n / 2 ** 32) * 2 ** 32;
    this.word(Math.floor(n / 2 ** 32) | 0);
    this.word(low);
  }

  finish(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/** Reads untrusted bytes. The first failure sticks; every later read gives 0 and every later list is empty. */
export class BodyReader {
  readonly #view: DataView;
  #offset = 0;
  #fault: EncodingFault | null = null;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get fault(): EncodingFault | null {
    return this.#fault;
  }

  /** Everything was read: otherwise a failure. */
  end(): void {
    if (this.#offset !== this.#view.byteLength) this.fail('trailing');
  }

  fail(reason: EncodingFault['reason']): void {
    this.#fault ??= { kind: 'trace/encoding', reason, offset: this.#offset };
  }

  u8(): number {
    return this.#take(1) ? this.#view.getUint8(this.#offset - 1) : 0;
  }

  u32(): number {
    return this.#take(4) ? this.#view.getUint32(this.#offset - 4) : 0;
  }

  i32(): number {
    return this.#take(4) ? this.#view.getInt32(this.#offset - 4) : 0;
  }

  /** Fails outside ±(2^53 − 1). */
  i64(): number {
    const high = this.i32();
    const low = this.u32();
    const value = high * 2 ** 32 + low;
    if (Number.isSafeInteger(value)) return value;
    this.fail('integer');
    return 0;
  }

  /** A u8 count of at most `limit`, then the items. */
  list<T>(limit: number, item: () => T): readonly T[] {
    const count = this.u8();
    if (count > limit) this.fail('count');
    return this.times(count, item);
  }

  times<T>(count: number, item: () => T): readonly T[] {
    const items: T[] = [];
    while (items.length < count && this.#fault === null) items.push(item());
    return this.#fault === null ? items : [];
  }

  #take(count: number): boolean {
    if (this.#fault !== null) return false;
    if (this.#view.byteLength - this.#offset < count) {
      this.fail('truncated');
      return false;
    }
    this.#offset += count;
    return true;
  }
}
