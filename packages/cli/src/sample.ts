import { AssayError } from '@assay/core/errors';
import type { Program } from '@assay/program';
import { readSamples } from './pipeline.ts';
import { quantizeInputs, type QuantizedInputs } from './tensors.ts';

/**
 * The one input that a file gives, as integers.
 * @throws {AssayError} ASSAY_INPUT, ASSAY_INPUT_RANGE, ASSAY_FILE_READ
 */
export async function readInput(
  path: string,
  program: Program,
  strict: boolean,
): Promise<QuantizedInputs> {
  const samples = await readSamples(path, program.inputs);
  const [sample] = samples;
  if (sample === undefined || samples.length !== 1) {
    throw new AssayError({
      code: 'ASSAY_INPUT',
      shortMessage: `${path} holds ${samples.length} inputs; one run takes one`,
    });
  }
  return quantizeInputs(program, sample, strict);
}
