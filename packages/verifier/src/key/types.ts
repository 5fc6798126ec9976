import type { K } from '@assay/core/field';
import type { ProofParameters } from '@assay/core/security';
import type { Program, Visibility } from '@assay/program';

/** Protocol, layout, hash and field of every key and proof of this version. */
export const SUITE_NAME = 'assay/v1 keccak256 babybear^5';

/** Everything a verifier has of a model: small, and derived from no secret. */
export interface VerifyingKey {
  readonly program: Program;
  /** `programDigest` of its encoding, 32 bytes. */
  readonly programDigest: Uint8Array;
  /** Everything that `security` derived from sizes and target; all of it is absorbed with the statement. */
  readonly parameters: ProofParameters;
  readonly model: {
    /** Merkle root of the model columns, 32 bytes. */
    readonly root: Uint8Array;
    /** Registered out-of-domain answers, `registeredSamples` of them. */
    readonly yReg: readonly K[];
  };
  /**
   * What proofs under `parameters` hide; `keyFor` gives the key for proofs that hide something else.
   *
   * Public weights: whoever has them can recompute the root and the declared ranges; who has not must
   * trust whoever gave out the key. Hidden weights: the registration proof shows the ranges.
   */
  readonly visibility: Visibility;
  /** The registration proof of hidden weights; null: public weights, or not registered yet. */
  readonly registration: Uint8Array | null;
}
