import type { KernelName } from '../kernels/names.ts';

/** One linear memory that all threads of an executor share. */
export interface KernelMemory {
  /** The current buffer. Growing may replace it: views must be taken anew. */
  readonly buffer: ArrayBufferLike;
  /**
   * Makes the memory at least `byteLength` bytes long.
   * @throws {AssayError} ASSAY_MEMORY if it cannot be.
   */
  grow(byteLength: number): void;
}

/** Argument list of one kernel call: byte pointers and counts, unsigned 32-bit. */
export type Shard = readonly number[];

/** Runs kernels on one or more threads. Synchronous: `run` returns when every shard is done. */
export interface Executor {
  readonly threads: number;
  readonly memory: KernelMemory;
  /**
   * Calls the kernel once per shard, in any order, on any thread. Shards of one call must not write
   * what another reads or writes.
   * @throws {AssayError} ASSAY_KERNEL if a kernel traps, ASSAY_WORKER if a worker is lost.
   */
  run(kernel: KernelName, shards: readonly Shard[]): void;
}
