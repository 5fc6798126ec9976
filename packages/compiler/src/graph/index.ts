export type {
  DType,
  FloatGraph,
  GraphNode,
  GraphValue,
  NodeOf,
  NodeOrigin,
  TensorData,
} from './types.ts';
export {
  operatorSpecs,
  type NoAttributes,
  type Operator,
  type OperatorAttributes,
  type OperatorKind,
  type OperatorSpec,
  type Reduction,
  type Windows,
} from './operators.ts';
export {
  erf,
  isUnary,
  isUnaryOperator,
  unaryFunction,
  type UnaryNode,
  type UnaryOperator,
} from './unary.ts';
export type { DenseTensor } from './types.ts';
export { evaluateGraph, evaluateNode } from './evaluate/index.ts';
export { inferShape } from './infer.ts';
export { sizeOf } from './shape.ts';
export { simplifyGraph } from './rewrites/simplify.ts';
