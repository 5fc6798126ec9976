import type { Range } from '../types.ts';

/**
 * What a contract can check of a run: tensors committed by element, and relations that name single
 * elements of them. Derived from a Program (`deriveTrace`); the packed codec and the commitments are
 * those of `contracts/solidity/src/interfaces/Commitments.sol`.
 */

/** Whose root: the model's record (0, Constant), the job (1, Input), the submission (2, Trace; 3, Output). */
export type ListId = 0 | 1 | 2 | 3;

export const LIST: {
  readonly constant: 0;
  readonly input: 1;
  readonly trace: 2;
  readonly output: 3;
} = { constant: 0, input: 1, trace: 2, output: 3 };

/** A tensor of a list. `order` is its leaf order: storage axes, outermost first. */
export interface TensorRef {
  readonly list: ListId;
  readonly index: number;
  readonly dims: readonly number[];
  readonly order: readonly number[];
}

export interface Stride {
  readonly axis: number;
  readonly stride: number;
}

/** Where storage axes are read, as a function of logical indices; factors cover the storage axes in order. */
export type Factor =
  /** One storage axis: u = offset + Σ stride·i_axis. */
  | { readonly kind: 'affine'; readonly offset: number; readonly strides: readonly Stride[] }
  /** One storage axis: u = table[i_axis], a Constant of rank 1. */
  | { readonly kind: 'gather'; readonly axis: number; readonly table: TensorRef }
  /** `storageAxes` storage axes whose row-major flat index is the row-major flat index of `axes`. */
  | { readonly kind: 'reshape'; readonly storageAxes: number; readonly axes: readonly number[] };

/** A coordinate outside its storage axis reads 0. */
export interface TraceView {
  readonly tensor: TensorRef;
  readonly factors: readonly Factor[];
}

/** bias + Σ coefficient·view(i), over the integers; at most 16 terms. */
export interface TraceForm {
  readonly bias: number;
  readonly terms: readonly { readonly coefficient: number; readonly view: TraceView }[];
}

/** One coordinate into a table: form(i) − base, or offset + Σ stride·i_axis. */
export type Coordinate =
  | { readonly kind: 'keyed'; readonly base: number; readonly form: TraceForm }
  | { readonly kind: 'affine'; readonly offset: number; readonly strides: readonly Stride[] };

export type TraceRelation =
  /** form(i) = 0. */
  | { readonly kind: 'linear'; readonly domain: readonly number[]; readonly form: TraceForm }
  /**
   * Instance (c, o) of [chunks, ...domain]: P_c(o) − P_{c−1}(o) = Σ_{t in [c·chunk, (c+1)·chunk)} x(o, k(t))·y(o, k(t)),
   * k row-major over sum, P_{−1} = 0, P_c = partials[c, o…] for c < last; scale·P_last(o) + claim(o) = 0.
   */
  | {
      readonly kind: 'einsum';
      readonly domain: readonly number[];
      readonly sum: readonly number[];
      readonly chunk: number;
      readonly scale: number;
      readonly x: TraceView;
      readonly y: TraceView;
      readonly partials: TensorRef | null;
      readonly claim: TraceForm;
    }
  /** lo <= form(i) <= hi. */
  | {
      readonly kind: 'range';
      readonly domain: readonly number[];
      readonly lo: number;
      readonly hi: number;
      readonly form: TraceForm;
    }
  /** value(i) = table[coordinates(i)]; a coordinate outside the table violates. */
  | {
      readonly kind: 'lookup';
      readonly domain: readonly number[];
      readonly value: TraceForm;
      readonly table: TensorRef;
      readonly coordinates: readonly Coordinate[];
    };

export type RelationKind = TraceRelation['kind'];

/** A tensor of a derived trace: what it is called, and what the relations confine it to. */
export interface TraceTensor extends TensorRef {
  readonly name: string;
  readonly range: Range;
}

/** Tensors that their relations fix together, once everything before them is fixed. */
export interface DefinitionGroup {
  readonly tensors: readonly TensorRef[];
  /** Indices into `TraceProgram.relations`. */
  readonly relations: readonly number[];
}

export type TraceLists = readonly [
  constant: readonly TraceTensor[],
  input: readonly TraceTensor[],
  trace: readonly TraceTensor[],
  output: readonly TraceTensor[],
];

/** One tensor, some of its leaves (`Opening` of Commitments.sol). */
export interface Opening {
  readonly list: ListId;
  readonly index: number;
  readonly root: Uint8Array;
  readonly path: readonly Uint8Array[];
  /** Strictly increasing. */
  readonly leaves: readonly number[];
  /** 128 bytes for each leaf. */
  readonly data: Uint8Array;
  /** Level by level from the leaves upwards, left to right; exactly consumed. */
  readonly siblings: readonly Uint8Array[];
}

export interface RelationRef {
  readonly index: number;
  readonly kind: RelationKind;
  readonly body: Uint8Array;
  readonly path: readonly Uint8Array[];
}

export interface FraudProof {
  readonly relation: RelationRef;
  readonly element: bigint;
  readonly openings: readonly Opening[];
}

export interface PaddingProof {
  readonly mention: RelationRef;
  readonly slot: number;
  readonly opening: Opening;
  readonly level: number;
  readonly position: number;
  readonly node: Uint8Array;
  readonly path: readonly Uint8Array[];
}

/** What a check is made against; roots and lengths by `ListId`. */
export interface Lists {
  readonly relations: Uint8Array;
  readonly relationCount: number;
  readonly roots: readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  readonly lengths: readonly [number, number, number, number];
}
