import { encodeRelation } from './codec.ts';
import { type ReadElement, reads } from './check.ts';
import { tensorKey } from './structure.ts';
import { LEAF_ELEMENTS, type LeafProof } from './tree.ts';
import type { FraudProof, Opening, RelationRef, TensorRef, TraceRelation } from './types.ts';

/** A tensor under a list's root. `TensorTree` with its path is one. */
export interface OpenableTensor {
  readonly root: Uint8Array;
  /** From the root to the root of the list. */
  readonly path: readonly Uint8Array[];
  /** Element at a position of the leaf order. */
  read(position: number): number;
  /** Proves leaves, sorted and distinct. */
  open(leaves: readonly number[]): LeafProof;
}

/** Where a fraud proof is made from. */
export interface TraceSource {
  /** Siblings of a relation's hash, up to the relations root. */
  relationPath(index: number): readonly Uint8Array[];
  tensor(tensor: TensorRef): OpenableTensor;
}

/** Leaves that a check of one instance reads. */
export interface NeededLeaves {
  readonly tensor: TensorRef;
  /** Sorted, distinct. */
  readonly leaves: readonly number[];
}

/** Exactly what must be opened to check one instance, by tensor in the order of the first read. */
export function neededLeaves(
  relation: TraceRelation,
  element: number,
  read: ReadElement,
): readonly NeededLeaves[] {
  const found = new Map<string, { tensor: TensorRef; leaves: Set<number> }>();
  for (const { tensor, position } of reads(relation, element, read)) {
    const key = tensorKey(tensor);
    const known = found.get(key) ?? { tensor, leaves: new Set() };
    known.leaves.add(Math.floor(position / LEAF_ELEMENTS));
    found.set(key, known);
  }
  return [...found.values()].map(({ tensor, leaves }) => ({
    tensor,
    leaves: [...leaves].sort((a, b) => a - b),
  }));
}

/** Relation `index` of the program with what proves it. */
export function openRelation(
  source: Pick<TraceSource, 'relationPath'>,
  index: number,
  relation: TraceRelation,
): RelationRef {
  return {
    index,
    kind: relation.kind,
    body: encodeRelation(relation),
    path: source.relationPath(index),
  };
}

/** Leaves of a tensor (sorted, distinct) with what proves them; none: only its root. */
export function openTensor(
  source: Pick<TraceSource, 'tensor'>,
  { tensor, leaves }: NeededLeaves,
): Opening {
  const openable = source.tensor(tensor);
  const { data, siblings } =
    leaves.length === 0 ? { data: new Uint8Array(), siblings: [] } : openable.open(leaves);
  const { root, path } = openable;
  return { list: tensor.list, index: tensor.index, root, path, leaves, data, siblings };
}

/**
 * The proof that relation `index` does or does not hold at `element`: `violated` accepts its openings
 * either way, and answers what the values say.
 */
export function openInstance(
  source: TraceSource,
  index: number,
  relation: TraceRelation,
  element: number,
): FraudProof {
  const read: ReadElement = (tensor, position) => source.tensor(tensor).read(position);
  return {
    relation: openRelation(source, index, relation),
    element: BigInt(element),
    openings: neededLeaves(relation, element, read).map((needed) => openTensor(source, needed)),
  };
}
