import { fromHex } from '@assay/core/hash';
import { isTime } from '@assay/verifier';
import { UsageError } from './outcome.ts';

/** Bytes of a hex option. @throws {UsageError} */
export function parseHex(option: string, text: string, least: number, most: number): Uint8Array {
  const bytes = fromHex(text);
  if (bytes !== null && bytes.length >= least && bytes.length <= most) return bytes;
  const count = least === most ? `${least}` : `${least} to ${most}`;
  throw new UsageError(`${option}: expected hex of ${count} bytes, got "${text.slice(0, 200)}"`);
}

/** An RFC 3339 time in UTC; now, if none is given. @throws {UsageError} */
export function parseTime(text: string | undefined): string {
  const time = text ?? new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  if (isTime(time)) return time;
  throw new UsageError(
    `--time: expected an RFC 3339 time in UTC (2026-11-20T08:00:00Z), got "${time}"`,
  );
}
