/** How models are refused. */
import { AssayError } from '@assay/core/errors';

export type ProblemKind = 'operator' | 'attribute' | 'dtype' | 'shape' | 'operand';

/** Why one node (or one of the graph's inputs and outputs) cannot be used. */
export interface ModelProblem {
  readonly kind: ProblemKind;
  /** Name of the node; made up as `Operator_index` where the model gives none. */
  readonly node: string;
  /** ONNX operator, with its domain if that is not ONNX's own; 'input' or 'output' for the interface. */
  readonly operator: string;
  /** Opset of the operator's domain that the model declares; null if it declares none. */
  readonly opset: number | null;
  readonly reason: string;
}

/** Not a protobuf of a model, or one that contradicts itself. */
export const malformed = (shortMessage: string, cause?: unknown): AssayError =>
  new AssayError({ code: 'ASSAY_MODEL_MALFORMED', shortMessage, cause });

/** Larger or deeper than the limits allow. */
export const overLimit = (shortMessage: string): AssayError =>
  new AssayError({ code: 'ASSAY_MODEL_LIMIT', shortMessage });

const shownProblems = 100;

const short = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text);

const show = (p: ModelProblem): string =>
  `  ${short(p.operator)} "${short(p.node)}"${p.opset === null ? '' : ` (opset ${p.opset})`}: ${short(p.reason)}`;

/** A valid model that uses what is not supported: lists all offending nodes at once. */
export class UnsupportedModelError extends AssayError {
  readonly problems: readonly ModelProblem[];

  constructor(problems: readonly ModelProblem[]) {
    const lines = problems.slice(0, shownProblems).map(show);
    if (problems.length > shownProblems) {
      lines.push(`  and ${problems.length - shownProblems} more`);
    }
    super({
      code: 'ASSAY_MODEL_UNSUPPORTED',
      shortMessage: `the model has ${problems.length} unsupported ${problems.length === 1 ? 'part' : 'parts'}`,
      details: lines.join('\n'),
    });
    this.problems = problems;
  }
}

/** Thrown by a node's handler, caught by the importer, which adds the node and goes on. */
export class NodeProblem extends Error {
  override readonly name: string = 'NodeProblem';
  readonly kind: ProblemKind;

  constructor(kind: ProblemKind, reason: string) {
    super(reason);
    this.kind = kind;
  }
}
