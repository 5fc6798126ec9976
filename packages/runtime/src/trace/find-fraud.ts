import { AssayError } from '@assay/core/errors';
import { elementCount } from '@assay/program';
import {
  chunkCount,
  type DefinitionGroup,
  evaluate,
  type FraudProof,
  LEAF_ELEMENTS,
  leafCount,
  LIST,
  mentions,
  neededLeaves,
  openInstance,
  openRelation,
  openTensor,
  type PaddingProof,
  tableReader,
  tensorKey,
  type TensorRef,
  type TraceProgram,
  type TraceRelation,
} from '@assay/program/trace';
import type { TraceCommitment } from './commit.ts';
import { readingInstances } from './instances.ts';
import type { SubmittedList, TreeReader } from './reader.ts';
import { isSubmitted, Submission, type SubmittedTensor } from './submission.ts';

const EMPTY = new Uint8Array(32);

class Search {
  readonly #trace: TraceProgram;
  readonly #submission: Submission;

  constructor(trace: TraceProgram, submission: Submission) {
    this.#trace = trace;
    this.#submission = submission;
  }

  async run(first: TensorRef | null): Promise<FraudProof | PaddingProof | null> {
    const { lists, groups } = this.#trace;
    if (first !== null) return this.#within(first);
    const differing = new Set<string>();
    for (const list of [LIST.trace, LIST.output] as const) {
      for (const index of await this.#submission.differing(list)) {
        if (index >= lists[list].length) return this.#listPadding(list, index);
        differing.add(tensorKey({ list, index }));
      }
    }
    if (differing.size === 0) return null;
    for (const group of groups) {
      const tensors = group.tensors.filter((tensor) => differing.has(tensorKey(tensor)));
      if (tensors.length === 0) continue;
      const found = await this.#group(group, tensors);
      if (found !== null) return found;
      throw new AssayError({
        code: 'ASSAY_TRACE_AMBIGUOUS',
        shortMessage: `findFraud: tensor "${this.#name(tensors[0])}" differs and violates nothing: one's own values are wrong`,
      });
    }
    return null;
  }

  /** What is wrong around a tensor, whatever else is: its path alone is read in the list. */
  async #within(first: TensorRef): Promise<FraudProof | PaddingProof | null> {
    const { list, index } = first;
    if (!isSubmitted(list)) return null;
    await this.#submission.list(list).reach(0, index);
    if (index >= this.#trace.lists[list].length) return this.#listPadding(list, index);
    const key = tensorKey(first);
    const group = this.#trace.groups.find(({ tensors }) =>
      tensors.some((tensor) => tensorKey(tensor) === key),
    );
    return group === undefined ? null : this.#group(group, [first]);
  }

  #name(tensor: TensorRef | undefined): string {
    return tensor === undefined ? '?' : (this.#trace.lists[tensor.list][tensor.index]?.name ?? '?');
  }

  /** A root beyond the list's length. */
  #listPadding(list: SubmittedList, index: number): PaddingProof {
    const served = this.#submission.list(list);
    const root = served.node(0, index);
    const path = served.path(0, index);
    return {
      mention: { index: 0, kind: 'linear', body: new Uint8Array(), path: [] },
      slot: 0,
      opening: { list, index, root, path, leaves: [], data: new Uint8Array(), siblings: [] },
      level: 0,
      position: 0,
      node: EMPTY,
      path: [],
    };
  }

  /** The first violated instance around the elements of a group that differ, or padding that does. */
  async #group(
    group: DefinitionGroup,
    tensors: readonly TensorRef[],
  ): Promise<FraudProof | PaddingProof | null> {
    const tried = new Set<string>();
    for (const tensor of tensors) {
      const { list, index } = tensor;
      if (!isSubmitted(list)) continue;
      const submitted = this.#submission.submitted(list, index);
      const elements = elementCount(tensor.dims);
      const leaves = leafCount(elements);
      const isPadding = (level: number, position: number): boolean =>
        position * 2 ** level >= leaves;
      for await (const { level, position } of submitted.tree.differences(0, isPadding)) {
        if (isPadding(level, position))
          return this.#nodePadding(tensor, submitted, level, position);
        await submitted.load(position);
        const from = position * LEAF_ELEMENTS;
        for (let at = from; at < from + LEAF_ELEMENTS; at++) {
          const value = submitted.read(at);
          if (at >= elements) {
            if (value !== 0) return this.#leafPadding(tensor, submitted, position);
            continue;
          }
          if (value === submitted.mine.values[at]) continue;
          const found = await this.#around(group, tensor, at, tried);
          if (found !== null) return found;
        }
      }
    }
    return null;
  }

  /** A violated instance of the group's relations that reads an element. */
  async #around(
    group: DefinitionGroup,
    tensor: TensorRef,
    position: number,
    tried: Set<string>,
  ): Promise<FraudProof | null> {
    const readTable = tableReader(this.#trace);
    for (const id of group.relations) {
      const relation = this.#trace.relations[id];
      if (relation === undefined) continue;
      const end = this.#end(relation, group);
      for (const element of readingInstances(relation, tensor, position, readTable)) {
        const key = `${id} ${element}`;
        if (element >= end || tried.has(key)) continue;
        tried.add(key);
        if (await this.#holds(relation, element)) continue;
        for (const needed of neededLeaves(relation, element, this.#read))
          await this.#submission.load(needed);
        return openInstance(this.#submission, id, relation, element);
      }
    }
    return null;
  }

  /** A group of prefix sums is fixed by all chunks but the last, which names what comes later. */
  #end(relation: TraceRelation, group: DefinitionGroup): number {
    if (relation.kind !== 'einsum') return Number.POSITIVE_INFINITY;
    const { partials } = relation;
    const chunks = chunkCount(relation);
    const own = group.tensors.map(tensorKey);
    const alone = partials !== null && own.length === 1 && own[0] === tensorKey(partials);
    return elementCount(relation.domain) * (alone ? chunks - 1 : chunks);
  }

  readonly #read = (tensor: TensorRef, position: number): number =>
    this.#submission.tensor(tensor).read(position);

  /** Whether an instance holds in the submission; fetches what it reads. */
  async #holds(relation: TraceRelation, element: number): Promise<boolean> {
    for (;;) {
      const missing = new Map<
        string,
        { readonly tensor: TensorRef; readonly leaves: Set<number> }
      >();
      const holds = evaluate(relation, element, (tensor, position) => {
        if (this.#submission.isLoaded(tensor, position)) return this.#read(tensor, position);
        const key = tensorKey(tensor);
        const known = missing.get(key) ?? { tensor, leaves: new Set() };
        known.leaves.add(Math.floor(position / LEAF_ELEMENTS));
        missing.set(key, known);
        return 0;
      });
      if (missing.size === 0) return holds;
      for (const { tensor, leaves } of missing.values())
        await this.#submission.load({ tensor, leaves: [...leaves].sort((a, b) => a - b) });
    }
  }

  /** A relation that names a tensor, and where. */
  async #mention(tensor: TensorRef): Promise<Pick<PaddingProof, 'mention' | 'slot'>> {
    const key = tensorKey(tensor);
    for (const [id, relation] of this.#trace.relations.entries()) {
      const slot = mentions(relation).findIndex((other) => tensorKey(other) === key);
      if (slot >= 0) return { mention: openRelation(this.#submission, id, relation), slot };
    }
    throw new RangeError('findFraud: expected every tensor to be in a relation');
  }

  async #leafPadding(
    tensor: TensorRef,
    submitted: SubmittedTensor,
    leaf: number,
  ): Promise<PaddingProof> {
    const opening = openTensor(this.#submission, { tensor, leaves: [leaf] });
    const { tree } = submitted;
    const node = tree.node(0, leaf);
    return { ...(await this.#mention(tensor)), opening, level: 0, position: leaf, node, path: [] };
  }

  async #nodePadding(
    tensor: TensorRef,
    { tree }: SubmittedTensor,
    level: number,
    position: number,
  ): Promise<PaddingProof> {
    const opening = openTensor(this.#submission, { tensor, leaves: [] });
    const node = tree.node(level, position);
    const path = tree.path(level, position);
    return { ...(await this.#mention(tensor)), opening, level, position, node, path };
  }
}

/**
 * What is wrong with a submission: the first definition group in which it differs from what the program gives, and
 * there an instance that is violated, with openings; or padding that is not canonical. Null: nothing.
 *
 *   Groups before the first that differs are equal, and fix what it must be: some relation of it is violated at an
 *   instance that reads an element that differs.
 *
 * @param mine - one's own commitment to the same job.
 * @param theirs - is read only where roots differ; about 2·depth nodes and a few leaves for each tensor.
 * @param first - the tensor to be looked at, when it is known to be the first that differs: of the lists only its path
 * is read then, as a data challenge shows it.
 * @returns a proof that `violated` or `paddingViolated` accepts (`'mention' in proof`).
 * @throws {AssayError} ASSAY_TRACE_DATA: what is served does not lead to the submitted roots;
 * ASSAY_TRACE_AMBIGUOUS: one's own values violate the relations.
 */
export async function findFraud(
  trace: TraceProgram,
  mine: TraceCommitment,
  theirs: TreeReader,
  first: TensorRef | null = null,
): Promise<FraudProof | PaddingProof | null> {
  const submission = await Submission.open(mine, theirs);
  return new Search(trace, submission).run(first);
}
