export { deriveTrace } from './derive.ts';
export { dearest, type Dearest } from './dearest.ts';
export { lintTrace } from './lint.ts';
export { type TableBox, tableBox, tableValues } from './tables.ts';
export type { DerivedLists, DerivedTensor, Origin, ProgramSum, TraceProgram } from './types.ts';
