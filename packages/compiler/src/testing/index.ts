export { operatorCases, type OperatorCase } from './cases/index.ts';
export { traceSearch, type SearchResult } from './uniqueness.ts';
export { compileCase, type CompiledCase } from './compile-case.ts';
export { graphOf, randomTensor, seededRandom, type GraphSpec, type Random } from './graphs.ts';
