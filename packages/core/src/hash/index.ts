export { asciiBytes, fromHex, toHex } from './hex.ts';
export { type HashMany, keccak256Many } from './many.ts';
export { concatBytes, DIGEST_BYTES, equalBytes, type HashFunction, keccak256 } from './keccak.ts';
