import { AssayError } from '@assay/core/errors';
import { examples } from './examples.ts';
import { generatedModels } from './generated.ts';
import { sharedModels } from './shared.ts';
import type { BenchCase } from './types.ts';

export { fileCase } from './file.ts';
export type { BenchCase, LoadedCase } from './types.ts';

export const cases: readonly BenchCase[] = [...examples, ...generatedModels, ...sharedModels];

/** @throws {AssayError} ASSAY_BENCH_UNKNOWN_MODEL, with the names there are */
export function caseNamed(name: string): BenchCase {
  const found = cases.find((entry) => entry.name === name);
  if (found !== undefined) return found;
  throw new AssayError({
    code: 'ASSAY_BENCH_UNKNOWN_MODEL',
    shortMessage: `There is no model named '${name}'.`,
    details: `Names: ${cases.map((entry) => entry.name).join(', ')}.`,
  });
}
