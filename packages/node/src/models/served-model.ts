import { totalmem } from 'node:os';
import { resolve } from 'node:path';
import {
  type DerivedModel,
  deriveRecord,
  describeRefusal,
  EVIDENCE,
  type ModelRecord,
  recordDifferences,
} from '@assay/market';
import { elementCount, type Program, type Weights } from '@assay/program';
import type { TraceProgram } from '@assay/program/trace';
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
 * Reads a bundle and derives its trace, its constants and its record from program and weights. A trace
 * that would take more than `mostTraceBytes` is not offered: a run must not take the process down.
 *
 * @throws {AssayError} what `openBundle` and `deriveRecord` throw
 */
export function openServedModel(
  folder: string,
  mostTraceBytes: number = totalmem() / 4,
): ServedModel {
  const bundle = openBundle(resolve(folder));
  const { program, verifyingKey: key } = bundle;
  const weights = bundle.weights();
  const derived = deriveRecord({ program, weights, key });
  const { record, trace, constants } = derived;
  const isTooLarge = trace !== null && traceBytes(trace) > mostTraceBytes;
  const traceRefusal = isTooLarge
    ? 'its trace does not fit the memory here'
    : describeRefusal(derived);
  const evidence =
    (traceRefusal === null ? EVIDENCE.trace : 0) | (key === null ? 0 : EVIDENCE.proof);
  return { bundle, program, weights, record, trace, constants, traceRefusal, evidence };
}

/** Elements take 4 bytes, the tree over them another 2.1 (`TensorTree`); while it is made, twice. */
const BYTES_PER_ELEMENT = 12;

/** Memory that the trace of one run takes, about. */
export function traceBytes({ lists: [, ...ofRun] }: TraceProgram): number {
  const elements = ofRun.flat().reduce((sum, { dims }) => sum + elementCount(dims), 0);
  return BYTES_PER_ELEMENT * elements;
}

/** Null: the registered record is the model's. Text: what differs. */
export function compareRecord({ record }: ServedModel, registered: ModelRecord): string | null {
  const other = recordDifferences(record, registered);
  return other.length === 0 ? null : `its record differs in ${other.join(', ')}`;
}
