import type { OpenedTree } from '@assay/core/pcs/prover';
import type { Trace, Weights } from '@assay/program';
import type { Argument } from '@assay/verifier';
import type { OpenedTensor } from './commitments/index.ts';

/** Everything a prover holds of a committed model. */
export interface ProvingKey {
  readonly argument: Argument;
  readonly weights: Weights;
  /** Codeword rows and tree of the model columns: from disk or from memory. */
  readonly tree: OpenedTree;
  /** Hidden weights: the random last rows of the model columns, column after column. */
  readonly tails?: Int32Array | undefined;
  /** A renewal: the earlier root, which holds the second half of the model tensors. */
  readonly earlier?: { readonly tree: OpenedTree; readonly tails: Int32Array } | undefined;
}

/** Steps of a proof in order, as `onStage` reports them. */
export type Stage = 'execute' | 'commit' | 'lookups' | 'einsums' | 'claims' | 'opening';

/** What is committed for one proof. */
export interface Witness {
  /** Values of all tensors that are not model tensors. */
  readonly trace: Trace;
  /** How often each table row is looked up, by pseudo tensor; counted when not given. */
  readonly multiplicities?: Trace | undefined;
  /** Committed ports, in the order of their columns. */
  readonly ports?: readonly OpenedTensor[] | undefined;
  /** What padding holds; it is never read, so that anything goes. @default zero */
  readonly padding?: (() => number) | undefined;
}
