import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { compileKernels } from '@assay/core/kernels';
import { workerSource } from '../generated/worker-source.ts';
import {
  createPool,
  expectThreads,
  type Pool,
  type PoolOptions,
  type PoolWorker,
  workerLost,
} from '../pool/pool.ts';
import type { WorkerReport, WorkerSetup } from '../pool/worker-protocol.ts';

/** @param source - The worker's script; other than the bundled one only in tests. */
export function startNodeWorker(setup: WorkerSetup, source: string = workerSource): PoolWorker {
  const worker = new Worker(source, { eval: true, workerData: setup });
  const ready = new Promise<void>((resolve, reject) => {
    worker.once('message', (report: WorkerReport) => {
      if (report.ready) resolve();
      else reject(workerLost(report.error));
    });
    worker.once('error', reject);
    worker.once('exit', (code) => reject(workerLost(`worker exited with code ${code}`)));
  });
  // Waited for by all or by nobody: a second failure must not count as unhandled.
  ready.catch(() => undefined);
  return {
    // A pool that was not closed does not keep the process alive.
    ready: ready.then(() => worker.unref()),
    onLost(report) {
      worker.once('error', report);
      worker.once('exit', () => report(undefined));
    },
    async terminate() {
      await worker.terminate();
    },
  };
}

/**
 * Kernels on worker_threads.
 * @throws {AssayError} ASSAY_WORKER if a worker does not start, ASSAY_WASM without WebAssembly SIMD
 */
export async function createNodePool(options: PoolOptions = {}): Promise<Pool> {
  const threads = options.threads ?? availableParallelism();
  expectThreads('createNodePool', threads);
  return createPool(compileKernels(), threads, options, (setup) => startNodeWorker(setup));
}
