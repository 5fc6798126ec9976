import type { Engine } from '@assay/core/engine';
import { AssayError } from '@assay/core/errors';
import type { Pipeline } from './pipeline.ts';

/**
 * The pipeline that the packages make up.
 *
 * @throws {AssayError} ASSAY_BENCH_NOT_CONNECTED
 */
export function connectedPipeline(): Pipeline {
  throw notConnected('a prover');
}

/**
 * The prover's engine on the WASM kernels.
 *
 * @throws {AssayError} ASSAY_BENCH_NOT_CONNECTED
 */
export function connectedEngine(_threads: number): Promise<Engine> {
  throw notConnected('the WASM kernels');
}

function notConnected(to: string): AssayError {
  return new AssayError({
    code: 'ASSAY_BENCH_NOT_CONNECTED',
    shortMessage: `The bench is not connected to ${to} yet.`,
  });
}
