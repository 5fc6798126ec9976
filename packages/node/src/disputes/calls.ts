import {
  type AbiOpening,
  type AbiRelationRef,
  type Addresses,
  type ChallengeState,
  type DisputeCase,
  evidenceCommitment,
  fraudHash,
  fraudToAbi,
  type JobView,
  type LeafRequest,
  MarketCalls,
  type ModelRecord,
  paddingHash,
  paddingToAbi,
  submissionHash,
} from '@assay/market';
import type { FraudProof, PaddingProof } from '@assay/program/trace';
import { encodeAbiParameters, type Hex, keccak256 } from 'viem';
import type { Call } from '../outbox/index.ts';

/** `Move` of IDisputes. */
export const MOVES = [
  'answer-nodes',
  'descend',
  'enter-tensor',
  'answer-leaf',
  'ask-leaves',
  'answer-leaves',
  'answer-output',
] as const;
export type Move = (typeof MOVES)[number];

export type Evidence =
  | { readonly kind: 'fraud'; readonly proof: FraudProof }
  | { readonly kind: 'padding'; readonly proof: PaddingProof };

/** Null: the job has no submission. */
export function caseOf(job: JobView, model: ModelRecord): DisputeCase | null {
  return job.submission === null
    ? null
    : { params: job.params, submission: job.submission.content, model };
}

/** Transactions of disputes, by either side, and the hashes that name things before they are on chain. */
export class DisputeCalls {
  /** The contract. */
  readonly at: Hex;
  readonly #calls: MarketCalls;
  readonly #addresses: Addresses;

  constructor(addresses: Addresses) {
    this.at = addresses.disputes;
    this.#addresses = addresses;
    this.#calls = new MarketCalls(addresses);
  }

  commit(commitment: Hex): Call {
    return this.#calls.commit(commitment);
  }

  reveal(about: DisputeCase, evidence: Evidence, salt: Hex): Call {
    return evidence.kind === 'fraud'
      ? this.#calls.proveFraud(about, fraudToAbi(evidence.proof), salt)
      : this.#calls.provePadding(about, paddingToAbi(evidence.proof), salt);
  }

  /** Names evidence before it is shown: bound to its sender, the submission and a salt. */
  commitment(by: Hex, { submission }: DisputeCase, evidence: Evidence, salt: Hex): Hex {
    const { chainId, disputes } = this.#addresses;
    const proof =
      evidence.kind === 'fraud'
        ? fraudHash(fraudToAbi(evidence.proof))
        : paddingHash(paddingToAbi(evidence.proof));
    return evidenceCommitment({ chainId, disputes, by, submission, proof, salt });
  }

  open(about: DisputeCase, list: number, nonce: Hex): Call {
    return this.#calls.openChallenge(about, list, nonce);
  }

  /** Id of the challenge that `open` gives this sender. */
  challengeId({ submission }: DisputeCase, sender: Hex, list: number, nonce: Hex): Hex {
    const { chainId, disputes } = this.#addresses;
    return keccak256(
      encodeAbiParameters(
        [
          { type: 'uint256' },
          { type: 'address' },
          { type: 'bytes32' },
          { type: 'bytes32' },
          { type: 'address' },
          { type: 'uint8' },
          { type: 'bytes32' },
        ],
        [
          BigInt(chainId),
          disputes,
          submission.job,
          submissionHash(submission),
          sender,
          list,
          nonce,
        ],
      ),
    );
  }

  answerNodes(challenge: Hex, state: ChallengeState, nodes: readonly Hex[]): Call {
    return this.#calls.answerNodes(challenge, state, nodes);
  }

  descend(
    challenge: Hex,
    state: ChallengeState,
    child: number,
    node: Hex,
    path: readonly Hex[],
  ): Call {
    return this.#calls.descend(challenge, state, child, node, path);
  }

  enterTensor(challenge: Hex, state: ChallengeState, mention: AbiRelationRef, slot: number): Call {
    return this.#calls.enterTensor(challenge, state, mention, slot);
  }

  answerLeaf(challenge: Hex, state: ChallengeState, leaf: Hex): Call {
    return this.#calls.answerLeaf(challenge, state, leaf);
  }

  askLeaves(
    challenge: Hex,
    state: ChallengeState,
    mentions: readonly AbiRelationRef[],
    requests: readonly LeafRequest[],
  ): Call {
    return this.#calls.askLeaves(challenge, state, mentions, requests);
  }

  answerLeaves(
    challenge: Hex,
    state: ChallengeState,
    depths: readonly number[],
    openings: readonly AbiOpening[],
  ): Call {
    return this.#calls.answerLeaves(challenge, state, depths, openings);
  }

  answerOutput(challenge: Hex, state: ChallengeState, data: Hex, path: readonly Hex[]): Call {
    return this.#calls.answerOutput(challenge, state, data, path);
  }

  timeout(challenge: Hex, state: ChallengeState, about: DisputeCase): Call {
    return this.#calls.timeout(challenge, state, about.params, about.submission);
  }

  close(challenge: Hex, state: ChallengeState): Call {
    return this.#calls.closeChallenge(challenge, state);
  }

  /** Allowance of own tokens for the market. */
  approve(amount: bigint): Call {
    return this.#calls.approve(this.#addresses.market, amount);
  }

  /** Own tokens into the balance that bonds are taken from. */
  deposit(amount: bigint): Call {
    return this.#calls.deposit(amount);
  }
}
