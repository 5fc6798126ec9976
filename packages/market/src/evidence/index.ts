export {
  type AbiFraudProof,
  type AbiLists,
  type AbiOpening,
  type AbiPaddingProof,
  type AbiRelationRef,
  type EvidenceError,
  fraudFromAbi,
  fraudToAbi,
  listsToAbi,
  openingFromAbi,
  openingToAbi,
  paddingFromAbi,
  paddingToAbi,
  relationFromAbi,
  relationToAbi,
} from './abi.ts';
export { type Commitment, evidenceCommitment, fraudHash, paddingHash } from './commitment.ts';
export { httpTreeReader, type HttpTreesOptions } from './trees.ts';
