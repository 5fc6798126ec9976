import { AssayError } from '@assay/core/errors';
import { EXIT, type ExitCode } from './exit-codes.ts';

/** What a verb has to say at its end: once for programs, once for people. */
export interface Outcome {
  readonly exitCode: ExitCode;
  /** Printed with --json: one object. */
  readonly json: object;
  /** Printed without. */
  readonly text: string;
  /** The result itself went to standard output: what there is to say goes to standard error. */
  readonly stdoutTaken?: boolean;
}

/** The command line itself is wrong. */
export class UsageError extends AssayError {
  constructor(shortMessage: string, details?: string) {
    super({ code: 'ASSAY_USAGE', shortMessage, details });
  }
}

/** An error as an outcome. Errors that are not ours are defects, and say so. */
export function outcomeOf(error: unknown): Outcome {
  if (error instanceof Error && isAssayError(error)) {
    const { code, shortMessage, details } = error;
    // Refused models list every offending node.
    const problems = 'problems' in error ? { problems: error.problems } : {};
    return {
      exitCode: code === 'ASSAY_USAGE' ? EXIT.usage : EXIT.failure,
      json: {
        ok: false,
        error: { code, message: shortMessage, details: details ?? null, ...problems },
      },
      text: `error: ${shortMessage}${details === undefined ? '' : `\n${details}`}\n(${code})`,
    };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    exitCode: EXIT.failure,
    json: { ok: false, error: { code: 'ASSAY_UNEXPECTED', message: text, details: null } },
    text: `unexpected error: ${text}\n(ASSAY_UNEXPECTED)`,
  };
}

/** By its code, not by its class: packages may be installed twice. */
function isAssayError(error: Error): error is AssayError {
  return 'code' in error && String(error.code).startsWith('ASSAY_') && 'shortMessage' in error;
}

/** JSON with typed arrays as lists, bytes as hex and maps as objects. */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(
    value,
    (_, entry: unknown) => {
      if (entry instanceof Uint8Array) return Buffer.from(entry).toString('hex');
      if (ArrayBuffer.isView(entry) && !(entry instanceof DataView))
        return Array.from(numbers(entry));
      if (entry instanceof Map) return Object.fromEntries(entry);
      return entry;
    },
    indent,
  );
}

function numbers(view: ArrayBufferView): Iterable<number> {
  if (view instanceof Int32Array || view instanceof Float32Array || view instanceof Float64Array) {
    return view;
  }
  throw new TypeError(`toJson: expected numbers, got ${view.constructor.name}`);
}
