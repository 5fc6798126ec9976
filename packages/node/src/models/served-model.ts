import { resolve } from 'node:path';
import { EVIDENCE, type ModelRecord } from '@assay/market';
import type { Program, Weights } from '@assay/program';
import {
  describeTraceError,
  deriveTrace,
  type TensorTree,
  type TraceProgram,
} from '@assay/program/trace';
import { type Bundle, openBundle, provingKey } from '@assay/prover/bundle';
import type { ProvingKey } from '@assay/prover';
import { commitConstants } from '@assay/runtime/trace';
import { type DerivedRecord, recordOf } from './record.ts';

/** A bundle with everything that is derived from it, once. */
export interface ServedModel {
  readonly folder: string;
  readonly bundle: Bundle;
  readonly program: Program;
  readonly weights: Weights;
  /** Null: contracts cannot check it, or its weights are hidden. */
  readonly trace: TraceProgram | null;
  /** Why there is none. */
  readonly traceRefusal: string | null;
  readonly constants: readonly TensorTree[];
  readonly record: DerivedRecord;
  /** Evidence that can be given. */
  readonly evidence: number;
  provingKey(): ProvingKey;
}

/** Reads a bundle and derives its trace, its constants and its record from program and weights. @throws {AssayError} what `openBundle` throws */
export function openServedModel(folder: string): ServedModel {
  const bundle = openBundle(resolve(folder));
  const { program, verifyingKey } = bundle;
  const weights = bundle.weights();
  const isHidden = verifyingKey?.visibility.weights.kind === 'hidden';
  const derived = isHidden ? null : deriveTrace(program);
  const trace = derived?.ok === true ? derived.value : null;
  const constants = trace === null ? [] : commitConstants(trace, program, weights);
  let proving: ProvingKey | null = null;
  return {
    folder: bundle.folder,
    bundle,
    program,
    weights,
    trace,
    traceRefusal:
      derived === null
        ? 'weights are hidden'
        : derived.ok
          ? null
          : describeTraceError(derived.error),
    constants,
    record: recordOf(program, trace, constants, verifyingKey),
    evidence: (trace === null ? 0 : EVIDENCE.trace) | (verifyingKey === null ? 0 : EVIDENCE.proof),
    provingKey: () => {
      proving ??= provingKey(bundle);
      return proving;
    },
  };
}

/** Null: the registered record is the model's. Text: what differs. */
export function compareRecord(model: ServedModel, registered: ModelRecord): string | null {
  const names = Object.keys(model.record) as (keyof DerivedRecord)[];
  const other = names.filter((name) => model.record[name] !== registered[name]);
  return other.length === 0 ? null : `its record differs in ${other.join(', ')}`;
}
