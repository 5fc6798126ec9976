import { compileKernelsAsync } from '@assay/core/kernels';
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

function startBrowserWorker(url: string, setup: WorkerSetup): PoolWorker {
  const worker = new Worker(url);
  const ready = new Promise<void>((resolve, reject) => {
    worker.addEventListener('message', ({ data }: MessageEvent<WorkerReport>) => {
      if (data.ready) resolve();
      else reject(workerLost(data.error));
    });
    worker.addEventListener('error', (event) => reject(workerLost(event.message)));
  });
  ready.catch(() => undefined);
  worker.postMessage(setup);
  return {
    ready,
    onLost: (report) => worker.addEventListener('error', report),
    async terminate() {
      worker.terminate();
    },
  };
}

/**
 * Kernels on Web Workers. Memory can only be shared on a cross-origin isolated page (headers
 * Cross-Origin-Opener-Policy: same-origin, Cross-Origin-Embedder-Policy: require-corp): elsewhere the
 * pool has one thread, the caller's. Call it from a worker of the page: on the main thread it blocks
 * the page, and it must poll.
 * @throws {AssayError} ASSAY_WORKER if a worker does not start, ASSAY_WASM without WebAssembly SIMD
 */
export async function createBrowserPool(options: PoolOptions = {}): Promise<Pool> {
  const wanted = options.threads ?? globalThis.navigator.hardwareConcurrency;
  expectThreads('createBrowserPool', wanted);
  const threads = globalThis.crossOriginIsolated ? wanted : 1;
  const module = await compileKernelsAsync();
  const url = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }));
  try {
    return await createPool(module, threads, options, (setup) => startBrowserWorker(url, setup));
  } finally {
    URL.revokeObjectURL(url);
  }
}
