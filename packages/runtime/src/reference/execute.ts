import type { Program, Step, TensorId, Trace, Weights } from '@assay/program';
import { checkOutputs, initialValues } from '../initial-values.ts';
import type { Values } from './evaluate.ts';
import { digits, divide, lookup, onehot } from './steps.ts';

function run(values: Values, step: Step): Map<TensorId, Int32Array> {
  switch (step.kind) {
    case 'digits':
      return digits(values, step);
    case 'lookup':
      return lookup(values, step);
    case 'divide':
      return divide(values, step);
    case 'onehot':
      return onehot(values, step);
  }
}

/**
 * Runs a program step by step, element by element: slow and obvious, the meaning of every program.
 * `execute` gives the same trace.
 *
 * @returns every tensor of the program: inputs and weights (the arrays given), constants, witness, outputs.
 * @throws {AssayError} naming node and tensor; codes at `executionError`.
 */
export function executeReference(
  program: Program,
  weights: Weights,
  inputs: ReadonlyMap<TensorId, Int32Array>,
): Trace {
  const tensors = initialValues(program, weights, inputs);
  for (const step of program.steps) {
    for (const [id, data] of run({ program, tensors }, step)) tensors.set(id, data);
  }
  checkOutputs(program, tensors);
  return tensors;
}
