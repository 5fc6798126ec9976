export type { LogupError } from './errors.ts';
export {
  type LogupStart,
  logupElements,
  logupMessages,
  logupProducts,
  topVariables,
} from './proof.ts';
export { type FractionClaim, verifyLogup } from './verifier.ts';
