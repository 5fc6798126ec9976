import { concatBytes } from '@assay/core/hash';
import { elementCount } from '../../shape/dimensions.ts';
import { SeededRandom } from '../../testing/random.ts';
import { openRelation } from '../open.ts';
import { mentions, tensorKey } from '../structure.ts';
import {
  LEAF_ELEMENTS,
  leafBytes,
  leafCount,
  listDepth,
  ListTree,
  TensorTree,
  tensorDepth,
  tensorLeafHash,
  zeroNode,
} from '../tree.ts';
import { relationsTree } from '../trees.ts';
import {
  LIST,
  type ListId,
  type Lists,
  type Opening,
  type PaddingProof,
  type TensorRef,
} from '../types.ts';
import { randomRelation } from './relations.ts';
import { RandomTensors } from './tensors.ts';

/** A root beyond the list's length, bytes of the last leaf, a node over padding leaves. */
export type PaddingKind = 'root' | 'leaf' | 'node';

export interface PaddingCase {
  readonly seed: number;
  readonly kind: PaddingKind;
  readonly lists: Lists;
  readonly proof: PaddingProof;
  /** What a check of the proof must answer. */
  readonly violated: boolean;
  /** The tree of the opened tensor (of another one for a root), and how many of its leaves hold elements. */
  readonly tree: ListTree;
  readonly leaves: number;
  /** A slot of the mention that names another tensor, if there is one. */
  readonly otherSlot: number | null;
}

/** Whether there is padding of this kind. */
function isRoom(kind: PaddingKind, tensor: TensorRef, lengths: readonly number[]): boolean {
  const elements = elementCount(tensor.dims);
  switch (kind) {
    case 'root':
      return !Number.isInteger(Math.log2(lengths[tensor.list] ?? 0));
    case 'leaf':
      return elements % LEAF_ELEMENTS !== 0;
    case 'node':
      return !Number.isInteger(Math.log2(leafCount(elements)));
  }
}

function garbage(random: SeededRandom, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.integer(1, 255));
}

/** Roots of the tensors by list, and the lists over them. */
class Roots {
  readonly #roots: Readonly<Record<ListId, Uint8Array[]>>;

  constructor(tensors: RandomTensors) {
    const roots = (id: ListId): Uint8Array[] =>
      tensors.lists[id].map(({ values }) => new TensorTree(values).root);
    this.#roots = { 0: roots(0), 1: roots(1), 2: roots(2), 3: roots(3) };
  }

  set(list: ListId, index: number, root: Uint8Array): void {
    const roots = this.#roots[list];
    while (roots.length <= index) roots.push(new Uint8Array(32));
    roots[index] = root;
  }

  root(list: ListId): Uint8Array {
    return new ListTree(this.#roots[list]).root;
  }

  open(list: ListId, index: number): Pick<Opening, 'list' | 'index' | 'root' | 'path'> {
    const roots = this.#roots[list];
    const path = new ListTree(roots).path(index);
    return { list, index, root: roots[index] ?? new Uint8Array(32), path };
  }
}

/** All leaves of a tensor's tree, padding included, with garbage in its padding where wanted. */
function paddedTree(
  values: Int32Array,
  random: SeededRandom,
  tamper: PaddingKind | null,
): { tree: ListTree; last: Uint8Array; spoiled: number } {
  const real = leafCount(values.length);
  const last = leafBytes(values, real - 1);
  if (tamper === 'leaf') {
    const from = 4 * (values.length - LEAF_ELEMENTS * (real - 1));
    last.set(garbage(random, 1), random.integer(from, last.length - 1));
  }
  const leaves = Array.from({ length: 2 ** tensorDepth(values.length) }, (_, i) => {
    if (i >= real) return zeroNode(0);
    return tensorLeafHash(i === real - 1 ? last : leafBytes(values, i));
  });
  const spoiled = random.integer(Math.min(real, leaves.length - 1), leaves.length - 1);
  if (tamper === 'node') leaves[spoiled] = garbage(random, 32);
  return { tree: new ListTree(leaves), last, spoiled };
}

/** A padding proof about random tensors, with garbage in the padding iff `tampered`. */
export function randomPaddingCase(seed: number, kind: PaddingKind, tampered: boolean): PaddingCase {
  const random = new SeededRandom(seed * 104_729 + 7);
  for (;;) {
    const tensors = new RandomTensors(random, false);
    const relation = randomRelation(tensors, 'linear');
    const relations = [randomRelation(tensors), relation];
    const { lists } = tensors;
    const lengths: Lists['lengths'] = [
      lists[0].length,
      lists[1].length,
      lists[2].length,
      lists[3].length,
    ];
    const candidates = mentions(relation)
      .map((tensor, slot) => ({ tensor, slot }))
      .filter(({ tensor }) => tensor.list === LIST.trace || tensor.list === LIST.output)
      .filter(({ tensor }) => isRoom(kind, tensor, lengths));
    const found = candidates[random.integer(0, Math.max(0, candidates.length - 1))];
    if (found === undefined) continue;

    const { slot, tensor } = found;
    const { list, index } = tensor;
    const values = lists[list][index]?.values ?? new Int32Array(1);
    const real = leafCount(values.length);
    const { tree, last, spoiled } = paddedTree(values, random, tampered ? kind : null);
    const roots = new Roots(tensors);
    roots.set(list, index, tree.root);
    let at = index;
    if (kind === 'root') {
      at = random.integer(lengths[list], 2 ** listDepth(lengths[list]) - 1);
      roots.set(list, at, tampered ? garbage(random, 32) : new Uint8Array(32));
    }
    // Any node over padding only, above the garbage if there is some.
    let level = 0;
    let position = spoiled;
    while (Math.floor(position / 2) * 2 ** (level + 1) >= real && random.integer(0, 2) > 0) {
      position = Math.floor(position / 2);
      level += 1;
    }
    const path = tree.path(position, level);
    const leaf = { leaves: [real - 1], data: last, siblings: tree.path(real - 1) };
    const none = { leaves: [], data: new Uint8Array(), siblings: [] };
    const proof: PaddingProof = {
      mention: openRelation({ relationPath: (i) => relationsTree(relations).path(i) }, 1, relation),
      slot,
      opening: { ...roots.open(list, at), ...(kind === 'leaf' ? leaf : none) },
      level,
      position,
      node: tree.node(level, position),
      path,
    };
    const against: Lists = {
      relations: relationsTree(relations).root,
      relationCount: relations.length,
      roots: [roots.root(0), roots.root(1), roots.root(2), roots.root(3)],
      lengths,
    };
    const otherSlot = mentions(relation).findIndex(
      (other) => tensorKey(other) !== tensorKey(tensor),
    );
    return {
      seed,
      kind,
      lists: against,
      proof,
      violated: tampered,
      tree,
      leaves: real,
      otherSlot: otherSlot < 0 ? null : otherSlot,
    };
  }
}

/** A padding case's proof spoiled in every way that must be refused. */
export function alteredPadding(
  paddingCase: PaddingCase,
): readonly { readonly name: string; readonly lists: Lists; readonly proof: PaddingProof }[] {
  const { kind, lists, proof, tree, leaves, otherSlot } = paddingCase;
  const out: { name: string; lists: Lists; proof: PaddingProof }[] = [];
  const add = (name: string, altered: Partial<PaddingProof>): void => {
    out.push({ name, lists, proof: { ...proof, ...altered } });
  };
  const { opening, mention } = proof;
  const opened = (name: string, altered: Partial<Opening>): void =>
    add(name, { opening: { ...opening, ...altered } });
  const spoil = (digest: Uint8Array): Uint8Array =>
    digest.map((byte, i) => (i === 3 ? byte ^ 1 : byte));
  const { list, root, path } = opening;
  opened('root', { root: spoil(root) });
  opened('list', { list: list === LIST.trace ? LIST.output : LIST.trace });
  opened('list of the model', { list: LIST.constant });
  opened('list of the job', { list: LIST.input });
  opened('index far outside', { index: 2 ** 32 - 1 });
  opened('index wraps', { index: opening.index + 2 ** path.length });
  opened('path longer', { path: [...path, root] });
  const [sibling] = path;
  if (sibling !== undefined) opened('path shorter', { path: path.slice(1) });
  if (kind === 'root') return out;
  add('slot outside', { slot: 255 });
  if (otherSlot !== null) add('slot of another tensor', { slot: otherSlot });
  add('mention', { mention: { ...mention, index: mention.index + 1 } });
  if (kind === 'leaf') {
    const data = concatBytes(Uint8Array.of((opening.data[0] ?? 0) ^ 1), opening.data.subarray(1));
    opened('data', { data });
    opened('leaf after the last', { leaves: [leaves] });
    opened('sibling too many', { siblings: [...opening.siblings, root] });
    return out;
  }
  const { level, position } = proof;
  add('node', { node: spoil(proof.node) });
  add('level', { level: level + 1 });
  add('level outside', { level: 255 });
  add('position outside', { position: 2 ** 31 });
  add('position wraps', { position: position + 2 ** proof.path.length });
  add('node path longer', { path: [...proof.path, root] });
  add('node path shorter', { path: proof.path.slice(1) });
  add('node over elements', { level: 0, position: 0, node: tree.node(0, 0), path: tree.path(0) });
  const real = Math.ceil(leaves / 2);
  if (real < 2 ** (tree.depth - 1))
    add('leaf as a node', {
      level: 1,
      position: real,
      node: tree.node(0, real),
      path: tree.path(real),
    });
  return out;
}
