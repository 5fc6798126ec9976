import type { Form, Program, Trace } from '@assay/program';
import { Evaluator, type Ints } from './forms/evaluator.ts';

/**
 * A form's values on a trace, row major over dims: int32 where the tensors' actual ranges show that they fit, else
 * doubles. A form that is one whole tensor gives the trace's own array, not a copy: do not write to it.
 *
 * @throws {AssayError} ASSAY_INEXACT when a value reaches 2^53 (never on a program that keeps the no-wrap rule).
 */
export function evaluateForm(
  program: Program,
  trace: Trace,
  form: Form,
  dims: readonly number[],
): Int32Array | Float64Array {
  return new Evaluator(program, trace).evaluate(form, dims);
}

/** `evaluateForm` for many forms of one trace: measures each tensor once. The trace must not change meanwhile. */
export function formEvaluator(
  program: Program,
  trace: Trace,
): (form: Form, dims: readonly number[]) => Ints {
  const evaluator = new Evaluator(program, trace);
  return (form, dims) => evaluator.evaluate(form, dims);
}
