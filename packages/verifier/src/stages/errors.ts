import type { LogupError } from '@assay/core/lookup';
import type { WhirError } from '@assay/core/pcs';
import type { SumcheckError } from '@assay/core/sumcheck';
import type { ArgumentError } from '../argument/argument.ts';
import type { StatementError } from '../argument/statement-bytes.ts';

/** Why a proof is rejected, by step of the protocol; parts are wrapped by wholes. */
export type VerifyError =
  | ArgumentError
  | StatementError
  | {
      readonly kind: 'proof/format';
      readonly reason:
        | 'magic'
        | 'version'
        | 'too-large'
        | 'truncated'
        | 'non-canonical'
        | 'trailing-bytes';
    }
  | { readonly kind: 'proof/pow'; readonly step: 'S3' | 'S7' }
  | { readonly kind: 'proof/lookup'; readonly error: LogupError }
  | { readonly kind: 'proof/sumcheck'; readonly error: SumcheckError }
  | { readonly kind: 'proof/operands' }
  /** The weights are hidden, and no registration proof vouches for their ranges. */
  | { readonly kind: 'proof/unregistered' }
  /** Two roots that cannot stand for the same values: other programs, shapes, column lengths or rates, or nothing hidden. */
  | { readonly kind: 'proof/renewal' }
  | { readonly kind: 'proof/registration'; readonly error: VerifyError }
  | { readonly kind: 'proof/opening'; readonly error: WhirError };
