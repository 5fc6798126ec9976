import { createEngine, type Engine } from '@assay/core/engine';
import { createBrowserPool } from '@assay/runtime/browser';
import type { Suite } from '../harness.ts';
import { environment } from './environment.ts';
import { field } from './field.ts';
import { kernels } from './kernels.ts';
import { transcript } from './transcript.ts';
import { verifier } from './verifier.ts';

const poolEngine = async (threads: number): Promise<Engine> =>
  // Shards of 50 ns: every operation is split, whatever its size.
  createEngine(await createBrowserPool({ threads }), { shardNs: 50 });

/** In the order in which they run, from the ground up. A page may not wait for its threads: it polls. */
export const pageSuites: readonly Suite[] = [
  environment,
  field,
  transcript,
  verifier,
  kernels('kernels on the page, two threads', 2, poolEngine),
];

/** Where threads wait: run in a worker. */
export const workerSuites: readonly Suite[] = [
  kernels('kernels on one thread', 1, poolEngine),
  kernels('kernels on three threads', 3, poolEngine),
];
