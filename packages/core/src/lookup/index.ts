export type { LogupError } from './errors.ts';
export { logupElements, topVariables } from './proof.ts';
export { type FractionClaim, verifyLogup } from './verifier.ts';
