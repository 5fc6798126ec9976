export { bytesOfK, bytesOfU64, bytesOfWords, K_BYTES } from './encoding.ts';
export { ProofReader, type ReadFailure } from './reader.ts';
export { ProofWriter } from './writer.ts';
