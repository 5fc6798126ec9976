import { err, ok, type Result } from '@assay/core/errors';
import { textOf } from './base64.ts';
import type { ReceiptError } from './errors.ts';
import { RECEIPT_LIMITS } from './limits.ts';

/**
 * A value as JSON in ASCII: no spaces, fields in insertion order, everything above U+007E escaped.
 * There is then one text for a value, and no question of Unicode encoding anywhere in a receipt.
 */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Bytes of a text that `asciiJson` or `encodeBase64` made. */
export function bytesOf(ascii: string): Uint8Array {
  const bytes = new Uint8Array(ascii.length);
  for (let i = 0; i < ascii.length; i++) bytes[i] = ascii.charCodeAt(i);
  return bytes;
}

/** Deepest nesting of brackets outside strings, and how many are opened: each becomes an object. */
function brackets(bytes: Uint8Array): { readonly deepest: number; readonly opened: number } {
  let depth = 0;
  let deepest = 0;
  let opened = 0;
  let quoted = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (quoted) {
      if (byte === 0x5c) i++;
      else if (byte === 0x22) quoted = false;
    } else if (byte === 0x22) quoted = true;
    else if (byte === 0x5b || byte === 0x7b) {
      deepest = Math.max(deepest, ++depth);
      opened++;
    } else if (byte === 0x5d || byte === 0x7d) depth--;
  }
  return { deepest, opened };
}

/**
 * JSON in ASCII, of bounded depth, with a bounded number of lists and objects. The caller bounds the number of bytes.
 * What comes back is only ever read through `fields.ts`, which looks at own properties and refuses
 * names it does not expect: a field called `__proto__` is an unknown field like any other.
 */
export function parseJson(
  bytes: Uint8Array,
  part: 'envelope' | 'statement',
): Result<unknown, ReceiptError> {
  for (let offset = 0; offset < bytes.length; offset++) {
    if ((bytes[offset] ?? 0) > 127) return err({ kind: 'receipt/not-ascii', offset });
  }
  const { deepest, opened } = brackets(bytes);
  if (deepest > RECEIPT_LIMITS.depth) {
    return err({ kind: 'receipt/too-deep', limit: RECEIPT_LIMITS.depth });
  }
  if (opened > RECEIPT_LIMITS.lists) {
    return err({ kind: 'receipt/too-many-lists', limit: RECEIPT_LIMITS.lists });
  }
  try {
    const value: unknown = JSON.parse(textOf(bytes));
    return ok(value);
  } catch {
    return err({ kind: 'receipt/not-json', path: part });
  }
}
