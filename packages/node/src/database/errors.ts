import { AssayError } from '@assay/core/errors';

export type DatabaseErrorCode =
  | 'ASSAY_DATABASE_IN_USE'
  | 'ASSAY_DATABASE_NEWER'
  | 'ASSAY_DATABASE_FORMAT'
  | 'ASSAY_DATABASE_IO';

export function databaseError(
  code: DatabaseErrorCode,
  shortMessage: string,
  details?: string,
  cause?: unknown,
): AssayError {
  return new AssayError({ code, shortMessage, details, cause });
}
