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
  visibilityValue,
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
  type ShownPort,
  type SigningKey,
  STATEMENT_TYPE,
  valuesDigest,
  type Verdict,
  type VerdictReason,
  verifySignature,
} from './receipt/index.ts';
export type { CommittedValues, Statement } from './statement.ts';
export {
  type Argument,
  type ArgumentError,
  argumentSizes,
  freshTail,
  prepareArgument,
} from './argument/argument.ts';
export {
  type CommittedPort,
  committedPorts,
  portSpans,
  tailBinding,
} from './argument/commitments.ts';
export { type Derivation, deriveForVisibility, keyFor } from './argument/derive.ts';
export { padShape, secretOperands } from './argument/pads.ts';
export {
  type Claim,
  type ClaimWeight,
  collectClaims,
  evaluateJoinedWeight,
  instanceCoefficients,
  type JoinedClaim,
  joinClaims,
  type PowerWeight,
  resolver,
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
export { batchChecks } from './stages/products.ts';
export {
  prepareVerification,
  REGISTRATION_STATEMENT,
  registrationKey,
  verifyRegistration,
} from './registration.ts';
export { prepareRenewal, type Renewal, verifyRenewal } from './renewal.ts';
export { verifyPrepared, verifyProof } from './verify.ts';
export { type Verified, verifyArgument, verifyMessages } from './verify-argument.ts';
export { describeVerifyError } from './describe.ts';
export { verifyReceipt } from './verify-receipt.ts';
