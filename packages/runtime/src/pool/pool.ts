import type { Executor, Shard } from '@assay/core/engine';
import { createWasmExecutor, kernelMemory } from '@assay/core/engine/wasm';
import { AssayError } from '@assay/core/errors';
import {
  createKernelMemory,
  instantiateKernels,
  KERNEL_NAMES,
  type KernelModule,
} from '@assay/core/kernels';
import type { WorkerSetup } from './worker-protocol.ts';
import {
  awaitShards,
  canWait,
  createControl,
  offer,
  shardCapacity,
  stop,
  takeShard,
} from './control.ts';

/** An executor whose threads must be ended. */
export interface Pool extends Executor {
  /** Ends the threads. The memory stays readable; `run` throws from then on. */
  close(): Promise<void>;
}

export interface PoolOptions {
  /**
   * Threads that run kernels, the caller's among them.
   * @default the host's logical processors
   */
  readonly threads?: number;
  /**
   * Milliseconds without any shard ending after which a thread counts as lost.
   * @default 300000
   */
  readonly stallMs?: number;
}

/** One started worker, of Node or of a browser. */
export interface PoolWorker {
  /** Resolves when it has its kernels; rejects if it fails before. */
  readonly ready: Promise<void>;
  /** Called once if it ends, or fails, afterwards. */
  onLost(report: (cause: unknown) => void): void;
  terminate(): Promise<void>;
}

const STALL_MS = 300_000;

export function workerLost(shortMessage: string, cause?: unknown): AssayError {
  return new AssayError({ code: 'ASSAY_WORKER', shortMessage, cause });
}

export function expectThreads(name: string, threads: number): void {
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= 1024)) {
    throw new RangeError(`${name}: expected 1 to 1024 threads, got ${threads}`);
  }
}

/** Nothing is shared with other threads: works on pages without SharedArrayBuffer, too. */
function singleThread(module: KernelModule): Pool {
  const executor = createWasmExecutor(module);
  let closed = false;
  return {
    threads: 1,
    memory: executor.memory,
    close: async () => {
      closed = true;
    },
    run(kernel, shards) {
      if (closed) throw workerLost('the worker pool is closed');
      executor.run(kernel, shards);
    },
  };
}

/**
 * Starts threads − 1 workers on one shared memory; the caller's thread is the last. `run` blocks the
 * caller until the kernel is done.
 * @throws {AssayError} ASSAY_WORKER if a worker does not start; none is left running then
 */
export async function createPool(
  module: KernelModule,
  threads: number,
  options: PoolOptions,
  start: (setup: WorkerSetup) => PoolWorker,
): Promise<Pool> {
  if (threads === 1) return singleThread(module);
  const memory = createKernelMemory();
  const control = createControl();
  const kernels = instantiateKernels(module, memory);
  const stallMs = options.stallMs ?? STALL_MS;
  const mayWait = canWait();
  let broken: AssayError | null = null;

  const workers: PoolWorker[] = [];
  const close = async (): Promise<void> => {
    broken ??= workerLost('the worker pool is closed');
    stop(control);
    await Promise.all(workers.map((worker) => worker.terminate()));
  };
  try {
    for (let i = 1; i < threads; i++) workers.push(start({ module, memory, control }));
    await Promise.all(workers.map((worker) => worker.ready));
  } catch (cause) {
    await close();
    throw workerLost('a worker of the pool did not start', cause);
  }
  for (const worker of workers) {
    worker.onLost((cause) => {
      broken ??= workerLost('a worker of the pool ended', cause);
    });
  }

  const call = (kernel: number, args: readonly number[]): void => {
    const name = KERNEL_NAMES[kernel];
    if (name !== undefined) kernels[name](...args);
  };
  const runBatch = (kernel: number, shards: readonly Shard[]): void => {
    const name = KERNEL_NAMES[kernel];
    let failure: unknown;
    offer(control, kernel, shards);
    for (let more = true; more; ) {
      try {
        more = takeShard(control, call);
      } catch (cause) {
        failure = cause;
      }
    }
    const completion = awaitShards(control, stallMs, mayWait);
    if (completion === 'stalled') {
      broken = workerLost(`a worker was lost in kernel ${name}`);
      throw broken;
    }
    if (completion === 'failed') {
      throw new AssayError({
        code: 'ASSAY_KERNEL',
        shortMessage: `kernel ${name} failed`,
        cause: failure,
      });
    }
  };

  return {
    threads,
    memory: kernelMemory(memory),
    close,
    run(name, shards) {
      if (broken !== null) throw broken;
      const kernel = KERNEL_NAMES.indexOf(name);
      if (shards.length <= 1) {
        try {
          for (const shard of shards) call(kernel, shard);
        } catch (cause) {
          throw new AssayError({
            code: 'ASSAY_KERNEL',
            shortMessage: `kernel ${name} failed`,
            cause,
          });
        }
        return;
      }
      const batch = shardCapacity(shards[0]?.length ?? 0);
      for (let from = 0; from < shards.length; from += batch) {
        runBatch(kernel, shards.slice(from, from + batch));
      }
    },
  };
}
