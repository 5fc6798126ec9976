import { runSuites } from './harness.ts';
import { workerSuites } from './suites/index.ts';

// A page may not wait, so what shares work between threads runs in a worker, as it does in a product.
await runSuites(workerSuites, (outcome) => {
  globalThis.postMessage(outcome);
});
globalThis.postMessage(null);
