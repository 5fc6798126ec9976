export {
  type CommitmentError,
  commitmentBinding,
  commitmentName,
  decodeCommitment,
  describeCommitmentError,
  encodeCommitment,
  type PortCommitment,
} from './commitment/index.ts';
export {
  decodeVerifyingKey,
  describeKeyError,
  encodeParameters,
  encodeVerifyingKey,
  type KeyError,
  parametersDigest,
  SUITE_NAME,
  type VerifyingKey,
} from './key/index.ts';
export {
  type Checked,
  type CheckState,
  decodeReceipt,
  describeReason,
  describeReceiptError,
  encodeReceipt,
  encodeStatement,
  explainVerdict,
  isTime,
  judgeReceipt,
  keyFromSeed,
  modelName,
  type OwnValues,
  PAYLOAD_TYPE,
  type PortSide,
  type PortValue,
  portDigest,
  portsDigest,
  PREDICATE_TYPE,
  preAuthEncoding,
  type ProofCheck,
  type ProofLocation,
  type Receipt,
  type ReceiptBody,
  type ReceiptError,
  RECEIPT_LIMITS,
  type SigningKey,
  STATEMENT_TYPE,
  valuesDigest,
  type Verdict,
  type VerdictReason,
  verifySignature,
} from './receipt/index.ts';
export type { Statement } from './statement.ts';
export {
  type Argument,
  type ArgumentError,
  argumentSizes,
  prepareArgument,
} from './argument/argument.ts';
export {
  type Claim,
  type ClaimWeight,
  collectClaims,
  evaluateJoinedWeight,
  instanceCoefficients,
  type JoinedClaim,
  joinClaims,
  type PowerWeight,
  type Transcribed,
} from './argument/claims.ts';
export {
  NONCE_BYTES,
  publicValues,
  type StatementError,
  statementBytes,
} from './argument/statement-bytes.ts';
export type { VerifyError } from './stages/errors.ts';
export { PROOF_MAGIC, PROOF_VERSION } from './stages/format.ts';
export { sampleLookupChallenges } from './stages/lookups.ts';
export { type Verified, verifyPrepared, verifyProof } from './verify.ts';
export { describeVerifyError } from './describe.ts';
export { verifyReceipt } from './verify-receipt.ts';
