import { type ChallengeState, type ChallengeView, hexOf, openingToAbi } from '@assay/market';
import type { ListId, TraceTrees } from '@assay/program/trace';
import type { Call } from '../outbox/index.ts';
import { type DisputeCalls, type Move, MOVES } from './calls.ts';

/** Levels that one answer shows, and levels of a chunk of output (Disputes.sol). */
const ANSWER_LEVELS = 6;
const CHUNK_LEVELS = 8;
const WORD_BYTES = 4;

export function nextMove(state: ChallengeState): Move | null {
  return MOVES[state.next] ?? null;
}

export function isProvidersMove(move: Move): boolean {
  return move.startsWith('answer');
}

/** Nodes of a subtree, so many levels below its root, in order. */
function descendants(
  node: (level: number, position: number) => Uint8Array,
  { depthLeft, position }: ChallengeState,
): readonly Uint8Array[] {
  const levels = Math.min(ANSWER_LEVELS, depthLeft);
  const count = 2 ** levels;
  return Array.from({ length: count }, (_, i) => node(depthLeft - levels, position * count + i));
}

function listOf(value: number): ListId {
  if (value === 2 || value === 3) return value;
  throw new RangeError(`defend: expected the list of a submission, got ${value}`);
}

function outputPiece(
  trees: TraceTrees,
  state: ChallengeState,
): { data: Uint8Array; path: Uint8Array[] } {
  const tree = trees.trees[3][state.tensor];
  if (tree === undefined) throw new RangeError(`defend: no output ${state.tensor}`);
  const levels = Math.min(state.depthLeft, CHUNK_LEVELS);
  const first = state.position * 2 ** CHUNK_LEVELS * 32;
  const data = new Uint8Array(WORD_BYTES * state.elements);
  const view = new DataView(data.buffer);
  for (let i = 0; i < state.elements; i++) {
    view.setInt32(WORD_BYTES * i, tree.values[first + i] ?? 0);
  }
  const path = [...tree.path(state.position, levels), ...trees.lists[3].path(state.tensor)];
  return { data, path };
}

/**
 * The answer that a challenge waits for; null: it is the challenger's turn. From the submitted trees
 * alone, so that anyone who has them can answer.
 */
export function answerChallenge(
  challenge: ChallengeView,
  trees: TraceTrees,
  calls: DisputeCalls,
): Call | null {
  const { id, state } = challenge;
  if (state === null) return null;
  switch (nextMove(state)) {
    case 'answer-nodes': {
      const list = listOf(state.list);
      const tree = state.inTensor ? trees.trees[list][state.tensor] : trees.lists[list];
      if (tree === undefined) return null;
      const nodes = descendants((level, position) => tree.node(level, position), state);
      return calls.answerNodes(id, state, nodes.map(hexOf));
    }
    case 'answer-leaf': {
      const leaf = trees.trees[listOf(state.list)][state.tensor]?.leaf(state.position);
      return leaf === undefined ? null : calls.answerLeaf(id, state, hexOf(leaf));
    }
    case 'answer-leaves': {
      const asked = challenge.moves.findLast((move) => move.name === 'Asked');
      if (asked?.name !== 'Asked') return null;
      const { leaves: wants } = asked.args;
      const openings = wants.map(({ list, tensor, leaves }) => {
        const { root, path, open } = trees.tensor({ list: listOf(list), index: tensor });
        return openingToAbi({
          list: listOf(list),
          index: tensor,
          root,
          path,
          leaves,
          ...open(leaves),
        });
      });
      return calls.answerLeaves(
        id,
        state,
        wants.map(({ depth }) => depth),
        openings,
      );
    }
    case 'answer-output': {
      const { data, path } = outputPiece(trees, state);
      return calls.answerOutput(id, state, hexOf(data), path.map(hexOf));
    }
    default:
      return null;
  }
}
