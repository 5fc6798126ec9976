import { AssayError } from '@assay/core/errors';
import { equalBytes } from '@assay/core/hash';
import {
  type AbiRelationRef,
  type ChallengeState,
  type ChallengeView,
  hexOf,
  type LeafRequest,
  relationToAbi,
  type Submission,
} from '@assay/market';
import {
  LEAF_ELEMENTS,
  LIST,
  type ListId,
  mentions,
  openRelation,
  reads,
  tensorKey,
  type TensorRef,
  type TraceProgram,
  type TraceTrees,
} from '@assay/program/trace';
import { definingInstances, groupLeaves, readingInstances } from '@assay/runtime/trace';
import { type DisputeCalls, type Evidence, isProvidersMove, nextMove } from '../disputes/index.ts';
import type { Call } from '../outbox/index.ts';
import { ShownTrees } from './shown-trees.ts';

/** What the challenger does next. */
export type ChallengeStep =
  | { readonly kind: 'wait'; readonly state: ChallengeState | null }
  | { readonly kind: 'call'; readonly call: Call }
  | { readonly kind: 'evidence'; readonly evidence: Evidence }
  | { readonly kind: 'stuck'; readonly reason: string };

export interface ChallengeContext {
  readonly challenge: ChallengeView;
  readonly submission: Submission;
  readonly mine: TraceTrees;
  readonly program: TraceProgram;
  readonly calls: DisputeCalls;
  /** Around one tensor, from what is shown. */
  readonly findFraud: (shown: ShownTrees, first: TensorRef) => Promise<Evidence | null>;
}

/** Leaves of one ask (Disputes.sol). */
const MOST_LEAVES = 64;
const LISTS: readonly ListId[] = [0, 1, 2, 3];

function listOf(state: ChallengeState): ListId {
  const list = LISTS[state.list];
  if (list === undefined) throw new RangeError(`challenge: expected a list, got ${state.list}`);
  return list;
}

/** Position of a tensor in the order in which a run finds them; beyond the list: before all. */
function ranks({ groups }: TraceProgram): ReadonlyMap<string, number> {
  return new Map(
    groups.flatMap(({ tensors }, rank) =>
      tensors.map((tensor): [string, number] => [tensorKey(tensor), rank]),
    ),
  );
}

/**
 * The challenger's move, or the evidence that what was shown gives: a function of the moves so far, so
 * that nothing but the chain has to be remembered. It goes down to the tensor that a run finds first of
 * those that are seen to differ, there to the first leaf that differs, and asks for the leaves of its
 * definition group around the elements that differ.
 */
export async function challengeStep(context: ChallengeContext): Promise<ChallengeStep> {
  const { challenge, submission, mine } = context;
  const { state } = challenge;
  const move = state === null ? null : nextMove(state);
  if (state === null || move === null || isProvidersMove(move)) return { kind: 'wait', state };
  const depthOf = (list: number, tensor: number): number =>
    mine.trees[LISTS[list] ?? 0][tensor]?.depth ?? 0;
  const shown = new ShownTrees(challenge, submission, depthOf);
  switch (move) {
    case 'descend':
      return descend(context, state, shown);
    case 'enter-tensor':
      return enterTensor(context, state);
    case 'ask-leaves':
      return askLeaves(context, state, shown);
    default:
      return { kind: 'wait', state };
  }
}

/** Nodes of an answer that are not ours, in the order in which they are to be tried. */
function differing(
  { mine, program }: ChallengeContext,
  state: ChallengeState,
  shown: ShownTrees,
): readonly { readonly level: number; readonly position: number }[] {
  const list = listOf(state);
  const levels = Math.min(6, state.depthLeft);
  const level = state.depthLeft - levels;
  const tree = state.inTensor ? mine.trees[list][state.tensor] : mine.lists[list];
  if (tree === undefined) return [];
  const tensor = state.inTensor ? state.tensor : null;
  const first = state.position * 2 ** levels;
  const found = Array.from({ length: 2 ** levels }, (_, i) => first + i)
    .filter((position) => {
      const theirs = shown.known(list, tensor, level, position);
      return theirs !== null && !equalBytes(theirs, tree.node(level, position));
    })
    .map((position) => ({ level, position }));
  if (state.inTensor) return found;
  const rank = ranks(program);
  const earliest = (position: number): number => {
    let least = Number.POSITIVE_INFINITY;
    for (let i = position * 2 ** level; i < (position + 1) * 2 ** level; i++) {
      if (i >= program.lists[list].length) break;
      least = Math.min(least, rank.get(tensorKey({ list, index: i })) ?? least);
    }
    return least;
  };
  return found.toSorted((a, b) => earliest(a.position) - earliest(b.position));
}

async function descend(
  context: ChallengeContext,
  state: ChallengeState,
  shown: ShownTrees,
): Promise<ChallengeStep> {
  const list = listOf(state);
  const [chosen] = differing(context, state, shown);
  if (chosen === undefined) return { kind: 'stuck', reason: 'what was shown is what was computed' };
  const { level, position } = chosen;
  const { program, challenge, calls } = context;
  const isBeyond = !state.inTensor && level === 0 && position >= program.lists[list].length;
  // Padding that is not canonical shows before its leaf is reached.
  if (isBeyond || state.inTensor) {
    const first = state.inTensor
      ? program.lists[list][state.tensor]
      : { list, index: position, dims: [], order: [] };
    const evidence = first === undefined ? null : await tryFind(context, shown, first);
    if (evidence !== null) return { kind: 'evidence', evidence };
    if (isBeyond) return { kind: 'stuck', reason: 'padding of the list' };
  }
  const tensor = state.inTensor ? state.tensor : null;
  const path: Uint8Array[] = [];
  for (let at = level, i = position; at < state.depthLeft; at++, i = Math.floor(i / 2)) {
    const sibling = shown.known(list, tensor, at, i % 2 === 0 ? i + 1 : i - 1);
    if (sibling === null) return { kind: 'stuck', reason: 'an answer without siblings' };
    path.push(sibling);
  }
  const node = shown.known(list, tensor, level, position);
  if (node === null) return { kind: 'stuck', reason: 'an answer without its nodes' };
  const child = position % 2 ** path.length;
  const call = calls.descend(challenge.id, state, child, hexOf(node), path.map(hexOf));
  return { kind: 'call', call };
}

/** A relation that names a tensor, and where. */
function mentionOf(
  { program, mine }: ChallengeContext,
  tensor: Pick<TensorRef, 'list' | 'index'>,
): { readonly relation: AbiRelationRef; readonly slot: number } | null {
  const key = tensorKey(tensor);
  for (const [index, relation] of program.relations.entries()) {
    const slot = mentions(relation).findIndex((named) => tensorKey(named) === key);
    if (slot >= 0) return { relation: relationToAbi(openRelation(mine, index, relation)), slot };
  }
  return null;
}

function enterTensor(context: ChallengeContext, state: ChallengeState): ChallengeStep {
  const mention = mentionOf(context, { list: listOf(state), index: state.position });
  if (mention === null) return { kind: 'stuck', reason: 'a tensor beyond the list' };
  const { relation, slot } = mention;
  const call = context.calls.enterTensor(context.challenge.id, state, relation, slot);
  return { kind: 'call', call };
}

/** Null: what is shown does not suffice. */
async function tryFind(
  { findFraud }: ChallengeContext,
  shown: ShownTrees,
  first: TensorRef,
): Promise<Evidence | null> {
  try {
    return await findFraud(shown, first);
  } catch (cause) {
    if (cause instanceof AssayError && cause.code === 'ASSAY_TRACE_NOT_SHOWN') return null;
    throw cause;
  }
}

async function askLeaves(
  context: ChallengeContext,
  state: ChallengeState,
  shown: ShownTrees,
): Promise<ChallengeStep> {
  const tensor = context.program.lists[listOf(state)][state.tensor];
  if (tensor === undefined) return { kind: 'stuck', reason: 'a tensor beyond the list' };
  const evidence = await tryFind(context, shown, tensor);
  if (evidence !== null) return { kind: 'evidence', evidence };
  const wanted = wantedLeaves(context, tensor, state, shown);
  const mentioned: AbiRelationRef[] = [];
  const requests: LeafRequest[] = [];
  let left = MOST_LEAVES;
  for (const { tensor: of, leaves } of wanted) {
    const mention = mentionOf(context, of);
    const asked = leaves.slice(0, left);
    if (mention === null || asked.length === 0) continue;
    left -= asked.length;
    requests.push({ mention: mentioned.length, slot: mention.slot, leaves: asked });
    mentioned.push(mention.relation);
  }
  if (requests.length === 0) return { kind: 'stuck', reason: 'the group holds as it is shown' };
  if (state.asks >= 3) return { kind: 'stuck', reason: 'three asks did not show the group' };
  const call = context.calls.askLeaves(context.challenge.id, state, mentioned, requests);
  return { kind: 'call', call };
}

interface Wanted {
  readonly tensor: TensorRef;
  /** Its root is not known, and this group does not define it: one leaf shows whether it is ours. */
  readonly isProbe: boolean;
  readonly leaves: Set<number>;
}

/**
 * Leaves without which nothing can be said: those that are not known, of the instances that read an element that
 * differs, of those that read an element that differs in one of these, and so on. From the second ask on the rest of
 * the definition group as well, for which three asks suffice (`deriveTrace`).
 */
function wantedLeaves(
  { program, mine }: ChallengeContext,
  from: TensorRef,
  { position: leaf, asks }: ChallengeState,
  shown: ShownTrees,
): readonly { readonly tensor: TensorRef; readonly leaves: readonly number[] }[] {
  const { relations, groups } = program;
  const ownGroup = groupOf(groups, from);
  const wanted = new Map<string, Wanted>();
  const met = new Set<string>();
  const queue: { readonly tensor: TensorRef; readonly position: number }[] = [];
  const meet = (tensor: TensorRef, position: number): void => {
    const key = `${tensorKey(tensor)} ${position}`;
    const own = mine.trees[tensor.list][tensor.index]?.values[position];
    if (met.has(key) || own === undefined) return;
    const theirs = elementOf(mine, shown, tensor, position);
    if (theirs !== null && theirs !== own) {
      met.add(key);
      queue.push({ tensor, position });
    } else if (theirs === null) {
      const name = tensorKey(tensor);
      const isProbe =
        !(ownGroup?.tensors.some((other) => tensorKey(other) === name) ?? false) &&
        shown.known(tensor.list, null, 0, tensor.index) === null;
      const known = wanted.get(name) ?? { tensor, isProbe, leaves: new Set() };
      if (!isProbe || known.leaves.size === 0)
        known.leaves.add(Math.floor(position / LEAF_ELEMENTS));
      wanted.set(name, known);
    }
  };
  for (let at = 0; at < LEAF_ELEMENTS; at++) meet(from, leaf * LEAF_ELEMENTS + at);
  const readTable = (table: TensorRef): ArrayLike<number> =>
    mine.trees[table.list][table.index]?.values ?? [];
  const read = (of: TensorRef, position: number): number =>
    elementOf(mine, shown, of, position) ?? mine.trees[of.list][of.index]?.values[position] ?? 0;
  for (const { tensor, position } of queue) {
    const group = groupOf(groups, tensor);
    for (const id of group?.relations ?? []) {
      const relation = relations[id];
      if (group === undefined || relation === undefined) continue;
      const end = definingInstances(relation, group);
      for (const element of readingInstances(relation, tensor, position, readTable)) {
        if (element >= end) continue;
        for (const reading of reads(relation, element, read)) {
          const { list } = reading.tensor;
          if (list === LIST.trace || list === LIST.output) meet(reading.tensor, reading.position);
        }
      }
    }
    if ([...wanted.values()].reduce((n, { leaves }) => n + leaves.size, 0) > MOST_LEAVES) break;
  }
  const [first] = queue;
  if (asks > 0 && first !== undefined)
    for (const { tensor, leaves } of groupLeaves(program, mine, from, first.position))
      for (const other of leaves) meet(tensor, other * LEAF_ELEMENTS);
  return [...wanted.values()]
    .toSorted((a, b) => Number(a.isProbe) - Number(b.isProbe))
    .map(({ tensor, leaves }) => ({ tensor, leaves: [...leaves].toSorted((a, b) => a - b) }));
}

function groupOf(
  groups: TraceProgram['groups'],
  tensor: TensorRef,
): TraceProgram['groups'][number] | undefined {
  const key = tensorKey(tensor);
  return groups.find(({ tensors }) => tensors.some((own) => tensorKey(own) === key));
}

/** A node on the way from an element up to the list's root is ours: so is the element. */
function isOurs(mine: TraceTrees, shown: ShownTrees, tensor: TensorRef, leaf: number): boolean {
  const { list, index } = tensor;
  const same = (theirs: Uint8Array | null, own: () => Uint8Array): boolean =>
    theirs !== null && equalBytes(theirs, own());
  const tree = mine.trees[list][index];
  for (let level = 0, at = leaf; tree !== undefined && level <= tree.depth; level++) {
    const position = at;
    if (same(shown.known(list, index, level, position), () => tree.node(level, position)))
      return true;
    at = Math.floor(at / 2);
  }
  const above = mine.lists[list];
  for (let level = 0, at = index; level <= above.depth; level++) {
    const position = at;
    if (same(shown.known(list, null, level, position), () => above.node(level, position)))
      return true;
    at = Math.floor(at / 2);
  }
  return false;
}

/** An element of the submission. Null: not known. */
function elementOf(
  mine: TraceTrees,
  shown: ShownTrees,
  tensor: TensorRef,
  position: number,
): number | null {
  const { list, index } = tensor;
  const own = mine.trees[list][index]?.values[position] ?? 0;
  if (list !== LIST.trace && list !== LIST.output) return own;
  const leaf = Math.floor(position / LEAF_ELEMENTS);
  const bytes = shown.leafOf(list, index, leaf);
  if (bytes !== null)
    return new DataView(bytes.buffer, bytes.byteOffset).getInt32(4 * (position % LEAF_ELEMENTS));
  return isOurs(mine, shown, tensor, leaf) ? own : null;
}
