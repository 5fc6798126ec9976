export {
  TAG_BATCHED_CLAIM,
  TAG_CLAIMS,
  TAG_FINAL_POLYNOMIAL,
  TAG_HIDING,
  TAG_LOGUP_LAYER,
  TAG_LOGUP_TOP,
  TAG_NONCE,
  TAG_OPERANDS,
  TAG_OUT_OF_DOMAIN,
  TAG_ROOT,
  TAG_ROUND,
  TAG_STATEMENT,
} from './tags.ts';
export { Transcript } from './transcript.ts';
