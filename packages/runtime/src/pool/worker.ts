// Entry of every pool worker, in Node and in browsers: bundled into a string by scripts/build-workers.mjs.
import { instantiateKernels, KERNEL_NAMES } from '@assay/core/kernels';
import { serve } from './control.ts';
import type { WorkerReport, WorkerSetup } from './worker-protocol.ts';

function begin(setup: WorkerSetup, report: (message: WorkerReport) => void): void {
  try {
    const kernels = instantiateKernels(setup.module, setup.memory);
    const functions = KERNEL_NAMES.map((name) => kernels[name]);
    report({ ready: true });
    // After the message has left: `serve` blocks this thread until the pool stops.
    setTimeout(() => {
      serve(setup.control, (kernel, args) => functions[kernel]?.(...args));
    }, 0);
  } catch (cause) {
    report({ ready: false, error: String(cause) });
  }
}

if (typeof require === 'function') {
  const { parentPort, workerData } =
    require('node:worker_threads') as typeof import('node:worker_threads');
  begin(workerData as WorkerSetup, (message) => parentPort?.postMessage(message));
} else {
  const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
  scope.onmessage = ({ data }: MessageEvent<WorkerSetup>) => {
    begin(data, (message) => scope.postMessage(message));
  };
}
