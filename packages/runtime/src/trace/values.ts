import { AssayError } from '@assay/core/errors';
import type { Program, Trace, Weights } from '@assay/program';
import {
  constantValues,
  type DerivedTensor,
  inLeafOrder,
  LIST,
  type ListId,
  type TraceProgram,
} from '@assay/program/trace';
import { nodeLabel } from '../errors.ts';
import { Evaluator, type Ints } from '../forms/evaluator.ts';
import type { MatmulEngine } from '../products/matmul.ts';
import { evaluateSum } from '../products/zero.ts';
import { prefixSums } from './prefix.ts';

/** Elements of all tensors by list, each in its leaf order. */
export type TraceValues = Readonly<Record<ListId, readonly Int32Array[]>>;

export interface ValueOptions {
  /** For large products; results are the same without. */
  readonly engine?: MatmulEngine | null;
  /** Constants found before, which no run changes. */
  readonly constants?: readonly Int32Array[];
}

/** Elements of the Constant list: a function of program and weights, the same for every run. */
export function traceConstants(
  trace: TraceProgram,
  program: Program,
  weights: Weights,
): readonly Int32Array[] {
  return trace.lists[LIST.constant].map((tensor) => constantValues(program, weights, tensor));
}

function outOfRange(program: Program, tensor: DerivedTensor, value: number): AssayError {
  const { lo, hi } = tensor.range;
  return new AssayError({
    code: 'ASSAY_VALUE_RANGE',
    shortMessage: `${nodeLabel(program, tensor.node)}: trace tensor "${tensor.name}" has value ${value}, outside [${lo}, ${hi}]`,
  });
}

/** The values as int32, each inside the tensor's range. */
function ranged(program: Program, tensor: DerivedTensor, values: Ints): Int32Array {
  const { lo, hi } = tensor.range;
  for (const value of values)
    if (!(value >= lo && value <= hi)) throw outOfRange(program, tensor, value);
  return values instanceof Int32Array ? values : Int32Array.from(values);
}

/**
 * Elements of all tensors of a trace, from those of a run: what its relations are about. Each is inside its range:
 * no relation is violated by what `execute` gives for inputs in their ranges.
 *
 * @param values - all tensors of the program, weights included (`execute`).
 * @throws {AssayError} ASSAY_VALUE_RANGE where an element leaves the range that a contract would hold it to.
 * @throws {RangeError} a tensor has no values.
 */
export function traceValues(
  trace: TraceProgram,
  program: Program,
  values: Trace,
  options: ValueOptions = {},
): TraceValues {
  const evaluator = new Evaluator(program, values);
  const engine = options.engine ?? null;
  const found: Record<ListId, Int32Array[]> = { 0: [], 1: [], 2: [], 3: [] };
  const read = ({ list, index }: { readonly list: ListId; readonly index: number }): Int32Array => {
    const known = found[list][index];
    if (known !== undefined) return known;
    const tensor = trace.lists[list][index];
    if (tensor === undefined)
      throw new RangeError(`traceValues: expected a tensor, got ${index} of list ${list}`);
    const made = make(tensor);
    found[list][index] = made;
    return made;
  };
  const rowMajor = (tensor: DerivedTensor): Ints => {
    const { origin, name, node } = tensor;
    switch (origin.kind) {
      case 'tensor': {
        const data = values.get(origin.tensor);
        if (data === undefined) throw new RangeError(`traceValues: expected values of ${name}`);
        return data;
      }
      case 'sum':
        return evaluateSum(evaluator, engine, { ...origin.sum, node });
      case 'copy': {
        const source = trace.lists[origin.list][origin.index];
        if (source === undefined) throw new RangeError(`traceValues: expected a source of ${name}`);
        return rowMajor(source);
      }
      case 'prefix': {
        const relation = trace.relations[origin.relation];
        if (relation?.kind !== 'einsum')
          throw new RangeError(`traceValues: expected an einsum for ${name}`);
        return prefixSums(trace, relation, read);
      }
      default:
        throw new RangeError(`traceValues: expected a tensor of a run, got ${name}`);
    }
  };
  const make = (tensor: DerivedTensor): Int32Array =>
    tensor.list === LIST.constant
      ? constantValues(program, values, tensor)
      : inLeafOrder(ranged(program, tensor, rowMajor(tensor)), tensor);
  for (const [index, data] of (options.constants ?? []).entries())
    found[LIST.constant][index] = data;
  for (const list of trace.lists) for (const tensor of list) read(tensor);
  return found;
}
