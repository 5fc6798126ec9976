import { disputesAbi } from '@assay/contracts';
import { bytesOf, type ChallengeState, type ChallengeView } from '@assay/market';
import {
  decodeRelation,
  leafCount,
  mentions,
  RELATION_KINDS,
  type TensorRef,
  tensorDepth,
  type TraceTrees,
} from '@assay/program/trace';
import { decodeFunctionData, type Hex } from 'viem';
import { MOVES } from '../disputes/index.ts';
import type { Call } from '../outbox/index.ts';

const ID: Hex = `0x${'77'.repeat(32)}`;
const WHO: Hex = `0x${'78'.repeat(20)}`;
const LEVELS = 6;
const MOST_LEAVES = 64;
const MOST_ASKS = 3;

/**
 * The moves of one data challenge by the rules of Disputes.sol, without clocks and money: what each
 * side is shown are events.
 */
export class FakeDispute {
  readonly #moves: unknown[] = [];
  #state: ChallengeState;
  /** Answers that the provider has given. */
  answers = 0;

  constructor(theirs: TraceTrees, list: 2 | 3) {
    const tree = theirs.lists[list];
    const { roots, lengths } = theirs.roots;
    const hex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString('hex')}`;
    this.#state = {
      job: ID,
      challenger: WHO,
      provider: WHO,
      relations: hex(theirs.relations.root),
      relationCount: theirs.roots.relationCount,
      traceRoot: hex(roots[2]),
      outputRoot: hex(roots[3]),
      traces: lengths[2],
      outputs: lengths[3],
      unit: 1n,
      turnSeconds: 1,
      turnBlocks: 1,
      forfeitBurnBps: 1,
      bond: 1n,
      next: tree.depth === 0 ? MOVES.indexOf('enter-tensor') : MOVES.indexOf('answer-nodes'),
      due: 0,
      dueBlock: 0n,
      list,
      inTensor: false,
      tensor: 0,
      elements: 0,
      depthLeft: tree.depth,
      position: 0,
      node: hex(tree.root),
      asks: 0,
      asked: ID,
    } as unknown as ChallengeState;
    this.#move({});
  }

  get view(): ChallengeView {
    const moves = this.#moves as ChallengeView['moves'];
    const state = this.#state;
    return { id: ID, job: ID, challenger: WHO, open: true, upheld: null, moves, state };
  }

  get state(): ChallengeState {
    return this.#state;
  }

  #emit(name: string, args: object): void {
    this.#moves.push({ contract: 'disputes', name, args });
  }

  #move(changes: Partial<ChallengeState>): void {
    this.#state = { ...this.#state, ...changes };
    this.#emit('Moved', { challenge: ID, state: this.#state });
  }

  /** The tensor that a relation mentions at a slot. */
  #mentioned(
    { kind, body }: { readonly kind: number; readonly body: Hex },
    slot: number,
  ): TensorRef {
    const name = RELATION_KINDS[kind];
    const relation = name === undefined ? null : decodeRelation(name, bytesOf(body));
    const tensor = relation?.ok === true ? mentions(relation.value)[slot] : undefined;
    if (tensor === undefined) throw new Error('RequestRejected');
    return tensor;
  }

  /** @throws {Error} where the contract would revert */
  play(call: Call): void {
    const { functionName, args } = decodeFunctionData({ abi: disputesAbi, data: call.data });
    const state = this.#state;
    const next = (move: (typeof MOVES)[number]): Partial<ChallengeState> => ({
      next: MOVES.indexOf(move),
    });
    const expect = (move: (typeof MOVES)[number]): void => {
      if (MOVES[state.next] !== move) throw new Error(`WrongMove ${move} for ${MOVES[state.next]}`);
    };
    switch (functionName) {
      case 'answerNodes': {
        expect('answer-nodes');
        const nodes = args[2];
        if (nodes.length !== 2 ** Math.min(LEVELS, state.depthLeft))
          throw new Error('AnswerRejected');
        this.answers += 1;
        this.#emit('AnsweredNodes', { challenge: ID, nodes });
        this.#move(next('descend'));
        return;
      }
      case 'descend': {
        expect('descend');
        const [, , child, node, path] = args;
        const levels = Math.min(LEVELS, state.depthLeft);
        if (path.length !== levels) throw new Error('RequestRejected');
        const depthLeft = state.depthLeft - levels;
        const after =
          depthLeft > 0 ? 'answer-nodes' : state.inTensor ? 'answer-leaf' : 'enter-tensor';
        const position = state.position * 2 ** levels + child;
        this.#move({ ...next(after), node, position, depthLeft });
        return;
      }
      case 'enterTensor': {
        expect('enter-tensor');
        const tensor = this.#mentioned(args[2], args[3]);
        if (tensor.list !== state.list || tensor.index !== state.position)
          throw new Error('RequestRejected');
        const elements = tensor.dims.reduce((n, d) => n * d, 1);
        const depthLeft = tensorDepth(elements);
        const after = depthLeft === 0 ? 'answer-leaf' : 'answer-nodes';
        const place = { inTensor: true, tensor: tensor.index, elements, position: 0, depthLeft };
        this.#move({ ...next(after), ...place });
        return;
      }
      case 'answerLeaf':
        expect('answer-leaf');
        this.answers += 1;
        this.#emit('AnsweredLeaf', { challenge: ID, leaf: args[2] });
        this.#move(next('ask-leaves'));
        return;
      case 'askLeaves': {
        expect('ask-leaves');
        const [, , asked, requests] = args;
        if (state.asks === MOST_ASKS) throw new Error('RequestRejected');
        const leaves = requests.map(({ mention, slot, leaves: wanted }) => {
          const relation = asked[mention];
          if (relation === undefined || wanted.length === 0) throw new Error('RequestRejected');
          const tensor = this.#mentioned(relation, slot);
          const elements = tensor.dims.reduce((n, d) => n * d, 1);
          const isSorted = wanted.every((leaf, i) => leaf > (wanted[i - 1] ?? -1));
          const isInside = wanted.every((leaf) => leaf < leafCount(elements));
          if (!isSorted || !isInside || tensor.list < 2) throw new Error('RequestRejected');
          return {
            list: tensor.list,
            tensor: tensor.index,
            depth: tensorDepth(elements),
            leaves: wanted,
          };
        });
        const total = leaves.reduce((sum, want) => sum + want.leaves.length, 0);
        if (total === 0 || total > MOST_LEAVES) throw new Error('RequestRejected');
        this.#emit('Asked', { challenge: ID, leaves });
        this.#move({ ...next('answer-leaves'), asks: state.asks + 1 });
        return;
      }
      case 'answerLeaves':
        expect('answer-leaves');
        this.answers += 1;
        this.#emit('AnsweredLeaves', { challenge: ID, openings: args[3] });
        this.#move(next('ask-leaves'));
        return;
      default:
        throw new Error(`not a move: ${functionName}`);
    }
  }
}
