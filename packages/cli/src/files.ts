import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AssayError } from '@assay/core/errors';
import { UsageError } from './outcome.ts';

/** Stands for standard input or output. */
export const STANDARD = '-';

/** Nothing that a command reads whole is larger: 2 GiB less one. */
const MAX_FILE_BYTES = 2 ** 31 - 1;

function fileError(verb: 'read' | 'write', path: string, cause: unknown): AssayError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AssayError({
    code: verb === 'read' ? 'ASSAY_FILE_READ' : 'ASSAY_FILE_WRITE',
    shortMessage: `cannot ${verb} ${path === STANDARD ? 'standard input or output' : path}`,
    details: reason,
    cause,
  });
}

/**
 * A whole file, or standard input for `-`.
 * @throws {AssayError} ASSAY_FILE_READ
 */
export function readBytes(path: string, limitBytes: number = MAX_FILE_BYTES): Uint8Array {
  try {
    const fd = path === STANDARD ? 0 : openSync(path, 'r');
    try {
      const { size } = fstatSync(fd);
      if (size > limitBytes) throw new RangeError(`${size} bytes, more than ${limitBytes}`);
      const bytes = readFileSync(fd);
      if (bytes.length > limitBytes) throw new RangeError(`more than ${limitBytes} bytes`);
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    } finally {
      if (fd !== 0) closeSync(fd);
    }
  } catch (cause) {
    throw fileError('read', path, cause);
  }
}

/**
 * Writes a file whole or not at all; `-` is standard output.
 * @throws {AssayError} ASSAY_FILE_WRITE
 */
export function writeBytes(path: string, bytes: Uint8Array): void {
  try {
    if (path === STANDARD) {
      writeAll(1, bytes);
      return;
    }
    const temporary = join(dirname(path), `.${basename(path)}.tmp-${process.pid}`);
    try {
      const fd = openSync(temporary, 'w', 0o644);
      try {
        writeAll(fd, bytes);
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      renameSync(temporary, path);
    } catch (cause) {
      rmSync(temporary, { force: true });
      throw cause;
    }
  } catch (cause) {
    throw fileError('write', path, cause);
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (cause) {
      // A pipe whose reader is slow: try again.
      if (!(cause instanceof Error && 'code' in cause && cause.code === 'EAGAIN')) throw cause;
    }
  }
}

/** At most one of a command's inputs can be standard input. @throws {UsageError} */
export function oneStandardInput(...paths: readonly (string | undefined)[]): void {
  if (paths.filter((path) => path === STANDARD).length > 1) {
    throw new UsageError('standard input (-) can be given once only');
  }
}

/** A folder that is to be made is not there, or empty: asked before anything is spent on it. */
export function expectFree(
  code: 'ASSAY_BUNDLE_EXISTS' | 'ASSAY_OPENING_EXISTS',
  folder: string,
): void {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return;
  throw new AssayError({
    code,
    shortMessage: `${folder} exists and is not empty`,
    details: 'Choose another folder.',
  });
}
