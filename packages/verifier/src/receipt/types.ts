import type { K } from '@assay/core/field';

/**
 * What a receipt says of an input or output. Public: its integers, or their count and digest
 * (`valuesDigest`). Committed: root and answers that name it (`commitmentName`). Hidden: nothing.
 */
export type PortValue =
  | { readonly kind: 'values'; readonly name: string; readonly values: Int32Array }
  | {
      readonly kind: 'digest';
      readonly name: string;
      readonly elements: number;
      readonly digest: Uint8Array;
    }
  | {
      readonly kind: 'committed';
      readonly name: string;
      readonly root: Uint8Array;
      readonly yReg: readonly K[];
      /** Rows of the tail of its columns. */
      readonly tailRows: number;
    }
  | { readonly kind: 'hidden'; readonly name: string };

/** Where the proof is: in the receipt, or in a file of this name that travels beside it. */
export type ProofLocation =
  | { readonly kind: 'embedded'; readonly data: Uint8Array }
  | { readonly kind: 'beside'; readonly file: string };

/** What a prover claims and signs. Nothing in it is to be believed before `verifyReceipt` has accepted it. */
export interface ReceiptBody {
  readonly model: {
    /** What people call the model: the program's name. */
    readonly title: string;
    /** Hidden: a registration proof in the verifying key vouches for their ranges. */
    readonly weights: 'public' | 'hidden';
    /** Merkle root of the model columns, 32 bytes. */
    readonly root: Uint8Array;
    /** Registered out-of-domain answers: with the root they name one polynomial. */
    readonly yReg: readonly K[];
  };
  /** Digest of the encoded program, 32 bytes. */
  readonly program: Uint8Array;
  readonly suite: {
    readonly name: string;
    /** Provable bits that the parameters were derived for. */
    readonly securityBits: number;
    /** Digest of all parameters, 32 bytes. */
    readonly parameters: Uint8Array;
  };
  readonly inputs: readonly PortValue[];
  readonly outputs: readonly PortValue[];
  /** The client's nonce, 0 to 64 bytes. */
  readonly nonce: Uint8Array;
  readonly proof: {
    /** keccak-256 of the proof's bytes. */
    readonly digest: Uint8Array;
    readonly sizeBytes: number;
    readonly location: ProofLocation;
  };
  /** Ed25519 public key of the signer, 32 bytes. */
  readonly proverKey: Uint8Array;
  /** RFC 3339 in UTC (`2026-11-20T08:00:00Z`), given by whoever signs. Not proven. */
  readonly time: string;
}

/** A decoded receipt: well formed, not yet verified. */
export interface Receipt {
  readonly body: ReceiptBody;
  /** The signed bytes: the in-toto statement as it stood in the envelope. */
  readonly payload: Uint8Array;
  /** Ed25519 signature over the DSSE pre-authentication encoding of `payload`, 64 bytes. */
  readonly signature: Uint8Array;
}
