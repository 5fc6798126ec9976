import { AssayError } from '@assay/core/errors';

/** Why a node cannot become integer relations. */
export type LoweringFailure = 'unsupported' | 'unbounded';

/** Thrown by lowerings, collected by `lowerGraph`, which names the node. */
export class LoweringError extends Error {
  readonly failure: LoweringFailure;

  constructor(failure: LoweringFailure, reason: string) {
    super(reason);
    this.failure = failure;
  }
}

export interface NodeProblem {
  readonly node: string;
  readonly operator: string;
  readonly tensor: string;
  readonly failure: LoweringFailure;
  readonly reason: string;
}

/** One error for all offending nodes. */
export const compileError = (problems: readonly NodeProblem[]): AssayError => {
  const unbounded = problems.some((p) => p.failure === 'unbounded');
  return new AssayError({
    code: unbounded ? 'ASSAY_COMPILE_UNBOUNDED' : 'ASSAY_COMPILE_UNSUPPORTED',
    shortMessage: `compile: ${problems.length} node${problems.length === 1 ? '' : 's'} cannot become integer relations`,
    details: problems
      .map((p) => `${p.node} (${p.operator}, output ${p.tensor}): ${p.reason}`)
      .join('\n'),
  });
};
