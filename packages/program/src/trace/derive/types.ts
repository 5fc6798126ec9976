import type { Form, Product, TableId, TensorId } from '../../types.ts';
import type { DefinitionGroup, ListId, TensorRef, TraceRelation, TraceTensor } from '../types.ts';

/** form + Σ products over dims, in terms of the program. */
export interface ProgramSum {
  readonly dims: readonly number[];
  readonly form: Form;
  readonly products: readonly Product[];
}

/** What the elements of a tensor are. */
export type Origin =
  | { readonly kind: 'tensor'; readonly tensor: TensorId }
  /** A value column as a function of the keys (`tableValues`); 'member': 1 where the keys are a row of the table, 0 elsewhere. */
  | { readonly kind: 'table'; readonly table: TableId; readonly column: number | 'member' }
  /** 1, or where a gather reads. */
  | { readonly kind: 'listed'; readonly values: readonly number[] }
  | { readonly kind: 'sum'; readonly sum: ProgramSum }
  /** P_0 … P_{last−1} of an einsum, by index into `TraceProgram.relations`. */
  | { readonly kind: 'prefix'; readonly relation: number }
  /** The same elements as a tensor of a list, in another leaf order. */
  | { readonly kind: 'copy'; readonly list: ListId; readonly index: number };

export interface DerivedTensor extends TraceTensor {
  readonly origin: Origin;
  /** Index into `Program.nodes`. */
  readonly node: number;
  /**
   * Whether the range follows from the program's ranges. Otherwise it is that of int32, and `checkTrace` shows from
   * weights that no input leaves it.
   */
  readonly proven: boolean;
}

/** By `ListId`. */
export type DerivedLists = readonly [
  constant: readonly DerivedTensor[],
  input: readonly DerivedTensor[],
  trace: readonly DerivedTensor[],
  output: readonly DerivedTensor[],
];

/**
 * What a contract can check of runs of one program. Trace tensors are numbered in the order of their groups: the
 * first that differs belongs to the first group that does, as far as the Trace list can tell.
 */
export interface TraceProgram {
  readonly lists: DerivedLists;
  readonly relations: readonly TraceRelation[];
  /** Index into `Program.nodes` by relation. */
  readonly nodes: readonly number[];
  /** In an order in which a run can find them: relations of a group name no tensor of a later one. */
  readonly groups: readonly DefinitionGroup[];
}

/** A tensor whose leaf order is still to be chosen; relations under construction name it. */
export interface DraftTensor extends TensorRef {
  /** Of a trace tensor: as made, until groups are known. */
  index: number;
  order: readonly number[];
  /** The order is fixed, by its list or by a reader. */
  decided: boolean;
  readonly name: string;
  readonly range: { readonly lo: number; readonly hi: number };
  readonly origin: Origin;
  readonly node: number;
  readonly proven: boolean;
}

/** Tensors that their relations fix, given all else that `reads` names. */
export interface Definition {
  readonly tensors: readonly DraftTensor[];
  readonly relations: readonly number[];
  /** Null: all that the relations mention. */
  readonly reads: readonly TensorRef[] | null;
}
