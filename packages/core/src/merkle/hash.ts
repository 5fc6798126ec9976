import { bytesOfWords } from '../codec/index.ts';
import { keccak256 } from '../hash/index.ts';

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(3);
const NO_SALT = new Uint8Array();

/** Random bytes before the row of a salted leaf: as many as a digest has. */
export const SALT_BYTES = 32;

/** keccak256(0x00 ‖ salt ‖ row). Every row of a tree has one length, fixed by the parameters. */
export function leafHash(row: Uint8Array, salt: Uint8Array = NO_SALT): Uint8Array {
  return keccak256(LEAF, salt, row);
}

/** Leaf of a row of canonical words, u32 LE. */
export function rowHash(
  row: Iterable<number> & { readonly length: number },
  salt: Uint8Array = NO_SALT,
): Uint8Array {
  return leafHash(bytesOfWords(row), salt);
}

/** keccak256(0x03 ‖ left ‖ right): 65 bytes, one permutation. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return keccak256(NODE, left, right);
}
