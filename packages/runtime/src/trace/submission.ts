import { equalBytes } from '@assay/core/hash';
import {
  LEAF_BYTES,
  LEAF_ELEMENTS,
  leafBytes,
  LIST,
  type Lists,
  type NeededLeaves,
  type OpenableTensor,
  tensorKey,
  tensorLeafHash,
  type TensorRef,
  type TensorTree,
  type TraceSource,
  type TraceTrees,
} from '@assay/program/trace';
import { openMultiproof } from '@assay/core/merkle';
import { dataError, type SubmittedList, type TreeReader } from './reader.ts';
import { ServedTree } from './served-tree.ts';

const DIGEST_BYTES = 32;

export function isSubmitted(list: number): list is SubmittedList {
  return list === LIST.trace || list === LIST.output;
}

/** A tensor of a submission: ours where they are equal, read leaf by leaf where they are not. */
export class SubmittedTensor {
  readonly mine: TensorTree;
  readonly tree: ServedTree;
  readonly #leaves = new Map<number, Uint8Array>();
  readonly #reader: TreeReader;
  readonly #list: SubmittedList;
  readonly #index: number;

  constructor(
    mine: TensorTree,
    root: Uint8Array,
    reader: TreeReader,
    list: SubmittedList,
    index: number,
  ) {
    this.mine = mine;
    this.#reader = reader;
    this.#list = list;
    this.#index = index;
    const fetch = (level: number, position: number): Promise<Uint8Array> =>
      reader.node(list, index, level, position);
    this.tree = new ServedTree(mine, root, fetch, `tensor ${index} of list ${list}`);
  }

  /** Fetches a leaf unless it is ours. @throws {AssayError} ASSAY_TRACE_DATA */
  async load(leaf: number): Promise<void> {
    if (this.#leaves.has(leaf)) return;
    await this.tree.reach(0, leaf);
    const data = this.tree.differs(0, leaf)
      ? await this.#reader.leaf(this.#list, this.#index, leaf)
      : this.mine.leaf(leaf);
    const isLeaf =
      data.length === LEAF_BYTES && equalBytes(tensorLeafHash(data), this.tree.node(0, leaf));
    if (!isLeaf) throw dataError(`leaf ${leaf} of tensor ${this.#index} of list ${this.#list}`);
    this.#leaves.set(leaf, data);
  }

  has(leaf: number): boolean {
    return this.#leaves.has(leaf);
  }

  /** The bytes of a leaf that was loaded. */
  leaf(leaf: number): Uint8Array {
    return this.#leaves.get(leaf) ?? leafBytes(this.mine.values, leaf);
  }

  read(position: number): number {
    const bytes = this.leaf(Math.floor(position / LEAF_ELEMENTS));
    return new DataView(bytes.buffer, bytes.byteOffset).getInt32(4 * (position % LEAF_ELEMENTS));
  }

  open(leaves: readonly number[]): {
    readonly data: Uint8Array;
    readonly siblings: readonly Uint8Array[];
  } {
    const data = new Uint8Array(LEAF_BYTES * leaves.length);
    for (const [i, leaf] of leaves.entries()) data.set(this.leaf(leaf), LEAF_BYTES * i);
    const siblings = openMultiproof(this.tree.depth, leaves, (level, position) =>
      this.tree.node(level, position),
    );
    return { data, siblings };
  }
}

/** A submission beside what it should have been: the source of proofs against it. */
export class Submission implements TraceSource {
  readonly mine: TraceTrees;
  readonly roots: Lists;
  readonly #reader: TreeReader;
  readonly #lists: Readonly<Record<SubmittedList, ServedTree>>;
  readonly #tensors = new Map<string, SubmittedTensor>();

  private constructor(mine: TraceTrees, reader: TreeReader, trace: Uint8Array, output: Uint8Array) {
    this.mine = mine;
    this.#reader = reader;
    const [constants, inputs] = mine.roots.roots;
    this.roots = { ...mine.roots, roots: [constants, inputs, trace, output] };
    const list = (id: SubmittedList, root: Uint8Array): ServedTree =>
      new ServedTree(
        mine.lists[id],
        root,
        (level, at) => reader.listNode(id, level, at),
        `list ${id}`,
      );
    this.#lists = { 2: list(LIST.trace, trace), 3: list(LIST.output, output) };
  }

  static async open(mine: TraceTrees, reader: TreeReader): Promise<Submission> {
    const [trace, output] = await Promise.all([reader.root(LIST.trace), reader.root(LIST.output)]);
    if (trace.length !== DIGEST_BYTES || output.length !== DIGEST_BYTES) throw dataError('a root');
    return new Submission(mine, reader, trace, output);
  }

  list(list: SubmittedList): ServedTree {
    return this.#lists[list];
  }

  /** Tensors of a list whose roots differ, and padding beyond them. Reads the list where it differs. */
  async differing(list: SubmittedList): Promise<readonly number[]> {
    const found: number[] = [];
    for await (const { position } of this.#lists[list].differences(0)) found.push(position);
    return found;
  }

  /** A tensor of the submission. Caller must: have reached its root (`differing`, or `load`). */
  submitted(list: SubmittedList, index: number): SubmittedTensor {
    const key = tensorKey({ list, index });
    const known = this.#tensors.get(key);
    if (known !== undefined) return known;
    const mine = this.mine.trees[list][index];
    if (mine === undefined)
      throw new RangeError(`Submission: expected a tensor, got ${index} of list ${list}`);
    const root = this.#lists[list].node(0, index);
    const made = new SubmittedTensor(mine, root, this.#reader, list, index);
    this.#tensors.set(key, made);
    return made;
  }

  /** Makes leaves, and what proves them, known. */
  async load({ tensor, leaves }: NeededLeaves): Promise<void> {
    const { list, index } = tensor;
    if (!isSubmitted(list)) return;
    await this.#lists[list].reach(0, index);
    const submitted = this.submitted(list, index);
    await Promise.all(leaves.map((leaf) => submitted.load(leaf)));
  }

  /** Whether an element is known. */
  isLoaded({ list, index }: TensorRef, position: number): boolean {
    if (!isSubmitted(list)) return true;
    const known = this.#tensors.get(tensorKey({ list, index }));
    return known?.has(Math.floor(position / LEAF_ELEMENTS)) ?? false;
  }

  relationPath(index: number): readonly Uint8Array[] {
    return this.mine.relationPath(index);
  }

  tensor(ref: Pick<TensorRef, 'list' | 'index'>): OpenableTensor {
    const { list, index } = ref;
    if (!isSubmitted(list)) return this.mine.tensor(ref);
    const submitted = this.submitted(list, index);
    return {
      root: submitted.tree.root,
      path: this.#lists[list].path(0, index),
      read: (position) => submitted.read(position),
      open: (leaves) => submitted.open(leaves),
    };
  }
}
