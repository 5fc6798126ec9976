import { AssayError } from '@assay/core/errors';

export type OpeningErrorCode =
  /** Another folder or file is in the place of the opening. */
  | 'ASSAY_OPENING_EXISTS'
  | 'ASSAY_OPENING_MISSING'
  /** Not an opening, or of a version that is not read here. */
  | 'ASSAY_OPENING_FORMAT'
  /** Cut, changed, or what it holds does not open its commitment. */
  | 'ASSAY_OPENING_CORRUPT'
  /** The system refused to read or write. */
  | 'ASSAY_OPENING_IO';

export function openingError(
  code: OpeningErrorCode,
  shortMessage: string,
  details?: string,
  cause?: unknown,
): AssayError {
  return new AssayError({ code, shortMessage, details, cause });
}

/** Columns have no room for the tails that so many uses take. */
export function tooManyUses(logRows: number, uses: number, most: number): AssayError {
  return new AssayError({
    code: 'ASSAY_USES_TOO_MANY',
    shortMessage: `columns of ${2 ** logRows} rows have no room for the tails of ${uses} proofs`,
    details: `${Math.max(0, most)} at most: their length is the model's. For more, set it up again with what is to be committed, or with longer columns.`,
  });
}
