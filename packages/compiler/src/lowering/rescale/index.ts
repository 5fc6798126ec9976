export { clampOfValue } from './clamp.ts';
export { checkRange, limbsOf } from './digits.ts';
export { functionLookup, functionOfValue } from './function.ts';
export type { RescaleOptions } from './plan.ts';
export { fullClamp, settle, settleOutput, type Activation } from './settle.ts';
