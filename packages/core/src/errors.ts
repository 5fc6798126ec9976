/** Data or an error of kind `E`: how untrusted bytes are answered. Never thrown. */
export type Result<T, E> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });
export const err = <E>(error: E): { readonly ok: false; readonly error: E } => ({
  ok: false,
  error,
});

/** Stable, documented, grep-able; callers match on it, never on `instanceof`. */
export type AssayErrorCode = `ASSAY_${string}`;

export interface AssayErrorInit {
  readonly code: AssayErrorCode;
  /** One sentence: what was wrong and where. */
  readonly shortMessage: string;
  /** What to do about it, or the list of all offenders. */
  readonly details?: string | undefined;
  readonly cause?: unknown;
}

/** Failures of the environment and of the caller's files: I/O, workers, models, bundles. */
export class AssayError extends Error {
  override readonly name: string = 'AssayError';
  readonly code: AssayErrorCode;
  readonly shortMessage: string;
  readonly details: string | undefined;

  constructor(init: AssayErrorInit) {
    super(
      init.details === undefined ? init.shortMessage : `${init.shortMessage}\n${init.details}`,
      init.cause === undefined ? undefined : { cause: init.cause },
    );
    this.code = init.code;
    this.shortMessage = init.shortMessage;
    this.details = init.details;
  }
}
