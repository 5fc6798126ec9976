/** Why a multiproof was rejected. */
export type MerkleError =
  /** Indices are none, unsorted, repeated or out of range. */
  | { readonly kind: 'merkle/indices' }
  | { readonly kind: 'merkle/leaf-count'; readonly expected: number; readonly actual: number }
  | { readonly kind: 'merkle/sibling-count'; readonly expected: number; readonly actual: number }
  /** A hash is not 32 bytes long. */
  | { readonly kind: 'merkle/digest' }
  /** The path from the leaves does not end in the root. */
  | { readonly kind: 'merkle/root' };
