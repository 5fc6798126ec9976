import { AssayError } from '@assay/core/errors';
import { elementCount } from '@assay/program';
import {
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
  reads,
  tableReader,
  tensorKey,
  type TensorRef,
  type TraceProgram,
  type TraceRelation,
} from '@assay/program/trace';
import type { TraceCommitment } from './commit.ts';
import { definingInstances, readingInstances } from './instances.ts';
import type { SubmittedList, TreeReader } from './reader.ts';
import { isSubmitted, Submission, type SubmittedTensor } from './submission.ts';

const EMPTY = new Uint8Array(32);

/** An element of a submission. */
interface Element {
  readonly tensor: TensorRef;
  readonly position: number;
}

class Search {
  readonly #trace: TraceProgram;
  readonly #submission: Submission;
  /** Why an instance could not be looked at, where others can. */
  #notShown: AssayError | null = null;

  constructor(trace: TraceProgram, submission: Submission) {
    this.#trace = trace;
    this.#submission = submission;
  }

  async run(first: TensorRef | null): Promise<FraudProof | PaddingProof | null> {
    const { lists, groups } = this.#trace;
    if (first !== null) {
      const found = await this.#within(first);
      if (found === null && this.#notShown !== null) throw this.#notShown;
      return found;
    }
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
      const found = await this.#differing(tensors, (element, tried) =>
        this.#spread(element, tried),
      );
      if (found !== null) return found;
      if (this.#notShown !== null) throw this.#notShown;
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
    return this.#differing([first], (element, tried) => this.#spread(element, tried));
  }

  #groupOf(tensor: TensorRef): DefinitionGroup | undefined {
    const key = tensorKey(tensor);
    return this.#trace.groups.find(({ tensors }) => tensors.some((own) => tensorKey(own) === key));
  }

  /**
   * A violated instance that is connected with an element by others that hold and by elements that differ: digits that
   * give the same number violate no relation that reads the first of them.
   */
  async #spread(from: Element, tried: Set<string>): Promise<FraudProof | null> {
    const queue = [from];
    const met = new Set<string>();
    for (const { tensor, position } of queue) {
      const group = this.#groupOf(tensor);
      if (group === undefined) continue;
      const found = await this.#around(group, { tensor, position }, tried, (element) => {
        const key = `${tensorKey(element.tensor)} ${element.position}`;
        if (met.has(key)) return;
        met.add(key);
        queue.push(element);
      });
      if (found !== null) return found;
    }
    return null;
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

  /** What `search` finds at the elements of these tensors that differ, or padding that does. */
  async #differing(
    tensors: readonly TensorRef[],
    search: (element: Element, tried: Set<string>) => Promise<FraudProof | null>,
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
          const found = await search({ tensor, position: at }, tried);
          if (found !== null) return found;
        }
      }
    }
    return null;
  }

  /**
   * A violated instance of the group's relations that reads an element.
   *
   * @param meet - is given the elements that differ in instances that hold.
   */
  async #around(
    group: DefinitionGroup,
    { tensor, position }: Element,
    tried: Set<string>,
    meet?: (element: Element) => void,
  ): Promise<FraudProof | null> {
    const readTable = tableReader(this.#trace);
    for (const id of group.relations) {
      const relation = this.#trace.relations[id];
      if (relation === undefined) continue;
      const end = definingInstances(relation, group);
      for (const element of readingInstances(relation, tensor, position, readTable)) {
        const key = `${id} ${element}`;
        if (element >= end || tried.has(key)) continue;
        tried.add(key);
        const found = await this.#tryInstance(id, relation, element, meet);
        if (found !== null) return found;
      }
    }
    return null;
  }

  /** The proof that an instance is violated. Null: it holds, or what it reads is not shown. */
  async #tryInstance(
    id: number,
    relation: TraceRelation,
    element: number,
    meet?: (element: Element) => void,
  ): Promise<FraudProof | null> {
    try {
      if (!(await this.#holds(relation, element))) {
        for (const needed of neededLeaves(relation, element, this.#read))
          await this.#submission.load(needed);
        return openInstance(this.#submission, id, relation, element);
      }
    } catch (cause) {
      if (!(cause instanceof AssayError) || cause.code !== 'ASSAY_TRACE_NOT_SHOWN') throw cause;
      this.#notShown ??= cause;
      return null;
    }
    if (meet === undefined) return null;
    for (const { tensor, position } of reads(relation, element, this.#read)) {
      const { list, index } = tensor;
      if (!isSubmitted(list)) continue;
      const { mine } = this.#submission.submitted(list, index);
      if (this.#read(tensor, position) !== mine.values[position]) meet({ tensor, position });
    }
    return null;
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
 *   instance that is connected with the first element that differs. So no lie, however large, makes the search longer
 *   than what is connected (`challengeLeaves`).
 *
 * @param mine - one's own commitment to the same job.
 * @param theirs - is read only where roots differ; about 2·depth nodes and a few leaves for each tensor.
 * @param first - the tensor to be looked at: of the lists only its path is read then, as a data challenge shows it, and
 * the search goes on through instances that hold to other elements that differ. What rejects with ASSAY_TRACE_NOT_SHOWN
 * is passed over as long as something else is to be found.
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
