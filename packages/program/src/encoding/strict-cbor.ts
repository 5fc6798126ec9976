import { err, ok, type Result } from '@assay/core/errors';
import { decode, encode } from 'cborg';
import { scanCbor } from './scan-cbor.ts';

/** Deterministic CBOR: arrays, integers, float64, text, bytes, null; shortest integers, definite lengths. */
export function encodeCbor(value: unknown): Uint8Array {
  return encode(value, { float64: true });
}

/**
 * Decodes CBOR that `encodeCbor` would have written, and nothing else: one value has one encoding.
 * The caller bounds `bytes.length`; number of items, of lists and depth are bounded by `scanCbor`.
 */
export function decodeCbor(bytes: Uint8Array): Result<unknown, string> {
  const refused = scanCbor(bytes);
  if (refused !== null) return err(refused);
  try {
    const value: unknown = decode(bytes, {
      strict: true,
      allowIndefinite: false,
      allowUndefined: false,
      allowNaN: false,
      allowInfinity: false,
      allowBigInt: false,
      rejectDuplicateMapKeys: true,
    });
    const again = encodeCbor(value);
    if (again.length !== bytes.length || again.some((byte, i) => byte !== bytes[i])) {
      return err('not the canonical encoding');
    }
    return ok(value);
  } catch (cause) {
    return err(cause instanceof Error ? cause.message : 'not CBOR');
  }
}

/**
 * Reads unknown data into typed data. The first mismatch is kept in `failure`; after it every read
 * returns an empty value, so that a decoder is straight-line code and stays total.
 */
export class ValueReader {
  failure: string | null = null;

  fail(reason: string): void {
    if (this.failure === null) this.failure = reason;
  }

  integer(value: unknown, what: string): number {
    if (typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0))
      return value;
    this.fail(`${what}: expected an integer`);
    return 0;
  }

  number(value: unknown, what: string): number {
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    this.fail(`${what}: expected a number`);
    return 0;
  }

  text(value: unknown, what: string): string {
    if (typeof value === 'string') return value;
    this.fail(`${what}: expected text`);
    return '';
  }

  bytes(value: unknown, what: string): Uint8Array {
    if (value instanceof Uint8Array) return value;
    this.fail(`${what}: expected bytes`);
    return new Uint8Array(0);
  }

  list<T>(value: unknown, what: string, item: (value: unknown) => T): readonly T[] {
    if (!Array.isArray(value)) {
      this.fail(`${what}: expected a list`);
      return [];
    }
    const items: readonly unknown[] = value;
    const out: T[] = [];
    for (const entry of items) {
      if (this.failure !== null) return [];
      out.push(item(entry));
    }
    return out;
  }

  integers(value: unknown, what: string): readonly number[] {
    return this.list(value, what, (v) => this.integer(v, what));
  }

  /** A list of exactly `length` items. */
  tuple(value: unknown, length: number, what: string): readonly unknown[] {
    if (Array.isArray(value) && value.length === length) {
      const items: readonly unknown[] = value;
      return items;
    }
    this.fail(`${what}: expected a list of ${length}`);
    return [];
  }

  optional<T>(value: unknown, read: (value: unknown) => T): T | null {
    return value === null ? null : read(value);
  }

  choice<const T extends string>(value: unknown, options: readonly [T, ...T[]], what: string): T {
    for (const option of options) if (value === option) return option;
    this.fail(`${what}: expected one of ${options.join(', ')}`);
    return options[0];
  }
}
