import {
  concatBytes,
  DIGEST_BYTES,
  type HashMany,
  keccak256,
  keccak256Many,
} from '@assay/core/hash';
import { openMultiproof } from '@assay/core/merkle';
import { axisBits } from '../shape/dimensions.ts';

/** Elements of a leaf; 4 bytes each. */
export const LEAF_ELEMENTS = 32;
export const LEAF_BYTES = 128;

/** keccak256 of the leaf's 128 bytes. Leaves and nodes differ in length, and depths are never taken from a proof. */
export function tensorLeafHash(data: Uint8Array): Uint8Array {
  return keccak256(data);
}

/** keccak256(left ‖ right), in tensors and in lists. */
export function tensorNodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return keccak256(left, right);
}

/** Leaves that hold elements: ⌈elements / 32⌉. */
export function leafCount(elements: number): number {
  return Math.ceil(elements / LEAF_ELEMENTS);
}

/** Levels of the tree over a tensor of so many elements: ⌈log2 leaves⌉. */
export function tensorDepth(elements: number): number {
  return axisBits(leafCount(elements));
}

/** Levels of the tree over a list of so many entries: ⌈log2 entries⌉. */
export function listDepth(entries: number): number {
  return axisBits(entries);
}

const zeroNodes: Uint8Array[] = [tensorLeafHash(new Uint8Array(LEAF_BYTES))];

/** Z_level: the root of 2^level padding leaves. A copy. */
export function zeroNode(level: number): Uint8Array {
  for (let known = zeroNodes.length; known <= level; known++) {
    const below = zeroNodes[known - 1] ?? new Uint8Array();
    zeroNodes.push(tensorNodeHash(below, below));
  }
  return (zeroNodes[level] ?? new Uint8Array()).slice();
}

function leavesBytes(values: Int32Array, from: number, leaves: number): Uint8Array {
  const bytes = new Uint8Array(LEAF_BYTES * leaves);
  const view = new DataView(bytes.buffer);
  const first = LEAF_ELEMENTS * from;
  const count = Math.min(LEAF_ELEMENTS * leaves, values.length - first);
  for (let i = 0; i < count; i++) view.setInt32(4 * i, values[first + i] ?? 0);
  return bytes;
}

/** The 128 bytes of a leaf: elements as int32 BE in leaf order, 0 beyond the tensor. */
export function leafBytes(values: Int32Array, leaf: number): Uint8Array {
  return leavesBytes(values, leaf, 1);
}

/** Leaves that are hashed at a time. */
const BATCH = 4_096;

/** Some leaves of a tensor with what proves them. */
export interface LeafProof {
  /** 128 bytes for each leaf. */
  readonly data: Uint8Array;
  /** Level by level from the leaves upwards, left to right. */
  readonly siblings: readonly Uint8Array[];
}

/**
 * The tree over one tensor. It keeps the elements and the nodes above them that are no padding: about
 * 2.1 bytes beside the 4 of each element.
 *
 * Caller must: leave `values` (in leaf order) unchanged.
 */
export class TensorTree {
  readonly values: Int32Array;
  readonly depth: number;
  /** Nodes of each level that cover an element, leaves first, one after another. */
  readonly #nodes: Uint8Array;
  /** Index of the first node of each level. */
  readonly #starts: readonly number[];

  /**
   * @param hashMany keccak256 of many: the plain one takes 5 µs for each of 2 hashes per 32 elements.
   * @throws {RangeError} on no elements.
   */
  constructor(values: Int32Array, hashMany: HashMany = keccak256Many) {
    if (values.length === 0) throw new RangeError('TensorTree: expected elements, got none');
    this.values = values;
    this.depth = tensorDepth(values.length);
    const starts = [0];
    let end = 0;
    for (let level = 0; level <= this.depth; level++) {
      end += this.#stored(level);
      starts.push(end);
    }
    this.#starts = starts;
    this.#nodes = new Uint8Array(DIGEST_BYTES * end);
    const leaves = this.#stored(0);
    for (let from = 0; from < leaves; from += BATCH) {
      const bytes = leavesBytes(values, from, Math.min(BATCH, leaves - from));
      this.#nodes.set(hashMany(bytes, LEAF_BYTES), DIGEST_BYTES * from);
    }
    for (let level = 1; level <= this.depth; level++)
      this.#nodes.set(this.#hashLevel(level, hashMany), DIGEST_BYTES * (starts[level] ?? 0));
  }

  /** Stored nodes of a level, from those below. */
  #hashLevel(level: number, hashMany: HashMany): Uint8Array {
    const start = DIGEST_BYTES * (this.#starts[level - 1] ?? 0);
    const stored = DIGEST_BYTES * this.#stored(level - 1);
    const children = this.#nodes.subarray(start, start + stored);
    if (stored % (2 * DIGEST_BYTES) === 0) return hashMany(children, 2 * DIGEST_BYTES);
    return hashMany(concatBytes(children, zeroNode(level - 1)), 2 * DIGEST_BYTES);
  }

  get root(): Uint8Array {
    return this.node(this.depth, 0);
  }

  #stored(level: number): number {
    return Math.ceil(leafCount(this.values.length) / 2 ** level);
  }

  /** Node of a level (0: leaves), padding included. A copy. @throws {RangeError} outside the tree. */
  node(level: number, position: number): Uint8Array {
    const inside =
      Number.isInteger(level) &&
      Number.isInteger(position) &&
      level >= 0 &&
      level <= this.depth &&
      position >= 0 &&
      position < 2 ** (this.depth - level);
    if (!inside)
      throw new RangeError(`TensorTree.node: expected a node, got ${position} of level ${level}`);
    if (position >= this.#stored(level)) return zeroNode(level);
    const at = DIGEST_BYTES * ((this.#starts[level] ?? 0) + position);
    return this.#nodes.slice(at, at + DIGEST_BYTES);
  }

  /** The 128 bytes of a leaf, padding included. */
  leaf(index: number): Uint8Array {
    return leafBytes(this.values, index);
  }

  /** Proves leaves, sorted and distinct. */
  open(leaves: readonly number[]): LeafProof {
    const data = new Uint8Array(LEAF_BYTES * leaves.length);
    for (const [i, leaf] of leaves.entries()) data.set(this.leaf(leaf), LEAF_BYTES * i);
    const siblings = openMultiproof(this.depth, leaves, (level, index) => this.node(level, index));
    return { data, siblings };
  }

  /** Siblings of a node from its level up to the root. */
  path(position: number, level = 0): readonly Uint8Array[] {
    const siblings: Uint8Array[] = [];
    for (let at = level, i = position; at < this.depth; at++, i = Math.floor(i / 2))
      siblings.push(this.node(at, i % 2 === 0 ? i + 1 : i - 1));
    return siblings;
  }
}

/** The tree over a list of tensor roots or relation hashes, padded with 32 zero bytes. */
export class ListTree {
  readonly depth: number;
  readonly #levels: readonly (readonly Uint8Array[])[];

  constructor(entries: readonly Uint8Array[]) {
    this.depth = listDepth(entries.length);
    let level: readonly Uint8Array[] = Array.from(
      { length: 2 ** this.depth },
      (_, i) => entries[i] ?? new Uint8Array(DIGEST_BYTES),
    );
    const levels = [level];
    for (let height = this.depth; height > 0; height--) {
      const below = level;
      level = Array.from({ length: below.length / 2 }, (_, i) =>
        tensorNodeHash(below[2 * i] ?? new Uint8Array(), below[2 * i + 1] ?? new Uint8Array()),
      );
      levels.push(level);
    }
    this.#levels = levels;
  }

  /** 32 zero bytes for an empty list. */
  get root(): Uint8Array {
    return this.node(this.depth, 0);
  }

  /** @throws {RangeError} outside the tree. */
  node(level: number, position: number): Uint8Array {
    const node = this.#levels[level]?.[position];
    if (node === undefined)
      throw new RangeError(`ListTree.node: expected a node, got ${position} of level ${level}`);
    return node;
  }

  /** Siblings of an entry, or of a node of another level, from its level upwards. */
  path(position: number, level = 0): readonly Uint8Array[] {
    const siblings: Uint8Array[] = [];
    for (let at = level, i = position; at < this.depth; at++, i = Math.floor(i / 2))
      siblings.push(this.node(at, i % 2 === 0 ? i + 1 : i - 1));
    return siblings;
  }
}

/** Root that an entry at this index leads to along its siblings. Cost: one hash for each. */
export function rootOfPath(
  entry: Uint8Array,
  index: number,
  path: readonly Uint8Array[],
): Uint8Array {
  let node = entry;
  let i = index;
  for (const sibling of path) {
    node = i % 2 === 0 ? tensorNodeHash(node, sibling) : tensorNodeHash(sibling, node);
    i = Math.floor(i / 2);
  }
  return node;
}
