/**
 * The float meaning of a graph: every canonical operator in plain float64. Independent of onnxruntime
 * (the tests compare the two), it folds constants and shows every value of a rewritten graph.
 */
import { AssayError } from '@assay/core/errors';
import { inferShape } from '../infer.ts';
import { sameShape, showShape } from '../shape.ts';
import type { DenseTensor, FloatGraph, GraphNode, GraphValue } from '../types.ts';
import { isUnary, unaryFunction, type UnaryNode } from '../unary.ts';
import { addBroadcast, conv, matMul } from './linear.ts';
import { binary, concat, expand, gather, pad, slice, transpose } from './view.ts';
import {
  argMax,
  averagePool,
  maxPool,
  reduceMax,
  reduceMean,
  reduceMin,
  reduceSum,
  softmax,
} from './window.ts';

/** Operands checked by inferShape: the first always exists. */
type Operands = readonly [DenseTensor, DenseTensor, DenseTensor?];

const evaluateOther = (
  node: Exclude<GraphNode, UnaryNode>,
  inputs: readonly DenseTensor[],
  shape: readonly number[],
): Float64Array => {
  // inferShape has checked the number of operands.
  const operands = inputs as unknown as Operands;
  const [x, y] = operands;
  switch (node.operator) {
    case 'MatMul':
      return matMul(node.attributes, operands, shape);
    case 'Conv':
      return conv(node.attributes, operands, shape);
    case 'Add': {
      const out = expand(x, shape);
      for (const term of inputs.slice(1)) addBroadcast(out, shape, term);
      return out;
    }
    case 'Sub':
      return binary(x, y, shape, (a, b) => a - b);
    case 'Mul':
      return binary(x, y, shape, (a, b) => a * b);
    case 'Div':
      return binary(x, y, shape, (a, b) => a / b);
    case 'PRelu':
      return binary(x, y, shape, (a, b) => (a < 0 ? a * b : a));
    case 'Max':
      return binary(x, y, shape, Math.max);
    case 'Min':
      return binary(x, y, shape, Math.min);
    case 'Neg':
      return x.data.map((v) => -v);
    case 'MaxPool':
      return maxPool(node.attributes, x, shape);
    case 'AveragePool':
      return averagePool(node.attributes, x, shape);
    case 'ReduceSum':
      return reduceSum(node.attributes, x);
    case 'ReduceMean':
      return reduceMean(node.attributes, x);
    case 'ReduceMax':
      return reduceMax(node.attributes, x);
    case 'ReduceMin':
      return reduceMin(node.attributes, x);
    case 'ArgMax':
      return argMax(node.attributes, x);
    case 'Softmax':
      return softmax(x, false);
    case 'LogSoftmax':
      return softmax(x, true);
    case 'Identity':
    case 'Reshape':
      return x.data.slice();
    case 'Transpose':
      return transpose(node.attributes, x, shape);
    case 'Concat':
      return concat(node.attributes, inputs, shape);
    case 'Slice':
      return slice(node.attributes, x, shape);
    case 'Pad':
      return pad(node.attributes, x, shape);
    case 'Gather':
      return gather(node.attributes, x, shape);
    case 'Expand':
      return expand(x, shape);
  }
};

/**
 * One node on its operands.
 *
 * @throws {RangeError} when operands and attributes do not fit (`inferShape`).
 */
export const evaluateNode = (node: GraphNode, inputs: readonly DenseTensor[]): DenseTensor => {
  const dims = inferShape(
    node,
    inputs.map((x) => x.dims),
  );
  if (isUnary(node)) {
    const f = unaryFunction(node);
    return { dims, data: (inputs[0]?.data ?? new Float64Array(0)).map((v) => f(v)) };
  }
  return { dims, data: evaluateOther(node, inputs, dims) };
};

/** A constant's elements as float64. */
export const constantTensor = (value: GraphValue): DenseTensor | null =>
  value.data === null
    ? null
    : {
        dims: value.shape,
        data: value.data instanceof Float64Array ? value.data : Float64Array.from(value.data),
      };

/**
 * Every value of the graph for one sample, constants included.
 *
 * Cost: about a nanosecond per multiply-add; all values are held until the map is dropped.
 *
 * @throws {AssayError} `ASSAY_INPUT_SHAPE` when an input is missing or has another shape.
 */
export const evaluateGraph = (
  graph: FloatGraph,
  inputs: ReadonlyMap<string, DenseTensor>,
): Map<string, DenseTensor> => {
  const values = new Map<string, DenseTensor>();
  for (const [name, value] of graph.values) {
    const constant = constantTensor(value);
    if (constant !== null) values.set(name, constant);
  }
  for (const name of graph.inputs) {
    const tensor = inputs.get(name);
    const shape = graph.values.get(name)?.shape ?? [];
    if (tensor === undefined || !sameShape(tensor.dims, shape)) {
      throw new AssayError({
        code: 'ASSAY_INPUT_SHAPE',
        shortMessage: `input "${name}": expected shape ${showShape(shape)}, got ${
          tensor === undefined ? 'nothing' : showShape(tensor.dims)
        }`,
      });
    }
    values.set(name, tensor);
  }
  for (const node of graph.nodes) {
    const operands = node.inputs.map((name) => {
      const tensor = values.get(name);
      if (tensor === undefined)
        throw new RangeError(`evaluateGraph: expected value "${name}" before ${node.name}`);
      return tensor;
    });
    values.set(node.output, evaluateNode(node, operands));
  }
  return values;
};
