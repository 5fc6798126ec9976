import { sharedDigests } from '@assay/core/kernels';
import type { Program, Trace, Weights } from '@assay/program';
import { LIST, TensorTree, type TraceProgram, TraceTrees } from '@assay/program/trace';
import { traceConstants, traceValues, type ValueOptions } from './values.ts';

/** All trees of a run, with the roots that a check is made against (`roots`). */
export type TraceCommitment = TraceTrees;

function trees(values: readonly Int32Array[]): readonly TensorTree[] {
  return values.map((elements) => new TensorTree(elements, sharedDigests()));
}

/** Trees of the Constant list: with weights of a model, the same for every run. */
export function commitConstants(
  trace: TraceProgram,
  program: Program,
  weights: Weights,
): readonly TensorTree[] {
  return trees(traceConstants(trace, program, weights));
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
  return new TraceTrees(trace.relations, {
    0: constants,
    1: trees(all[LIST.input]),
    2: trees(all[LIST.trace]),
    3: trees(all[LIST.output]),
  });
}
