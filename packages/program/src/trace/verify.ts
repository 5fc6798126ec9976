import { err, ok, type Result } from '@assay/core/errors';
import { DIGEST_BYTES, equalBytes } from '@assay/core/hash';
import { verifyMultiproof } from '@assay/core/merkle';
import { elementCount } from '../shape/dimensions.ts';
import { evaluate, instances } from './check.ts';
import { decodeRelation, relationHash } from './codec.ts';
import type { TraceError } from './errors.ts';
import { mentions, tensorKey } from './structure.ts';
import {
  LEAF_BYTES,
  LEAF_ELEMENTS,
  leafCount,
  listDepth,
  rootOfPath,
  tensorDepth,
  tensorLeafHash,
  tensorNodeHash,
  zeroNode,
} from './tree.ts';
import {
  type FraudProof,
  LIST,
  type Lists,
  type Opening,
  type PaddingProof,
  type RelationRef,
  type TensorRef,
  type TraceRelation,
} from './types.ts';

const ZERO_DIGEST = new Uint8Array(DIGEST_BYTES);

function isDigest(bytes: Uint8Array): boolean {
  return bytes.length === DIGEST_BYTES;
}

/**
 * Whether `entry` is at `index` of the list of `entries` entries, padding included, under `root`. The
 * depth is the list's: a path of another length would take an inner node for an entry, or a node below it.
 */
function isListed(
  entry: Uint8Array,
  index: number,
  path: readonly Uint8Array[],
  entries: number,
  root: Uint8Array,
): boolean {
  const depth = listDepth(entries);
  return (
    Number.isInteger(index) &&
    index >= 0 &&
    index < 2 ** depth &&
    path.length === depth &&
    isDigest(entry) &&
    equalBytes(rootOfPath(entry, index, path), root)
  );
}

/** The relation at `ref.index` of the program, or why the body is not it. */
function provenRelation(lists: Lists, ref: RelationRef): Result<TraceRelation, TraceError> {
  const { index, kind, body, path } = ref;
  const refuse = (reason: string): Result<never, TraceError> =>
    err({ kind: 'trace/relation', index, reason });
  if (!(index < lists.relationCount)) return refuse('no such relation');
  const listed = isListed(
    relationHash(kind, body),
    index,
    path,
    lists.relationCount,
    lists.relations,
  );
  return listed ? decodeRelation(kind, body) : refuse('the path does not end in the root');
}

/** The tensor root of an opening is under its list's root. */
function proveRoot(lists: Lists, opening: Opening, at: number): Result<null, TraceError> {
  const { list, index, root, path } = opening;
  const length = lists.lengths[list];
  const refuse = (reason: string): Result<never, TraceError> =>
    err({ kind: 'trace/opening', opening: at, reason });
  if (!(index < length)) return refuse('no such tensor');
  return isListed(root, index, path, length, lists.roots[list])
    ? ok(null)
    : refuse('the path does not end in the root of the list');
}

/** The leaves of an opening are under its tensor root. Cost: leaves · depth hashes. */
function proveLeaves(opening: Opening, tensor: TensorRef, at: number): Result<null, TraceError> {
  const { leaves, data, siblings, root } = opening;
  if (data.length !== LEAF_BYTES * leaves.length)
    return err({ kind: 'trace/opening', opening: at, reason: 'data is not 128 bytes a leaf' });
  const hashes = leaves.map((_, i) =>
    tensorLeafHash(data.subarray(LEAF_BYTES * i, LEAF_BYTES * (i + 1))),
  );
  const depth = tensorDepth(elementCount(tensor.dims));
  const proven = verifyMultiproof(root, depth, leaves, hashes, siblings, tensorNodeHash);
  return proven.ok ? proven : err({ kind: 'trace/multiproof', opening: at, cause: proven.error });
}

/** Elements of the leaves that were opened. */
class OpenedLeaves {
  readonly #leaves = new Map<string, DataView>();
  /** The first element that was read and lies in no opened leaf. */
  missing: TraceError | null = null;

  add({ list, index, leaves, data }: Opening): void {
    for (const [i, leaf] of leaves.entries()) {
      const bytes = data.subarray(LEAF_BYTES * i, LEAF_BYTES * (i + 1));
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      this.#leaves.set(`${tensorKey({ list, index })}:${leaf}`, view);
    }
  }

  read({ list, index }: TensorRef, position: number): number {
    const leaf = Math.floor(position / LEAF_ELEMENTS);
    const data = this.#leaves.get(`${tensorKey({ list, index })}:${leaf}`);
    if (data !== undefined) return data.getInt32(4 * (position % LEAF_ELEMENTS));
    this.missing ??= { kind: 'trace/leaf', list, index, leaf };
    return 0;
  }
}

/**
 * Whether a relation of the program is violated at one element, by values that are committed. The
 * definition of what `FraudVerifier.violated` answers: it reverts where this is an error.
 *
 *   1. relation.body is the relation at relation.index: along relation.path, whose length is the depth
 *      of a list of relationCount entries; index < relationCount; the body decodes (`decodeRelation`).
 *   2. element < instances.
 *   3. Every opening is of a tensor that the relation mentions, no two of the same; index below the
 *      list's length, path as long as the list is deep; at least one leaf, leaves strictly increasing and
 *      below 2^depth, depth from the mention's shape; siblings exactly consumed. Leaves, and openings,
 *      that the instance does not read are allowed.
 *   4. Everything that `evaluate` reads lies in an opened leaf.
 *
 * Rejects: trace/relation, trace/encoding, trace/structure, trace/element, trace/opening,
 *          trace/multiproof, trace/leaf. A relation that holds is `false`.
 * Cost:    linear in the bytes of the proof times the depth of trees, and at most 1,024 terms.
 */
export function violated(lists: Lists, proof: FraudProof): Result<boolean, TraceError> {
  const proven = provenRelation(lists, proof.relation);
  if (!proven.ok) return proven;
  const relation = proven.value;
  const count = instances(relation);
  if (proof.element < 0n || proof.element >= BigInt(count))
    return err({ kind: 'trace/element', element: proof.element, instances: count });

  const unopened = new Map(mentions(relation).map((tensor) => [tensorKey(tensor), tensor]));
  const opened = new OpenedLeaves();
  for (const [at, opening] of proof.openings.entries()) {
    const tensor = unopened.get(tensorKey(opening));
    if (tensor === undefined) {
      const reason = 'not of a tensor that the relation mentions, or a second one of it';
      return err({ kind: 'trace/opening', opening: at, reason });
    }
    unopened.delete(tensorKey(opening));
    const root = proveRoot(lists, opening, at);
    if (!root.ok) return root;
    const leaves = proveLeaves(opening, tensor, at);
    if (!leaves.ok) return leaves;
    opened.add(opening);
  }
  const holds = evaluate(relation, Number(proof.element), (tensor, position) =>
    opened.read(tensor, position),
  );
  return opened.missing === null ? ok(!holds) : err(opened.missing);
}

/** The padding of the last real leaf, which is the only leaf opened. */
function lastLeafViolated(opening: Opening, tensor: TensorRef): Result<boolean, TraceError> {
  const elements = elementCount(tensor.dims);
  const last = leafCount(elements) - 1;
  if (opening.leaves.length !== 1 || opening.leaves[0] !== last)
    return err({ kind: 'trace/padding', reason: 'not the last leaf' });
  const proven = proveLeaves(opening, tensor, 0);
  if (!proven.ok) return proven;
  const padding = opening.data.subarray(4 * (elements - LEAF_ELEMENTS * last));
  return ok(padding.some((byte) => byte !== 0));
}

/** A node above padding leaves only; its level is where the path starts. */
function nodeViolated(proof: PaddingProof, tensor: TensorRef): Result<boolean, TraceError> {
  const { level, position, node, path, opening } = proof;
  const elements = elementCount(tensor.dims);
  const depth = tensorDepth(elements);
  const inTree =
    Number.isInteger(level) &&
    Number.isInteger(position) &&
    level >= 0 &&
    position < 2 ** (depth - level);
  if (!inTree || position * 2 ** level < leafCount(elements))
    return err({ kind: 'trace/padding', reason: 'not a node over padding only' });
  const proven =
    path.length === depth - level &&
    isDigest(node) &&
    equalBytes(rootOfPath(node, position, path), opening.root);
  if (!proven)
    return err({ kind: 'trace/padding', reason: 'the path does not end in the tensor root' });
  return ok(!equalBytes(node, zeroNode(level)));
}

/**
 * Whether padding that the submission committed to is not canonical. The definition of what
 * `FraudVerifier.paddingViolated` answers. Only the Trace and Output lists: the rest is not the
 * submission's. Which of three, by `opening`:
 *
 *   index >= the list's length: the root there, under the list's root, is not 32 zero bytes. All else is
 *     ignored.
 *   Otherwise `mention` is proven as in `violated`, its slot-th mention (`mentions`) is the opened tensor,
 *     whose root is under the list's root, and
 *   leaves given: exactly the last leaf that holds elements, whose bytes beyond them are not 0; level,
 *     position, node and path are ignored.
 *   no leaves: `node` at (level, position) covers padding leaves only, is under the tensor root along
 *     `path` (depth − level siblings), and is not Z_level; data and siblings are ignored.
 *
 * Rejects: as `violated`, and trace/padding. Canonical padding is `false`.
 */
export function paddingViolated(lists: Lists, proof: PaddingProof): Result<boolean, TraceError> {
  const { opening } = proof;
  const { list, index } = opening;
  if (list !== LIST.trace && list !== LIST.output)
    return err({ kind: 'trace/padding', reason: 'not a list of the submission' });
  if (index >= lists.lengths[list]) {
    const { root, path } = opening;
    return isListed(root, index, path, lists.lengths[list], lists.roots[list])
      ? ok(!equalBytes(root, ZERO_DIGEST))
      : err({ kind: 'trace/padding', reason: 'the path does not end in the root of the list' });
  }
  const proven = provenRelation(lists, proof.mention);
  if (!proven.ok) return proven;
  const tensor = mentions(proven.value)[proof.slot];
  if (tensor === undefined || tensorKey(tensor) !== tensorKey(opening))
    return err({ kind: 'trace/padding', reason: 'the slot does not name the opened tensor' });
  const root = proveRoot(lists, opening, 0);
  if (!root.ok) return root;
  return opening.leaves.length > 0
    ? lastLeafViolated(opening, tensor)
    : nodeViolated(proof, tensor);
}
