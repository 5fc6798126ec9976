import { elementCount, type Program, type TensorId, type Weights } from '@assay/program';
import { executionError } from './errors.ts';

function checkGiven(
  program: Program,
  id: TensorId,
  values: Int32Array | undefined,
  code: 'ASSAY_INPUT' | 'ASSAY_WEIGHTS',
): Int32Array {
  const tensor = program.tensors[id];
  const node = tensor?.node ?? 0;
  if (tensor === undefined || values === undefined) {
    throw executionError(code, program, id, node, 'no values given');
  }
  const expected = elementCount(tensor.shape);
  if (values.length !== expected) {
    throw executionError(
      code,
      program,
      id,
      node,
      `expected ${expected} values, got ${values.length}`,
    );
  }
  checkDeclaredRange(program, id, values, code);
  return values;
}

/** Every value inside the tensor's declared range, or an AssayError with the first that is not. */
export function checkDeclaredRange(
  program: Program,
  id: TensorId,
  values: Int32Array,
  code: 'ASSAY_INPUT' | 'ASSAY_WEIGHTS' | 'ASSAY_VALUE_RANGE',
): void {
  const tensor = program.tensors[id];
  if (tensor === undefined || tensor.range === null) return;
  const { lo, hi } = tensor.range;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value < lo || value > hi) {
      const what = `value ${value} at index ${i} is outside the declared range [${lo}, ${hi}]`;
      throw executionError(code, program, id, tensor.node, what);
    }
  }
}

/**
 * The tensors that are there before the first step: inputs and weights (same arrays, not copied; checked
 * against shape and declared range) and constants.
 *
 * @throws {AssayError} ASSAY_INPUT, ASSAY_WEIGHTS.
 */
export function initialValues(
  program: Program,
  weights: Weights,
  inputs: ReadonlyMap<TensorId, Int32Array>,
): Map<TensorId, Int32Array> {
  const values = new Map<TensorId, Int32Array>();
  program.tensors.forEach((tensor, id) => {
    switch (tensor.role) {
      case 'input':
        values.set(id, checkGiven(program, id, inputs.get(id), 'ASSAY_INPUT'));
        break;
      case 'model':
        values.set(id, checkGiven(program, id, weights.get(id), 'ASSAY_WEIGHTS'));
        break;
      case 'constant':
        values.set(id, Int32Array.from(tensor.data ?? []));
        break;
      case 'witness':
      case 'output':
        break;
    }
  });
  return values;
}

/** @throws {AssayError} ASSAY_VALUE_RANGE when an output leaves its declared range. */
export function checkOutputs(program: Program, values: ReadonlyMap<TensorId, Int32Array>): void {
  program.tensors.forEach((tensor, id) => {
    const found = values.get(id);
    if (tensor.role === 'output' && found !== undefined) {
      checkDeclaredRange(program, id, found, 'ASSAY_VALUE_RANGE');
    }
  });
}
