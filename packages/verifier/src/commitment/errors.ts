/** Why bytes are not the public part of a committed tensor. */
export type CommitmentError =
  | { readonly kind: 'commitment/too-large'; readonly limit: number; readonly actual: number }
  | { readonly kind: 'commitment/encoding'; readonly reason: string }
  | {
      readonly kind: 'commitment/field';
      readonly field: 'root' | 'yReg' | 'tailRows' | 'shape' | 'logRows' | 'logInverseRate';
    };

/** One sentence for people. */
export function describeCommitmentError(error: CommitmentError): string {
  switch (error.kind) {
    case 'commitment/too-large':
      return `commitment: ${error.actual} bytes, more than ${error.limit}`;
    case 'commitment/encoding':
      return `commitment: not a canonical encoding: ${error.reason}`;
    case 'commitment/field':
      return `commitment: ${error.field} is out of bounds or malformed`;
  }
}
