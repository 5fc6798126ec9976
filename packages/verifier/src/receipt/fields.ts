import { fromHex, toHex } from '@assay/core/hash';
import { decodeBase64 } from './base64.ts';
import type { ReceiptError } from './errors.ts';

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads fields of parsed JSON. The first thing that is wrong is kept in `error`, and from then on
 * every read gives an empty value: a decoder reads straight through and looks at `error` once.
 */
export class FieldReader {
  error: ReceiptError | null = null;

  fail(error: ReceiptError): void {
    this.error ??= error;
  }

  expected(path: string, expected: string): void {
    this.fail({ kind: 'receipt/field', path, expected });
  }

  /** An object with exactly these fields. */
  object(value: unknown, path: string, names: readonly string[]): Fields {
    if (this.error !== null) return {};
    if (!isObject(value)) {
      this.expected(path, 'an object');
      return {};
    }
    for (const name of names) {
      if (!Object.hasOwn(value, name)) {
        this.fail({ kind: 'receipt/missing-field', path: `${path}.${name}` });
        return {};
      }
    }
    for (const name of Object.keys(value)) {
      if (!names.includes(name)) {
        this.fail({ kind: 'receipt/unknown-field', path: `${path}.${name.slice(0, 64)}` });
        return {};
      }
    }
    return value;
  }

  /** Whether an object has a field: for alternatives, before `object` fixes the names. */
  has(value: unknown, name: string): boolean {
    return isObject(value) && Object.hasOwn(value, name);
  }

  list(value: unknown, path: string, limit: number): readonly unknown[] {
    if (this.error !== null) return [];
    if (Array.isArray(value) && value.length <= limit) return value;
    this.expected(path, `a list of at most ${limit}`);
    return [];
  }

  text(value: unknown, path: string, limit: number): string {
    if (this.error !== null) return '';
    if (typeof value === 'string' && value.length <= limit) return value;
    this.expected(path, `text of at most ${limit} characters`);
    return '';
  }

  /** Text of a given shape; `expected` describes it. */
  shaped(value: unknown, path: string, shape: RegExp, expected: string): string {
    if (this.error !== null) return '';
    if (typeof value === 'string' && value.length <= 256 && shape.test(value)) return value;
    this.expected(path, expected);
    return '';
  }

  /** Lower-case hex of `least` to `most` bytes. */
  hex(value: unknown, path: string, least: number, most: number = least): Uint8Array {
    if (this.error !== null) return new Uint8Array();
    if (typeof value === 'string' && value.length <= 2 * most) {
      const bytes = fromHex(value);
      if (bytes !== null && bytes.length >= least && toHex(bytes) === value) return bytes;
    }
    const count = least === most ? `${least}` : `${least} to ${most}`;
    this.expected(path, `lower-case hex of ${count} bytes`);
    return new Uint8Array();
  }

  base64(value: unknown, path: string, limit: number): Uint8Array {
    if (this.error !== null) return new Uint8Array();
    const text = this.text(value, path, 4 * Math.ceil(limit / 3));
    const bytes = decodeBase64(text);
    if (bytes !== null) return bytes;
    this.fail({ kind: 'receipt/base64', path });
    return new Uint8Array();
  }

  integer(value: unknown, path: string, lo: number, hi: number): number {
    if (this.error !== null) return 0;
    if (typeof value === 'number' && Number.isInteger(value) && value >= lo && value <= hi) {
      return value;
    }
    this.expected(path, `an integer in [${lo}, ${hi}]`);
    return 0;
  }
}
