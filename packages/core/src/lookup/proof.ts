/**
 * The proof, in elements of K, for fractions N/D on {0,1}^L:
 *
 *   top layer   2^T numerators, then 2^T denominators, T = min(5, L)
 *   each layer of ℓ = T … L − 1 variables
 *     ℓ rounds  c0 and c2 of s, degree 2
 *     then      n0 n1 d0 d1: evaluations of the children, the layer of ℓ + 1 variables
 */
const TOP_VARIABLES = 5;

/** Elements of K in a round's message. */
export const ROUND_ELEMENTS = 2;
/** n0, n1, d0, d1. */
export const LAYER_ELEMENTS = 4;

/** Variables of the layer that is sent in clear. */
export function topVariables(variables: number): number {
  return Math.min(TOP_VARIABLES, variables);
}

/** Elements of K in a proof for 2^variables fractions. */
export function logupElements(variables: number): number {
  const top = topVariables(variables);
  let elements = 2 * 2 ** top;
  for (let layer = top; layer < variables; layer++) {
    elements += ROUND_ELEMENTS * layer + LAYER_ELEMENTS;
  }
  return elements;
}
