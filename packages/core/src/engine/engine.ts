import { createArena } from './arena.ts';
import { codeOps } from './code-ops.ts';
import type { Context, EngineOptions } from './context.ts';
import type { Executor } from './executor.ts';
import { integerOps } from './integer-ops.ts';
import { memoryOps } from './memory-ops.ts';
import { referenceExecutor } from './reference-executor.ts';
import { roundOps } from './round-ops.ts';
import { treeOps } from './tree-ops.ts';
import type { Engine } from './types.ts';
import { vectorOps } from './vector-ops.ts';

const SHARD_NS = 40_000;

/** The prover's vector operations on an executor's memory and threads. One engine per executor. */
export function createEngine(executor: Executor, options: EngineOptions = {}): Engine {
  const arena = createArena(executor.memory);
  const ctx: Context = { executor, arena, shardNs: options.shardNs ?? SHARD_NS };
  return {
    threads: executor.threads,
    get peakBytes() {
      return arena.peak;
    },
    ...memoryOps(ctx),
    ...vectorOps(ctx),
    ...integerOps(ctx),
    ...roundOps(ctx),
    ...codeOps(ctx),
    ...treeOps(ctx),
  };
}

/** An engine on the TypeScript reference kernels: slow, needs no build. For tests. */
export function testEngine(): Engine {
  return createEngine(referenceExecutor());
}
