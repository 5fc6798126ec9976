import { AssayError } from '@assay/core/errors';

/** Why a file operation failed: nothing is there, something is already there, or the system said something else. */
export interface FileFailure {
  readonly kind: 'missing' | 'exists' | 'other';
  readonly reason: string;
  readonly cause: unknown;
}

const KINDS: ReadonlyMap<string, FileFailure['kind']> = new Map([
  ['ENOENT', 'missing'],
  ['ENOTDIR', 'missing'],
  ['EEXIST', 'exists'],
  ['ENOTEMPTY', 'exists'],
]);

/** What the system means by an exception of a file operation. */
export function fileFailure(cause: unknown): FileFailure {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  const reason = cause instanceof Error ? cause.message : String(cause);
  return { kind: KINDS.get(code) ?? 'other', reason, cause };
}

/** Runs file operations; exceptions other than AssayErrors come out as `translate` says. */
export function withFileErrors<T>(
  run: () => T,
  translate: (failure: FileFailure) => AssayError,
): T {
  try {
    return run();
  } catch (cause) {
    throw cause instanceof AssayError ? cause : translate(fileFailure(cause));
  }
}
