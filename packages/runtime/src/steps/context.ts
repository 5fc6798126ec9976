import { elementCount, type TensorId } from '@assay/program';
import { executionError } from '../errors.ts';
import type { Evaluator } from '../forms/evaluator.ts';
import type { MatmulEngine } from '../products/matmul.ts';

/** What a step works with. */
export interface StepContext {
  readonly evaluator: Evaluator;
  readonly engine: MatmulEngine | null;
}

/** Tensors that a step produces. */
export type Produced = readonly (readonly [TensorId, Int32Array])[];

export function allocate(context: StepContext, tensor: TensorId): Int32Array {
  return new Int32Array(elementCount(context.evaluator.shape(tensor)));
}

/** @throws {AssayError} ASSAY_VALUE_RANGE if the value does not fit int32. */
export function requireInt32(
  context: StepContext,
  node: number,
  tensor: TensorId,
  index: number,
  value: number,
): void {
  if (value >= -(2 ** 31) && value < 2 ** 31) return;
  const what = `value ${value} at index ${index} leaves int32`;
  throw executionError('ASSAY_VALUE_RANGE', context.evaluator.program, tensor, node, what);
}
