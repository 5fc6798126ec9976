export { type Call, type DisputeCase, type LeafRequest, MarketCalls } from './calls.ts';
export { checkOutput, checkReceipt, type Judgement, type OwnSide } from './check.ts';
export { type ClientOptions, MarketClient } from './client.ts';
export { type FetchedOutput, JobFiles, type SealedOutput } from './job-files.ts';
export { MarketReads, type ProviderAccount } from './reads.ts';
export { decodeRefusal, type Refusal, refusalOf } from './refusals.ts';
export {
  INLINE_INPUT_BYTES,
  type JobInput,
  type JobRequest,
  type Occasion,
  type PreparedJob,
  prepareJob,
  type VerifierSet,
} from './request.ts';
export { createSender, type Sender, type SenderOptions } from './sender.ts';
