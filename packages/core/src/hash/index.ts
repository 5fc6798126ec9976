export { asciiBytes, fromHex, toHex } from './hex.ts';
export { concatBytes, DIGEST_BYTES, equalBytes, type HashFunction, keccak256 } from './keccak.ts';
