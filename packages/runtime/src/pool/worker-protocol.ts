import type { KernelModule, LinearMemory } from '@assay/core/kernels';

/** What a worker is started with. */
export interface WorkerSetup {
  readonly module: KernelModule;
  readonly memory: LinearMemory;
  readonly control: Int32Array;
}

/** The only message a worker sends: whether it has its kernels. */
export type WorkerReport =
  | { readonly ready: true }
  | { readonly ready: false; readonly error: string };
