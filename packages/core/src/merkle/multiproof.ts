import { err, ok, type Result } from '../errors.ts';
import { DIGEST_BYTES, equalBytes } from '../hash/index.ts';
import type { MerkleError } from './errors.ts';
import { nodeHash } from './hash.ts';

/** A parent from its children: `nodeHash` here, another for trees of another format. */
export type NodeHash = (left: Uint8Array, right: Uint8Array) => Uint8Array;

/** A node: layer 0 holds the leaves. */
export interface NodePosition {
  readonly layer: number;
  readonly index: number;
}

/**
 * The nodes that a multiproof supplies for leaves `indices` (sorted, distinct) of a tree of
 * 2^logLeaves leaves: those next to a known node and not known themselves, by layer from the leaves
 * up, left to right. Cost: at most indices.length·logLeaves.
 */
export function siblingPositions(logLeaves: number, indices: readonly number[]): NodePosition[] {
  const positions: NodePosition[] = [];
  let known: readonly number[] = indices;
  for (let layer = 0; layer < logLeaves; layer++) {
    const parents: number[] = [];
    for (const [i, index] of known.entries()) {
      const isRight = index % 2 === 1;
      if (isRight && known[i - 1] === index - 1) continue;
      parents.push(Math.floor(index / 2));
      if (isRight) positions.push({ layer, index: index - 1 });
      else if (known[i + 1] !== index + 1) positions.push({ layer, index: index + 1 });
    }
    known = parents;
  }
  return positions;
}

/** Number of digests in a multiproof: follows from the indices alone. */
export function siblingCount(logLeaves: number, indices: readonly number[]): number {
  return siblingPositions(logLeaves, indices).length;
}

/** The siblings for `indices` (sorted, distinct), read from a stored tree. */
export function openMultiproof(
  logLeaves: number,
  indices: readonly number[],
  digest: (layer: number, index: number) => Uint8Array,
): Uint8Array[] {
  return siblingPositions(logLeaves, indices).map(({ layer, index }) => digest(layer, index));
}

const isSortedDistinct = (indices: readonly number[], logLeaves: number): boolean =>
  indices.length > 0 &&
  indices.every((index, i) => {
    const previous = i === 0 ? -1 : (indices[i - 1] ?? -1);
    return Number.isInteger(index) && index > previous && index < 2 ** logLeaves;
  });

/**
 * Verifies that the leaves at `indices` of the tree with this root hash to `leafHashes`.
 *
 * Rejects:   merkle/indices (none, unsorted, repeated or out of range), merkle/leaf-count,
 *            merkle/sibling-count (exactly `siblingCount`, no more), merkle/digest, merkle/root.
 * Soundness: two different answers for one leaf give a collision of keccak-256, as long as all rows
 *            have one length (leaves and nodes have different first bytes). With another `hashNode` the
 *            caller sees to it that no leaf hash is a node hash.
 */
export function verifyMultiproof(
  root: Uint8Array,
  logLeaves: number,
  indices: readonly number[],
  leafHashes: readonly Uint8Array[],
  siblings: readonly Uint8Array[],
  hashNode: NodeHash = nodeHash,
): Result<null, MerkleError> {
  if (!isSortedDistinct(indices, logLeaves)) return err({ kind: 'merkle/indices' });
  if (leafHashes.length !== indices.length) {
    return err({ kind: 'merkle/leaf-count', expected: indices.length, actual: leafHashes.length });
  }
  const expected = siblingCount(logLeaves, indices);
  if (siblings.length !== expected) {
    return err({ kind: 'merkle/sibling-count', expected, actual: siblings.length });
  }
  if (![...leafHashes, ...siblings].every((digest) => digest.length === DIGEST_BYTES)) {
    return err({ kind: 'merkle/digest' });
  }

  const supplied = siblings.values();
  const nextSibling = (): Uint8Array => supplied.next().value ?? new Uint8Array();
  let known = indices.map((index, i) => ({ index, hash: leafHashes[i] ?? new Uint8Array() }));
  for (let layer = 0; layer < logLeaves; layer++) {
    const parents: { index: number; hash: Uint8Array }[] = [];
    for (const [i, { index, hash }] of known.entries()) {
      if (index % 2 === 1) {
        if (known[i - 1]?.index === index - 1) continue;
        parents.push({ index: (index - 1) / 2, hash: hashNode(nextSibling(), hash) });
      } else {
        const right = known[i + 1];
        const rightHash = right?.index === index + 1 ? right.hash : nextSibling();
        parents.push({ index: index / 2, hash: hashNode(hash, rightHash) });
      }
    }
    known = parents;
  }
  const [top] = known;
  return top !== undefined && equalBytes(top.hash, root) ? ok(null) : err({ kind: 'merkle/root' });
}
