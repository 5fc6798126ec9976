import { AssayError } from '@assay/core/errors';
import type { Program, TensorId, Trace } from '@assay/program';
import { runStep } from '../execute.ts';
import { Evaluator } from '../forms/evaluator.ts';

/**
 * Runs the steps from index `first` on over the tensors given, whatever these hold: what a prover computes that has
 * lied before and is honest afterwards. A step that cannot be done, such as a lookup of a key that no row has, is
 * left out; its tensors keep the values given.
 */
export function resume(program: Program, given: Trace, first: number): Map<TensorId, Int32Array> {
  const tensors = new Map(given);
  for (const step of program.steps.slice(first)) {
    try {
      // Made anew for every step: an evaluator remembers the ranges of what it has seen.
      const evaluator = new Evaluator(program, new Map(tensors));
      for (const [id, data] of runStep({ evaluator, engine: null }, step)) tensors.set(id, data);
    } catch (error) {
      if (!(error instanceof AssayError)) throw error;
    }
  }
  return tensors;
}
