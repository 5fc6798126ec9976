export type { MerkleError } from './errors.ts';
export { leafHash, nodeHash, rowHash, SALT_BYTES } from './hash.ts';
export {
  type NodeHash,
  type NodePosition,
  openMultiproof,
  siblingCount,
  siblingPositions,
  verifyMultiproof,
} from './multiproof.ts';
export { buildTree, digestPosition } from './tree.ts';
