import { createEngine, type Engine } from '@assay/core/engine';
import { createBrowserPool } from '@assay/runtime/browser';
import type { Suite } from '../harness.ts';
import { environment } from './environment.ts';
import { field } from './field.ts';
import { kernels } from './kernels.ts';
import { prover } from './prover.ts';
import { randomness } from './randomness.ts';
import { committedReceipt, privateReceipt, publicReceipt } from './receipts.ts';
import { transcript } from './transcript.ts';
import { verifier } from './verifier.ts';

const poolEngine = async (threads: number): Promise<Engine> =>
  // Shards of 50 ns: every operation is split, whatever its size.
  createEngine(await createBrowserPool({ threads }), { shardNs: 50 });

/** In the order in which they run, from the ground up. A page may not wait for its threads: it polls. */
export const pageSuites: readonly Suite[] = [
  environment,
  randomness('randomness on the page'),
  field,
  transcript,
  verifier,
  publicReceipt,
  committedReceipt,
  privateReceipt,
  kernels('kernels on the page, two threads', 2, poolEngine),
  prover('prover on the page, one thread', 1),
];

/** Where threads wait: run in a worker. */
export const workerSuites: readonly Suite[] = [
  randomness('randomness in a worker'),
  kernels('kernels on one thread', 1, poolEngine),
  kernels('kernels on three threads', 3, poolEngine),
  prover('prover in a worker, two threads', 2),
];
