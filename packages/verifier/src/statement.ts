import type { K } from '@assay/core/field';

/** Values that were committed before the proof: root and registered answers name them (`commitmentName`). */
export interface CommittedValues {
  readonly root: Uint8Array;
  /** Registered out-of-domain answers, as many as a model has. */
  readonly yReg: readonly K[];
}

/**
 * What a proof is about, by port name: public tensors, row major; committed ones by root and answers;
 * of hidden ones nothing. And the client's nonce.
 */
export interface Statement {
  readonly inputs: ReadonlyMap<string, Int32Array>;
  readonly outputs: ReadonlyMap<string, Int32Array>;
  readonly committed?: {
    readonly inputs: ReadonlyMap<string, CommittedValues>;
    readonly outputs: ReadonlyMap<string, CommittedValues>;
  };
  /** Of a renewal: the root that the key's root replaces. */
  readonly earlier?: CommittedValues;
  readonly nonce: Uint8Array;
}
