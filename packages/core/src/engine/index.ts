export type { EngineOptions } from './context.ts';
export { createEngine, testEngine } from './engine.ts';
export type { Executor, KernelMemory, Shard } from './executor.ts';
export { referenceExecutor } from './reference-executor.ts';
export type { Engine, I16Vec, IntVec, KVec, RowMatrix, TreeHandle } from './types.ts';
