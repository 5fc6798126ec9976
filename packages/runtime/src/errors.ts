import { AssayError, type AssayErrorCode } from '@assay/core/errors';
import type { Program, TensorId } from '@assay/program';

/** `node "conv1" (Conv)`: how every message of this package names a node. */
export function nodeLabel(program: Program, node: number): string {
  const found = program.nodes[node];
  return found === undefined ? `node ${node}` : `node "${found.name}" (${found.operator})`;
}

/** `tensor "x"`. */
export function tensorLabel(program: Program, tensor: TensorId): string {
  return `tensor "${program.tensors[tensor]?.name ?? String(tensor)}"`;
}

/**
 * An execution that cannot go on: names the node and the tensor. Codes: ASSAY_INPUT (missing, wrong size,
 * outside its declared range), ASSAY_WEIGHTS (the same of model tensors), ASSAY_LOOKUP_MISS (key not in the table),
 * ASSAY_VALUE_RANGE (a value to be stored leaves int32, or an output its declared range), ASSAY_DIVISOR (divisor < 1),
 * ASSAY_INEXACT (an intermediate reaches 2^53), ASSAY_PROGRAM_STEP (a step does not fit its relation).
 */
export function executionError(
  code: AssayErrorCode,
  program: Program,
  tensor: TensorId,
  node: number,
  what: string,
): AssayError {
  return new AssayError({
    code,
    shortMessage: `${nodeLabel(program, node)}: ${tensorLabel(program, tensor)}: ${what}`,
  });
}

/** A step that does not fit its relation (`Step` in the program's types). */
export function stepError(program: Program, node: number, what: string): AssayError {
  return new AssayError({
    code: 'ASSAY_PROGRAM_STEP',
    shortMessage: `${nodeLabel(program, node)}: ${what}`,
  });
}
