/** Bounds on a relation's descriptor. Whoever checks one (here, or a contract) refuses what exceeds them. */
export const TRACE_LIMITS = {
  /** Axes of a shape: a tensor, a domain, the sum axes. */
  rank: 8,
  /** Logical axes that a view may read: domain ++ sum. */
  axes: 12,
  /** Elements of a shape stay below this. */
  elements: 2_147_483_648,
  /** Terms of a form. */
  terms: 16,
  /** Products that one instance of an einsum adds up. */
  chunk: 1_024,
  /** Calldata of a fraud proof that a derivation may need at most. */
  proofBytes: 24_576,
} as const;
