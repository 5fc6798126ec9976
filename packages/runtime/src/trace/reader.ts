import { AssayError } from '@assay/core/errors';
import { LEAF_BYTES, type ListId, type TraceTrees } from '@assay/program/trace';

/** Lists that a submission commits to. */
export type SubmittedList = Extract<ListId, 2 | 3>;

/** Trees that another holds. What it gives is checked against roots: it may come from anyone. */
export interface TreeReader {
  /** Root of a list, as submitted. */
  root(list: SubmittedList): Promise<Uint8Array>;
  /** Node of a list's tree; level 0: the roots of tensors. */
  listNode(list: SubmittedList, level: number, position: number): Promise<Uint8Array>;
  /** Node of a tensor's tree; level 0: hashes of leaves. */
  node(list: SubmittedList, tensor: number, level: number, position: number): Promise<Uint8Array>;
  /** The 128 bytes of a leaf. */
  leaf(list: SubmittedList, tensor: number, leaf: number): Promise<Uint8Array>;
}

/** Nodes are withheld or do not lead to the roots: ground for a data challenge. */
export function dataError(what: string): AssayError {
  return new AssayError({
    code: 'ASSAY_TRACE_DATA',
    shortMessage: `served trace: ${what} does not lead to the submitted root`,
  });
}

/** A reader of trees in memory. */
export function treeReader(trees: TraceTrees): TreeReader {
  const tensor = (list: ListId, index: number) => {
    const tree = trees.trees[list][index];
    if (tree === undefined)
      throw new RangeError(`treeReader: expected a tensor, got ${index} of list ${list}`);
    return tree;
  };
  return {
    root: (list) => Promise.resolve(trees.lists[list].root),
    listNode: (list, level, position) => Promise.resolve(trees.lists[list].node(level, position)),
    node: (list, index, level, position) =>
      Promise.resolve(tensor(list, index).node(level, position)),
    leaf: (list, index, leaf) =>
      Promise.resolve(tensor(list, index).leaf(leaf).slice(0, LEAF_BYTES)),
  };
}
