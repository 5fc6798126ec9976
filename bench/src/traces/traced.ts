import { compile } from '@assay/compiler';
import type { Program, TensorId, Weights } from '@assay/program';
import {
  checkTrace,
  deriveTrace,
  describeTraceError,
  type TensorTree,
  type TraceProgram,
} from '@assay/program/trace';
import { deriveTraceWithin } from '@assay/program/trace/testing';
import { quantizeInput } from '@assay/runtime';
import { commitConstants } from '@assay/runtime/trace';
import type { BenchCase } from '../cases/index.ts';
import { denseInputs } from '../connected.ts';
import type { Tensors } from '../pipeline.ts';

/** A model as a contract sees it, with inputs. */
export interface TracedModel {
  readonly program: Program;
  readonly weights: Weights;
  readonly trace: TraceProgram;
  /** The same with chunks of 16: prefix sums of every sum that is longer. */
  readonly short: TraceProgram;
  readonly constants: readonly TensorTree[];
  readonly shortConstants: readonly TensorTree[];
  readonly inputs: readonly ReadonlyMap<TensorId, Int32Array>[];
}

const SHORT_CHUNK = 16;

function valueOf<T>(
  derived:
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly error: Parameters<typeof describeTraceError>[0] },
): T {
  if (!derived.ok) throw new Error(describeTraceError(derived.error));
  return derived.value;
}

function integers(program: Program, tensors: Tensors): ReadonlyMap<TensorId, Int32Array> {
  return new Map(
    program.inputs.map((port) => [
      port.tensor,
      quantizeInput(program, port, tensors[port.name] ?? []).values,
    ]),
  );
}

/** Compiles a model, derives its trace and checks it against the weights. */
export async function tracedModel(entry: BenchCase): Promise<TracedModel> {
  const { model, calibration, scored } = entry.load();
  const { program, weights } = await compile(model, calibration.map(denseInputs(model)));
  const trace = valueOf(deriveTrace(program));
  const short = valueOf(deriveTraceWithin(program, SHORT_CHUNK));
  for (const derived of [trace, short]) valueOf(checkTrace(derived, program, weights));
  const inputs = scored.map((tensors) => integers(program, tensors));
  return {
    program,
    weights,
    trace,
    short,
    constants: commitConstants(trace, program, weights),
    shortConstants: commitConstants(short, program, weights),
    inputs,
  };
}
