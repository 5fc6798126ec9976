/**
 * The float graph: a model after import, in canonical form. Every shape is known, every node is one of
 * the canonical operators of `operators.ts` with all attributes explicit, whatever opset it came from.
 */
import type { Operator, OperatorAttributes } from './operators.ts';

/** Element types that a model may use. The evaluator computes all of them in float64. */
export type DType = 'float16' | 'float32' | 'float64' | 'int32' | 'int64' | 'bool';

/** Row-major elements of a constant; Float32Array only saves memory, the meaning is the same. */
export type TensorData = Float64Array | Float32Array;

/** A tensor of the graph: input, constant, or output of exactly one node. */
export interface GraphValue {
  /** Name in the model; values made by import or rewrites have names that the model does not use. */
  readonly name: string;
  /** [] is a scalar. Every length is at least 1. */
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** Elements of a constant, all finite; null for inputs and node outputs. */
  readonly data: TensorData | null;
}

/** The node of the model that a canonical node came from, for reports and refusals. */
export interface NodeOrigin {
  /** Name in the model, or `Operator_index` where the model gives none. */
  readonly name: string;
  /** ONNX operator. */
  readonly operator: string;
}

/** A node of operator `O`. */
export interface NodeOf<O extends Operator> {
  /** Unique in the graph. */
  readonly name: string;
  readonly operator: O;
  readonly attributes: OperatorAttributes[O];
  /** Names of values; optional operands are left out at the end, never ''. */
  readonly inputs: readonly string[];
  /** Name of the one output value. */
  readonly output: string;
  readonly origin: NodeOrigin;
}

/** Discriminated by `operator`: a switch narrows `attributes`. */
export type GraphNode = { readonly [O in Operator]: NodeOf<O> }[Operator];

/**
 * Invariants: nodes are in topological order; each value in `values` is an input, a constant used by a node
 * or an output, or the output of one node; outputs are distinct; an output is never itself an input
 * (there is an `Identity` node between), but may be a constant.
 */
export interface FloatGraph {
  readonly name: string;
  /** Names of the model's inputs (initializers not counted), in the model's order. */
  readonly inputs: readonly string[];
  /** Names of the model's outputs, in the model's order. */
  readonly outputs: readonly string[];
  readonly values: ReadonlyMap<string, GraphValue>;
  readonly nodes: readonly GraphNode[];
}

/** Elements of a tensor, row major. */
export interface DenseTensor {
  readonly dims: readonly number[];
  readonly data: Float64Array;
}
