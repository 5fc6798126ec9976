import { disputesAbi, jobMarketAbi } from '@assay/contracts';
import {
  type Addresses,
  type JobParams,
  type JobView,
  type ModelRecord,
  type Submission,
  submissionHash,
} from '@assay/market';
import type { FraudProof, PaddingProof } from '@assay/program/trace';
import {
  encodeAbiParameters,
  encodeFunctionData,
  erc20Abi,
  getAbiItem,
  type GetEventArgs,
  type Hex,
  keccak256,
} from 'viem';
import type { Call } from '../outbox/index.ts';
import { type AbiOpening, type AbiRelation, abiFraudProof, abiPaddingProof } from './abi.ts';

/** State of a challenge as its last `Moved` has shown it. */
export type ChallengeState = NonNullable<
  GetEventArgs<
    typeof disputesAbi,
    'Moved',
    { EnableUnion: false; IndexedOnly: false; Required: true }
  >
>['state'];

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

export interface Case {
  readonly params: JobParams;
  readonly submission: Submission;
  readonly model: ModelRecord;
}

export type Evidence =
  | { readonly kind: 'fraud'; readonly proof: FraudProof }
  | { readonly kind: 'padding'; readonly proof: PaddingProof };

export interface LeafRequest {
  readonly mention: number;
  readonly slot: number;
  readonly leaves: readonly number[];
}

/** Null: the job has no submission. */
export function caseOf(job: JobView, model: ModelRecord): Case | null {
  return job.submission === null
    ? null
    : { params: job.params, submission: job.submission.content, model };
}

const FRAUD = getAbiItem({ abi: disputesAbi, name: 'proveFraud' }).inputs[1];
const PADDING = getAbiItem({ abi: disputesAbi, name: 'provePadding' }).inputs[1];

/** Transactions of disputes, by either side. */
export interface DisputeCalls {
  /** The contract. */
  readonly at: Hex;
  commit(commitment: Hex): Call;
  reveal(about: Case, evidence: Evidence, salt: Hex): Call;
  open(about: Case, list: number, nonce: Hex): Call;
  answerNodes(challenge: Hex, state: ChallengeState, nodes: readonly Hex[]): Call;
  descend(
    challenge: Hex,
    state: ChallengeState,
    child: number,
    node: Hex,
    path: readonly Hex[],
  ): Call;
  enterTensor(challenge: Hex, state: ChallengeState, mention: AbiRelation, slot: number): Call;
  answerLeaf(challenge: Hex, state: ChallengeState, leaf: Hex): Call;
  askLeaves(
    challenge: Hex,
    state: ChallengeState,
    mentions: readonly AbiRelation[],
    requests: readonly LeafRequest[],
  ): Call;
  answerLeaves(
    challenge: Hex,
    state: ChallengeState,
    depths: readonly number[],
    openings: readonly AbiOpening[],
  ): Call;
  answerOutput(challenge: Hex, state: ChallengeState, data: Hex, path: readonly Hex[]): Call;
  timeout(challenge: Hex, state: ChallengeState, about: Case): Call;
  close(challenge: Hex, state: ChallengeState): Call;
  /** Allowance of own tokens for the market. */
  approve(amount: bigint): Call;
  /** Own tokens into the balance that bonds are taken from. */
  deposit(amount: bigint): Call;
  /** Id of a challenge that this account opens. */
  challengeId(about: Case, job: Hex, sender: Hex, list: number, nonce: Hex): Hex;
  /** Names evidence before it is shown: bound to its sender, the submission and a salt. */
  commitment(sender: Hex, about: Case, evidence: Evidence, salt: Hex, job: Hex): Hex;
}

function proofHash(evidence: Evidence): Hex {
  return keccak256(
    evidence.kind === 'fraud'
      ? encodeAbiParameters([FRAUD], [abiFraudProof(evidence.proof)])
      : encodeAbiParameters([PADDING], [abiPaddingProof(evidence.proof)]),
  );
}

export function disputeCalls({ disputes, market, token, chainId }: Addresses): DisputeCalls {
  const abi = disputesAbi;
  const call = (data: Hex): Call => ({ to: disputes, data });
  return {
    at: disputes,
    commit: (commitment) =>
      call(encodeFunctionData({ abi, functionName: 'commit', args: [commitment] })),
    reveal: (about, evidence, salt) =>
      call(
        evidence.kind === 'fraud'
          ? encodeFunctionData({
              abi,
              functionName: 'proveFraud',
              args: [about, abiFraudProof(evidence.proof), salt],
            })
          : encodeFunctionData({
              abi,
              functionName: 'provePadding',
              args: [about, abiPaddingProof(evidence.proof), salt],
            }),
      ),
    open: (about, list, nonce) =>
      call(encodeFunctionData({ abi, functionName: 'open', args: [about, list, nonce] })),
    answerNodes: (challenge, state, nodes) =>
      call(
        encodeFunctionData({ abi, functionName: 'answerNodes', args: [challenge, state, nodes] }),
      ),
    descend: (challenge, state, child, node, path) =>
      call(
        encodeFunctionData({
          abi,
          functionName: 'descend',
          args: [challenge, state, child, node, path],
        }),
      ),
    enterTensor: (challenge, state, mention, slot) =>
      call(
        encodeFunctionData({
          abi,
          functionName: 'enterTensor',
          args: [challenge, state, mention, slot],
        }),
      ),
    answerLeaf: (challenge, state, leaf) =>
      call(encodeFunctionData({ abi, functionName: 'answerLeaf', args: [challenge, state, leaf] })),
    askLeaves: (challenge, state, mentions, requests) =>
      call(
        encodeFunctionData({
          abi,
          functionName: 'askLeaves',
          args: [challenge, state, mentions, requests],
        }),
      ),
    answerLeaves: (challenge, state, depths, openings) =>
      call(
        encodeFunctionData({
          abi,
          functionName: 'answerLeaves',
          args: [challenge, state, depths, openings],
        }),
      ),
    answerOutput: (challenge, state, data, path) =>
      call(
        encodeFunctionData({
          abi,
          functionName: 'answerOutput',
          args: [challenge, state, data, path],
        }),
      ),
    timeout: (challenge, state, about) =>
      call(
        encodeFunctionData({
          abi,
          functionName: 'timeout',
          args: [challenge, state, about.params, about.submission],
        }),
      ),
    close: (challenge, state) =>
      call(encodeFunctionData({ abi, functionName: 'close', args: [challenge, state] })),
    deposit: (amount) => ({
      to: market,
      data: encodeFunctionData({ abi: jobMarketAbi, functionName: 'deposit', args: [amount] }),
    }),
    approve: (amount) => ({
      to: token,
      data: encodeFunctionData({ abi: erc20Abi, functionName: 'approve', args: [market, amount] }),
    }),
    challengeId: (about, job, sender, list, nonce) =>
      keccak256(
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
          [BigInt(chainId), disputes, job, submissionHash(about.submission), sender, list, nonce],
        ),
      ),
    commitment: (sender, about, evidence, salt, job) =>
      keccak256(
        encodeAbiParameters(
          [
            { type: 'uint256' },
            { type: 'address' },
            { type: 'address' },
            { type: 'bytes32' },
            { type: 'bytes32' },
            { type: 'bytes32' },
            { type: 'bytes32' },
          ],
          [
            BigInt(chainId),
            disputes,
            sender,
            job,
            submissionHash(about.submission),
            proofHash(evidence),
            salt,
          ],
        ),
      ),
  };
}
