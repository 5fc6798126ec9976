/**
 * Where the claims begin: at the top layer of up to 2^5 fractions, or at the root, which is a
 * layer of one. The fractions of the top layer say more about the witness than pads can hide (that
 * they add up to zero is not bilinear), so that messages are hidden from the root only.
 */
export type LogupStart = 'top' | 'root';

/**
 * The proof, in elements of K, for fractions N/D on {0,1}^L:
 *
 *   top layer   2^T numerators, then 2^T denominators, T = min(5, L)
 *   or root     its denominator, T = 0
 *   each layer of ℓ = T … L − 1 variables
 *     ℓ rounds  c0 and c2 of s, degree 2
 *     then      n0 n1 d0 d1: evaluations of the children, the layer of ℓ + 1 variables
 */
const TOP_VARIABLES = 5;

/** Elements of K in a round's message. */
export const ROUND_ELEMENTS = 2;
/** n0, n1, d0, d1. */
export const LAYER_ELEMENTS = 4;
/** Of values that are not known, in the check of a layer: (n0 + λ·d0)·d1 and n1·d0. */
const LAYER_PRODUCTS = 2;

/** Variables of the layer that is sent in clear when the claims start at the top. */
export function topVariables(variables: number): number {
  return Math.min(TOP_VARIABLES, variables);
}

/** Variables of the first layer that there is a claim about. */
export function startVariables(start: LogupStart, variables: number): number {
  return start === 'root' ? 0 : topVariables(variables);
}

/** Elements of K in the layers from `from` variables on. */
function layerElements(from: number, variables: number): number {
  let elements = 0;
  for (let layer = from; layer < variables; layer++) {
    elements += ROUND_ELEMENTS * layer + LAYER_ELEMENTS;
  }
  return elements;
}

/** Elements of K in a proof for 2^variables fractions. */
export function logupElements(variables: number, start: LogupStart): number {
  const from = startVariables(start, variables);
  return (start === 'root' ? 1 : 2 * 2 ** from) + layerElements(from, variables);
}

/** Elements that the prover sends under pads when the claims start at the root: all but D_root. */
export function logupMessages(variables: number): number {
  return layerElements(0, variables);
}

/** Products of padded values when the claims start at the root. */
export function logupProducts(variables: number): number {
  return LAYER_PRODUCTS * variables;
}
