import { AssayError } from '@assay/core/errors';
import { withFileErrors } from '../../files/index.ts';

export type UsesErrorCode =
  /** Every use that was reserved for a static root is spent. */
  | 'ASSAY_USES_EXHAUSTED'
  /** The record of a root's uses is gone. */
  | 'ASSAY_USES_MISSING'
  /** The system refused to read or write the record. */
  | 'ASSAY_USES_IO';

export function usesError(
  code: UsesErrorCode,
  shortMessage: string,
  details?: string,
  cause?: unknown,
): AssayError {
  return new AssayError({ code, shortMessage, details, cause });
}

/** Runs file operations on a record of uses. */
export function withUses<T>(folder: string, run: () => T): T {
  return withFileErrors(run, ({ kind, reason, cause }) =>
    kind === 'missing'
      ? usesError(
          'ASSAY_USES_MISSING',
          `uses: ${folder} does not exist`,
          'It records how often this root was opened. Without it nobody can tell whether another proof would show what it hides; commit anew.',
          cause,
        )
      : usesError('ASSAY_USES_IO', `uses: ${folder}: ${reason}`, undefined, cause),
  );
}
