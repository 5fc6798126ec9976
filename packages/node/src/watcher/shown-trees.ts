import { AssayError } from '@assay/core/errors';
import { siblingPositions } from '@assay/core/merkle';
import {
  type AbiOpening,
  bytesOf,
  type ChallengeState,
  type ChallengeView,
  type Submission,
} from '@assay/market';
import { tensorLeafHash, tensorNodeHash } from '@assay/program/trace';
import type { TreeReader } from '@assay/runtime/trace';

const LEAF_BYTES = 128;
/** `tensor` of a node of the list itself. */
const LIST_TREE = -1;

/**
 * What a data challenge has shown of a submission, from its moves alone: the contract has checked each
 * answer against the roots. A reader of trees whose other nodes are not to be had.
 */
export class ShownTrees implements TreeReader {
  readonly #submission: Submission;
  readonly #nodes: Map<string, Uint8Array> = new Map();
  readonly #leaves: Map<string, Uint8Array> = new Map();

  /** @param depthOf - Levels of a tensor's tree. */
  constructor(
    challenge: ChallengeView,
    submission: Submission,
    depthOf: (list: number, tensor: number) => number,
  ) {
    this.#submission = submission;
    let state: ChallengeState | null = null;
    for (const move of challenge.moves) {
      if (move.name === 'AnsweredNodes' && state !== null) this.#addNodes(state, move.args.nodes);
      if (move.name === 'AnsweredLeaf' && state !== null) {
        const { list, tensor, position } = state;
        this.#addLeaf(list, tensor, position, bytesOf(move.args.leaf));
      }
      if (move.name === 'AnsweredLeaves') {
        for (const opening of move.args.openings) {
          this.#addOpening(opening, depthOf(opening.list, opening.index));
        }
      }
      if (move.name === 'Moved') state = move.args.state;
    }
  }

  /** Null: not shown. */
  known(list: number, tensor: number | null, level: number, position: number): Uint8Array | null {
    return this.#nodes.get(`${list} ${tensor ?? LIST_TREE} ${level} ${position}`) ?? null;
  }

  /** Its 128 bytes. Null: not shown. */
  leafOf(list: number, tensor: number, leaf: number): Uint8Array | null {
    return this.#leaves.get(`${list} ${tensor} ${leaf}`) ?? null;
  }

  async root(list: number): Promise<Uint8Array> {
    const { traceRoot, outputRoot } = this.#submission;
    return bytesOf(list === 2 ? traceRoot : outputRoot);
  }

  async listNode(list: number, level: number, position: number): Promise<Uint8Array> {
    return this.known(list, null, level, position) ?? notShown();
  }

  async node(list: number, tensor: number, level: number, position: number): Promise<Uint8Array> {
    return this.known(list, tensor, level, position) ?? notShown();
  }

  async leaf(list: number, tensor: number, leaf: number): Promise<Uint8Array> {
    return this.leafOf(list, tensor, leaf) ?? notShown();
  }

  #set(list: number, tensor: number, level: number, position: number, node: Uint8Array): void {
    this.#nodes.set(`${list} ${tensor} ${level} ${position}`, node);
  }

  /** All nodes of a subtree down to those that were shown. */
  #addNodes(state: ChallengeState, hashes: readonly `0x${string}`[]): void {
    const tensor = state.inTensor ? state.tensor : LIST_TREE;
    let nodes = hashes.map(bytesOf);
    let level = state.depthLeft - Math.log2(nodes.length);
    let first = state.position * nodes.length;
    for (;;) {
      for (const [i, node] of nodes.entries())
        this.#set(state.list, tensor, level, first + i, node);
      if (nodes.length <= 1) return;
      nodes = Array.from({ length: nodes.length / 2 }, (_, i) =>
        tensorNodeHash(nodes[2 * i] ?? new Uint8Array(), nodes[2 * i + 1] ?? new Uint8Array()),
      );
      level += 1;
      first /= 2;
    }
  }

  #addLeaf(list: number, tensor: number, leaf: number, data: Uint8Array): void {
    this.#leaves.set(`${list} ${tensor} ${leaf}`, data);
    this.#set(list, tensor, 0, leaf, tensorLeafHash(data));
  }

  #addOpening(opening: AbiOpening, depth: number): void {
    const { list, index, leaves } = opening;
    this.#addPath(list, index, bytesOf(opening.root), opening.path.map(bytesOf));
    const data = bytesOf(opening.data);
    for (const [i, leaf] of leaves.entries()) {
      this.#addLeaf(list, index, leaf, data.slice(i * LEAF_BYTES, (i + 1) * LEAF_BYTES));
    }
    for (const [i, { layer, index: at }] of siblingPositions(depth, leaves).entries()) {
      const sibling = opening.siblings[i];
      if (sibling !== undefined) this.#set(list, index, layer, at, bytesOf(sibling));
    }
    // Parents of what is known, level by level.
    let above = [...new Set(leaves.map((leaf) => Math.floor(leaf / 2)))];
    for (let level = 1; level <= depth; level++) {
      for (const position of above) {
        const left = this.known(list, index, level - 1, 2 * position);
        const right = this.known(list, index, level - 1, 2 * position + 1);
        if (left === null || right === null) continue;
        this.#set(list, index, level, position, tensorNodeHash(left, right));
      }
      above = [...new Set(above.map((position) => Math.floor(position / 2)))];
    }
  }

  #addPath(list: number, index: number, root: Uint8Array, path: readonly Uint8Array[]): void {
    let node = root;
    let at = index;
    for (const [level, sibling] of path.entries()) {
      this.#set(list, LIST_TREE, level, at, node);
      this.#set(list, LIST_TREE, level, at % 2 === 0 ? at + 1 : at - 1, sibling);
      node = at % 2 === 0 ? tensorNodeHash(node, sibling) : tensorNodeHash(sibling, node);
      at = Math.floor(at / 2);
    }
  }
}

function notShown(): never {
  throw new AssayError({
    code: 'ASSAY_TRACE_NOT_SHOWN',
    shortMessage: 'data challenge: a node that no answer has shown',
  });
}
