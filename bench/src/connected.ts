import { AssayError } from '@assay/core/errors';
import type { Pipeline } from './pipeline.ts';

/**
 * The pipeline that the packages make up.
 *
 * @throws {AssayError} ASSAY_BENCH_NOT_CONNECTED
 */
export function connectedPipeline(): Pipeline {
  throw new AssayError({
    code: 'ASSAY_BENCH_NOT_CONNECTED',
    shortMessage: 'The bench is not connected to a prover yet.',
  });
}
