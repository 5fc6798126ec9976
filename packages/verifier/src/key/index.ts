export {
  decodeVerifyingKey,
  encodeParameters,
  encodeVerifyingKey,
  parametersDigest,
} from './codec.ts';
export { describeKeyError, type KeyError } from './errors.ts';
export { SUITE_NAME, type VerifyingKey } from './types.ts';
export { readVisibility, visibilityValue } from './visibility.ts';
