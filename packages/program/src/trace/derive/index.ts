export { checkTrace } from './check-trace.ts';
export { constantValues, inLeafOrder } from './constants.ts';
export { fraudProofBytes } from './cost.ts';
export { deriveTrace } from './derive.ts';
export { dearest, type Dearest, tableReader } from './dearest.ts';
export { lintTrace } from './lint.ts';
export { boxIndices, compilePositions, type Positions } from './positions.ts';
export { type TableBox, tableBox, tableValues } from './tables.ts';
export type { DerivedLists, DerivedTensor, Origin, ProgramSum, TraceProgram } from './types.ts';
