export {
  type AbiFraudProof,
  type AbiOpening,
  type AbiPaddingProof,
  type AbiRelation,
  abiFraudProof,
  abiOpening,
  abiPaddingProof,
  abiRelation,
} from './abi.ts';
export {
  type Case,
  caseOf,
  type ChallengeState,
  disputeCalls,
  type DisputeCalls,
  type Evidence,
  type LeafRequest,
  type Move,
  MOVES,
} from './calls.ts';
export { answerChallenge, isProvidersMove, nextMove, stateOf } from './defend.ts';
