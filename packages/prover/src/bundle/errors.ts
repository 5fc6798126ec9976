import { AssayError } from '@assay/core/errors';
import { withFileErrors } from '../files/index.ts';

export type BundleErrorCode =
  /** There is something else where the bundle is to be written. */
  | 'ASSAY_BUNDLE_EXISTS'
  /** No bundle at this place, or a file of it is gone. */
  | 'ASSAY_BUNDLE_MISSING'
  /** Of a format that this version does not read. */
  | 'ASSAY_BUNDLE_FORMAT'
  /** A file disagrees with its digest, its size or with another file. */
  | 'ASSAY_BUNDLE_CORRUPT'
  /** Compiled, but its model is not committed yet. */
  | 'ASSAY_BUNDLE_NOT_SET_UP'
  /** The system refused to read or write. */
  | 'ASSAY_BUNDLE_IO';

export function bundleError(
  code: BundleErrorCode,
  shortMessage: string,
  details?: string,
  cause?: unknown,
): AssayError {
  return new AssayError({ code, shortMessage, details, cause });
}

/** Runs file operations; the system's errors come out as ASSAY_BUNDLE_IO or ASSAY_BUNDLE_MISSING. */
export function withFiles<T>(path: string, run: () => T): T {
  return withFileErrors(run, ({ kind, reason, cause }) =>
    kind === 'missing'
      ? bundleError('ASSAY_BUNDLE_MISSING', `bundle: ${path} does not exist`, undefined, cause)
      : bundleError('ASSAY_BUNDLE_IO', `bundle: ${path}: ${reason}`, undefined, cause),
  );
}
