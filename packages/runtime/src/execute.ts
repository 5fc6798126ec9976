import { AssayError } from '@assay/core/errors';
import type { Program, Step, TensorId, Trace, Weights } from '@assay/program';
import { Evaluator } from './forms/evaluator.ts';
import { checkOutputs, initialValues } from './initial-values.ts';
import type { MatmulEngine } from './products/matmul.ts';
import type { Produced, StepContext } from './steps/context.ts';
import { digits } from './steps/digits.ts';
import { divide } from './steps/divide.ts';
import { lookup } from './steps/lookup.ts';
import { onehot } from './steps/onehot.ts';

export interface ExecuteOptions {
  /** Looked at before every step: @throws ASSAY_ABORTED. */
  readonly signal?: AbortSignal;
  /** Called after every step. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Tensors that one step produces from those before it. */
export function runStep(context: StepContext, step: Step): Produced {
  switch (step.kind) {
    case 'digits':
      return digits(context, step);
    case 'lookup':
      return lookup(context, step);
    case 'divide':
      return divide(context, step);
    case 'onehot':
      return onehot(context, step);
  }
}

/**
 * Runs a program: the trace of `executeReference`, bit for bit, at speed. Large integer matrix products go to the
 * engine's kernels (null: plain TypeScript), everything else is one pass per view.
 *
 * Caller must: have validated the program (`validateProgram`).
 *
 * @returns every tensor of the program: inputs and weights (the arrays given, not copies), constants, witness, outputs.
 * @throws {AssayError} naming node and tensor; codes at `executionError`.
 */
export function execute(
  program: Program,
  weights: Weights,
  inputs: ReadonlyMap<TensorId, Int32Array>,
  engine: MatmulEngine | null,
  options: ExecuteOptions = {},
): Trace {
  const tensors = initialValues(program, weights, inputs);
  const context: StepContext = { evaluator: new Evaluator(program, tensors), engine };
  const total = program.steps.length;
  program.steps.forEach((step, done) => {
    if (options.signal?.aborted === true) {
      throw new AssayError({
        code: 'ASSAY_ABORTED',
        shortMessage: 'execution was aborted',
        cause: options.signal.reason,
      });
    }
    for (const [id, data] of runStep(context, step)) tensors.set(id, data);
    options.onProgress?.(done + 1, total);
  });
  checkOutputs(program, tensors);
  return tensors;
}
