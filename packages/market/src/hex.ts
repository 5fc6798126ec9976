import { fromHex, toHex } from '@assay/core/hash';
import { AssayError } from '@assay/core/errors';
import type { Hex } from 'viem';

/** Bytes as `0x…`. */
export function hexOf(bytes: Uint8Array): Hex {
  return `0x${toHex(bytes)}`;
}

/** `0x…` or bare hex to bytes. @throws {AssayError} ASSAY_HEX */
export function bytesOf(hex: string): Uint8Array {
  const bytes = fromHex((hex.startsWith('0x') ? hex.slice(2) : hex).toLowerCase());
  if (bytes === null) {
    throw new AssayError({
      code: 'ASSAY_HEX',
      shortMessage: 'expected hex digits',
      details: hex.slice(0, 80),
    });
  }
  return bytes;
}

/** bytes32(0). */
export const ZERO_HASH: Hex = `0x${'0'.repeat(64)}`;
/** address(0). */
export const ZERO_ADDRESS: Hex = `0x${'0'.repeat(40)}`;

/** Whether two hex strings are the same bytes, however they are written. */
export function sameHex(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
