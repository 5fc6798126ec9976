import { describeProgramError, type ProgramError } from '@assay/program';

/** Why bytes are not a verifying key. */
export type KeyError =
  | { readonly kind: 'key/too-large'; readonly limit: number; readonly actual: number }
  | { readonly kind: 'key/encoding'; readonly reason: string }
  | { readonly kind: 'key/program'; readonly error: ProgramError }
  | { readonly kind: 'key/parameters'; readonly field: string; readonly value: number }
  | { readonly kind: 'key/model'; readonly field: 'root' | 'yReg' | 'registration' };

/** One sentence for people. */
export function describeKeyError(error: KeyError): string {
  switch (error.kind) {
    case 'key/too-large':
      return `verifying key: ${error.actual} bytes, more than ${error.limit}`;
    case 'key/encoding':
      return `verifying key: not a canonical encoding: ${error.reason}`;
    case 'key/program':
      return `verifying key: ${describeProgramError(error.error)}`;
    case 'key/parameters':
      return `verifying key: parameter ${error.field} is ${error.value}, which no derivation gives`;
    case 'key/model':
      return `verifying key: ${error.field} of the model is malformed`;
  }
}
