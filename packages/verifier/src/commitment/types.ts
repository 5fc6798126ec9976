import type { K } from '@assay/core/field';

/**
 * The public part of a tensor that was committed on its own: what it is called by, and what a layout
 * and an opening of it follow from. It says how large the tensor is and nothing of its values.
 */
export interface PortCommitment {
  /** Salted Merkle root of the tensor's columns, 32 bytes. */
  readonly root: Uint8Array;
  /** Answers at the points that `registeredPoints` derives from root, size and `commitmentBinding`. */
  readonly yReg: readonly K[];
  /** Random rows at the end of each column, fixed for good: every opening uses some of them up. */
  readonly tailRows: number;
  /** Of the program's tensor. */
  readonly shape: readonly number[];
  /** log2 of the column length, and of the inverse rate of the code: those of every proof that opens it. */
  readonly logRows: number;
  readonly logInverseRate: number;
}
