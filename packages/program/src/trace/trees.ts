import { encodeRelation, relationHash } from './codec.ts';
import type { OpenableTensor, TraceSource } from './open.ts';
import { ListTree, type TensorTree } from './tree.ts';
import type { ListId, Lists, TensorRef, TraceRelation } from './types.ts';

/** The list of a program's relations. */
export function relationsTree(relations: readonly TraceRelation[]): ListTree {
  return new ListTree(
    relations.map((relation) => relationHash(relation.kind, encodeRelation(relation))),
  );
}

/** All four lists of tensors with the relations, in memory: what a prover of fraud holds. */
export class TraceTrees implements TraceSource {
  readonly relations: ListTree;
  readonly trees: Readonly<Record<ListId, readonly TensorTree[]>>;
  readonly lists: Readonly<Record<ListId, ListTree>>;
  readonly #relationCount: number;

  constructor(
    relations: readonly TraceRelation[],
    trees: Readonly<Record<ListId, readonly TensorTree[]>>,
  ) {
    const list = (id: ListId): ListTree => new ListTree(trees[id].map(({ root }) => root));
    this.relations = relationsTree(relations);
    this.#relationCount = relations.length;
    this.trees = trees;
    this.lists = { 0: list(0), 1: list(1), 2: list(2), 3: list(3) };
  }

  /** What a check of these values is made against. */
  get roots(): Lists {
    const { lists, trees } = this;
    return {
      relations: this.relations.root,
      relationCount: this.#relationCount,
      roots: [lists[0].root, lists[1].root, lists[2].root, lists[3].root],
      lengths: [trees[0].length, trees[1].length, trees[2].length, trees[3].length],
    };
  }

  relationPath(index: number): readonly Uint8Array[] {
    return this.relations.path(index);
  }

  /** @throws {RangeError} on a tensor that is not in the lists. */
  tensor({ list, index }: Pick<TensorRef, 'list' | 'index'>): OpenableTensor {
    const tree = this.trees[list][index];
    if (tree === undefined)
      throw new RangeError(`TraceTrees.tensor: expected a tensor, got ${index} of list ${list}`);
    return {
      root: tree.root,
      path: this.lists[list].path(index),
      read: (position) => tree.values[position] ?? 0,
      open: (leaves) => tree.open(leaves),
    };
  }
}
