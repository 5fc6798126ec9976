export type { SumcheckError } from './errors.ts';
export { delayFactor, instancePoint } from './instance.ts';
export { type Degree, nextClaim, type RoundMessage, sumcheckElements } from './proof.ts';
export { verifySumcheck } from './verifier.ts';
