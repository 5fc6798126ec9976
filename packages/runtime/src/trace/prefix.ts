import { elementCount } from '@assay/program';
import {
  boxIndices,
  compilePositions,
  type TraceProgram,
  type TraceRelation,
  type TraceView,
  tableReader,
  type TensorRef,
} from '@assay/program/trace';

type Einsum = Extract<TraceRelation, { kind: 'einsum' }>;

/** An operand of an einsum: a row of terms for each index of the domain's axes that it changes along. */
interface Rows {
  readonly values: Int32Array;
  readonly axes: readonly number[];
}

function domainAxes(view: TraceView, outer: number): readonly number[] {
  const read = view.factors.flatMap((factor) =>
    factor.kind === 'affine'
      ? factor.strides.map(({ axis }) => axis)
      : factor.kind === 'gather'
        ? [factor.axis]
        : factor.axes,
  );
  return [...new Set(read)].filter((axis) => axis < outer).sort((a, b) => a - b);
}

/**
 * P_0 … P_{last−1} of an einsum, row major over [chunks − 1, ...domain]: sums of doubles, exact because a program's
 * products stay below 2^52.
 *
 * @param read - elements of a tensor in leaf order.
 * Cost: one pass over the products; memory for both operands, written out along domain and sum.
 */
export function prefixSums(
  trace: TraceProgram,
  relation: Einsum,
  read: (tensor: TensorRef) => Int32Array,
): Float64Array {
  const { domain, sum, chunk, x, y } = relation;
  const terms = elementCount(sum);
  const chunks = Math.ceil(terms / chunk);
  const lengths = [...domain, ...sum];
  const readTable = tableReader(trace);
  const rows = (view: TraceView): Rows => {
    const axes = domainAxes(view, domain.length);
    const at = compilePositions(view, lengths, readTable);
    const source = read(view.tensor);
    const values = new Int32Array(elementCount(axes.map((axis) => domain[axis] ?? 1)) * terms);
    const index = lengths.map(() => 0);
    let to = 0;
    for (const box of boxIndices([...axes.map((axis) => domain[axis] ?? 1), ...sum])) {
      for (const [i, axis] of axes.entries()) index[axis] = box[i] as number;
      for (let t = 0; t < sum.length; t++)
        index[domain.length + t] = box[axes.length + t] as number;
      const position = at(index);
      values[to++] = position < 0 ? 0 : (source[position] as number);
    }
    return { values, axes };
  };
  const left = rows(x);
  const right = rows(y);
  const outputs = elementCount(domain);
  const found = new Float64Array((chunks - 1) * outputs);
  const rowOf = ({ axes }: Rows, index: readonly number[]): number => {
    let row = 0;
    for (const axis of axes) row = row * (domain[axis] as number) + (index[axis] as number);
    return row * terms;
  };
  let output = 0;
  for (const index of boxIndices(domain)) {
    const a = rowOf(left, index);
    const b = rowOf(right, index);
    let total = 0;
    for (let c = 0; c < chunks - 1; c++) {
      const end = (c + 1) * chunk;
      for (let t = c * chunk; t < end; t++)
        total += (left.values[a + t] as number) * (right.values[b + t] as number);
      found[c * outputs + output] = total;
    }
    output += 1;
  }
  return found;
}
