export {
  type Deployment,
  jobId,
  modelId,
  sortAddresses,
  submissionHash,
  verifierSetHash,
} from './ids.ts';
export { priceAt, priceReaches } from './price.ts';
export {
  marketDomain,
  type PaymentTypedData,
  paymentTypedData,
  type PostTypedData,
  postTypedData,
  type VerdictTypedData,
  verdictTypedData,
} from './typed-data.ts';
export {
  EVIDENCE,
  type FaultName,
  FAULTS,
  INPUT_KIND,
  isEnded,
  JOB_FLAGS,
  JOB_STATES,
  type JobParams,
  type JobState,
  type ModelRecord,
  type Rules,
  type StoredJob,
  type Submission,
  type VerdictName,
  VERDICTS,
} from './types.ts';
export {
  decodeValues,
  describeValuesError,
  encodeValues,
  valuesBytes,
  type ValuesError,
  valuesRoot,
} from './values.ts';
