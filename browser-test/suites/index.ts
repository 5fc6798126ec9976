import { testEngine } from '@assay/core/engine';
import type { Suite } from '../harness.ts';
import { environment } from './environment.ts';
import { field } from './field.ts';
import { kernels } from './kernels.ts';
import { transcript } from './transcript.ts';

/** In the order in which they run, from the ground up. */
export const pageSuites: readonly Suite[] = [environment, field, transcript];

/** What needs threads: run in a worker. */
export const workerSuites: readonly Suite[] = [
  kernels('reference kernels', async () => testEngine()),
];
