import { databaseError } from './errors.ts';

export type SqlValue = number | bigint | string | Uint8Array | null;
export type Row = Readonly<Record<string, SqlValue>>;

function refuse(name: string, what: string): Error {
  return databaseError('ASSAY_DATABASE_FORMAT', `database: column ${name} is not ${what}`);
}

/** @throws {AssayError} ASSAY_DATABASE_FORMAT */
export function textOf(row: Row, name: string): string {
  const value = row[name];
  if (typeof value === 'string') return value;
  throw refuse(name, 'text');
}

/** @throws {AssayError} ASSAY_DATABASE_FORMAT */
export function numberOf(row: Row, name: string): number {
  const value = row[name];
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw refuse(name, 'an integer');
}

/** @throws {AssayError} ASSAY_DATABASE_FORMAT */
export function bytesOf(row: Row, name: string): Uint8Array {
  const value = row[name];
  if (value instanceof Uint8Array) return value;
  throw refuse(name, 'bytes');
}

/** Amounts are stored in decimal: they have up to 256 bits. @throws {AssayError} ASSAY_DATABASE_FORMAT */
export function amountOf(row: Row, name: string): bigint {
  const text = textOf(row, name);
  if (/^\d+$/.test(text)) return BigInt(text);
  throw refuse(name, 'an amount');
}

export function textOrNull(row: Row, name: string): string | null {
  return row[name] === null ? null : textOf(row, name);
}

export function numberOrNull(row: Row, name: string): number | null {
  return row[name] === null ? null : numberOf(row, name);
}

export function bytesOrNull(row: Row, name: string): Uint8Array | null {
  return row[name] === null ? null : bytesOf(row, name);
}
