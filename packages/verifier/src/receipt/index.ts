export { decodeReceipt, isTime } from './decode.ts';
export { modelName, portDigest, portsDigest, valuesDigest } from './digests.ts';
export {
  keyFromSeed,
  PAYLOAD_TYPE,
  preAuthEncoding,
  type SigningKey,
  verifySignature,
} from './dsse.ts';
export { encodeReceipt, encodeStatement, PREDICATE_TYPE, STATEMENT_TYPE } from './encode.ts';
export { describeReceiptError, type ReceiptError } from './errors.ts';
export { describeReason, explainVerdict } from './explain.ts';
export { RECEIPT_LIMITS } from './limits.ts';
export type { PortValue, ProofLocation, Receipt, ReceiptBody } from './types.ts';
export type {
  Checked,
  CheckState,
  OwnValues,
  PortSide,
  ShownPort,
  Verdict,
  VerdictReason,
} from './verdict.ts';
export { judgeReceipt, type ProofCheck } from './verify.ts';
