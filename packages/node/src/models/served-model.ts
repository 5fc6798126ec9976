import { resolve } from 'node:path';
import {
  type DerivedModel,
  deriveRecord,
  describeRefusal,
  EVIDENCE,
  type ModelRecord,
  recordDifferences,
} from '@assay/market';
import type { Program, Weights } from '@assay/program';
import { type Bundle, openBundle } from '@assay/prover/bundle';

/** A bundle with everything that is derived from it, once. */
export interface ServedModel extends Pick<DerivedModel, 'record' | 'trace' | 'constants'> {
  readonly bundle: Bundle;
  readonly program: Program;
  readonly weights: Weights;
  /** Why there is no trace; null: there is. */
  readonly traceRefusal: string | null;
  /** Bits of evidence that can be given. */
  readonly evidence: number;
}

/**
 * Reads a bundle and derives its trace, its constants and its record from program and weights.
 *
 * @throws {AssayError} what `openBundle` and `deriveRecord` throw
 */
export function openServedModel(folder: string): ServedModel {
  const bundle = openBundle(resolve(folder));
  const { program, verifyingKey: key } = bundle;
  const weights = bundle.weights();
  const derived = deriveRecord({ program, weights, key });
  const { record, trace, constants } = derived;
  const evidence = (trace === null ? 0 : EVIDENCE.trace) | (key === null ? 0 : EVIDENCE.proof);
  const traceRefusal = describeRefusal(derived);
  return { bundle, program, weights, record, trace, constants, traceRefusal, evidence };
}

/** Null: the registered record is the model's. Text: what differs. */
export function compareRecord({ record }: ServedModel, registered: ModelRecord): string | null {
  const other = recordDifferences(record, registered);
  return other.length === 0 ? null : `its record differs in ${other.join(', ')}`;
}
