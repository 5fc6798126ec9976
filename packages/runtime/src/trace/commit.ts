import type { Program, Trace, Weights } from '@assay/program';
import { LIST, type ListId, TensorTree, type TraceProgram, TraceTrees } from '@assay/program/trace';
import { traceConstants, traceValues, type ValueOptions } from './values.ts';

/** All trees of a run, with the roots that a check is made against (`roots`). */
export type TraceCommitment = TraceTrees;

/** Trees of the Constant list: with weights of a model, the same for every run. */
export function commitConstants(
  trace: TraceProgram,
  program: Program,
  weights: Weights,
): readonly TensorTree[] {
  return traceConstants(trace, program, weights).map((values) => new TensorTree(values));
}

export interface CommitOptions extends Omit<ValueOptions, 'constants'> {
  /** Trees of `commitConstants`, if they are there. */
  readonly constants?: readonly TensorTree[];
}

/**
 * Commits to a run: a tree over each tensor of the trace, a list of the roots for each list.
 *
 * @param values - all tensors of the program (`execute`).
 * @throws as `traceValues`.   Cost: a hash for each 32 elements, and as many above them.
 */
export function commitTrace(
  trace: TraceProgram,
  program: Program,
  weights: Weights,
  values: Trace,
  options: CommitOptions = {},
): TraceCommitment {
  const constants = options.constants ?? commitConstants(trace, program, weights);
  const all = traceValues(trace, program, values, {
    engine: options.engine ?? null,
    constants: constants.map((tree) => tree.values),
  });
  const trees = (list: ListId): readonly TensorTree[] =>
    all[list].map((elements) => new TensorTree(elements));
  return new TraceTrees(trace.relations, {
    0: constants,
    1: trees(LIST.input),
    2: trees(LIST.trace),
    3: trees(LIST.output),
  });
}
