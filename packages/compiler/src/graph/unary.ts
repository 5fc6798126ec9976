/** The elementwise functions, in float64: one definition for the evaluator, the folder and the tables. */
import { operatorSpecs, type Operator, type OperatorAttributes } from './operators.ts';
import type { GraphNode, NodeOf } from './types.ts';

/** Operators that are a function of one element. */
export type UnaryOperator =
  | 'Relu'
  | 'LeakyRelu'
  | 'Elu'
  | 'Selu'
  | 'Celu'
  | 'ThresholdedRelu'
  | 'Sigmoid'
  | 'Tanh'
  | 'HardSigmoid'
  | 'HardSwish'
  | 'Softplus'
  | 'Softsign'
  | 'Mish'
  | 'Swish'
  | 'Erf'
  | 'Gelu'
  | 'Clip'
  | 'Exp'
  | 'Log'
  | 'Sqrt'
  | 'Abs'
  | 'Reciprocal'
  | 'Sin'
  | 'Cos'
  | 'Atan'
  | 'Floor'
  | 'Ceil'
  | 'Round'
  | 'Sign'
  | 'Pow'
  | 'Truncate';

export type UnaryNode = { readonly [O in UnaryOperator]: NodeOf<O> }[UnaryOperator];

/** Narrows a node to an elementwise function of one operand. */
export const isUnary = (node: GraphNode): node is UnaryNode => isUnaryOperator(node.operator);

export const isUnaryOperator = (operator: Operator): operator is UnaryOperator =>
  operatorSpecs[operator].kind === 'unary';

/**
 * The error function to about 1e-16 absolute: Maclaurin series below 2.5, above it the continued
 * fraction of erfc (both converge geometrically there).
 *
 *   erf(x) = 2/√π · Σ_n (−1)^n x^(2n+1) / (n!·(2n+1)),   erfc(x) = e^(−x²)/√π · 1/(x + (1/2)/(x + 1/(x + …)))
 *
 * Source: Abramowitz and Stegun, 7.1.6 (in the form without cancellation) and 7.1.14.
 */
export const erf = (x: number): number => {
  const a = Math.abs(x);
  if (Number.isNaN(x)) return Number.NaN;
  if (a > 6) return Math.sign(x);
  if (a < 2.5) {
    // 7.1.6: erf x = 2/√π · e^(−x²) · Σ 2^n x^(2n+1) / (2n+1)!!, all terms positive.
    let term = a;
    let sum = a;
    for (let n = 1; term > sum * 1e-17; n += 1) {
      term *= (2 * a * a) / (2 * n + 1);
      sum += term;
    }
    return Math.sign(x) * ((2 / Math.sqrt(Math.PI)) * Math.exp(-a * a) * sum);
  }
  let tail = a;
  for (let n = 60; n >= 1; n -= 1) tail = a + n / 2 / tail;
  return Math.sign(x) * (1 - Math.exp(-a * a) / (Math.sqrt(Math.PI) * tail));
};

const softplus = (x: number): number => (x > 0 ? x : 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** Halves to even, as ONNX and IEEE 754 round. */
const roundHalfEven = (x: number): number => {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
};

const sigmoid = (x: number): number => {
  const e = Math.exp(-Math.abs(x));
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
};

type Makers = {
  readonly [O in UnaryOperator]: (attributes: OperatorAttributes[O]) => (x: number) => number;
};

const makers: Makers = {
  Relu: () => (x) => (x > 0 ? x : 0),
  LeakyRelu:
    ({ alpha }) =>
    (x) =>
      x < 0 ? alpha * x : x,
  Elu:
    ({ alpha }) =>
    (x) =>
      x < 0 ? alpha * Math.expm1(x) : x,
  Selu:
    ({ alpha, gamma }) =>
    (x) =>
      x > 0 ? gamma * x : gamma * alpha * Math.expm1(x),
  Celu:
    ({ alpha }) =>
    (x) =>
      Math.max(0, x) + Math.min(0, alpha * Math.expm1(x / alpha)),
  ThresholdedRelu:
    ({ alpha }) =>
    (x) =>
      x > alpha ? x : 0,
  Sigmoid: () => sigmoid,
  Tanh: () => Math.tanh,
  HardSigmoid:
    ({ alpha, beta }) =>
    (x) =>
      Math.max(0, Math.min(1, alpha * x + beta)),
  HardSwish: () => (x) => x * Math.max(0, Math.min(1, x / 6 + 0.5)),
  Softplus: () => softplus,
  Softsign: () => (x) => x / (1 + Math.abs(x)),
  Mish: () => (x) => x * Math.tanh(softplus(x)),
  Swish:
    ({ alpha }) =>
    (x) =>
      x * sigmoid(alpha * x),
  Erf: () => erf,
  Gelu: ({ approximate }) =>
    approximate === 'none'
      ? (x) => (x * (1 + erf(x / Math.SQRT2))) / 2
      : (x) => (x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)))) / 2,
  Clip:
    ({ min, max }) =>
    (x) =>
      Math.min(Math.max(x, min), max),
  Exp: () => Math.exp,
  Log: () => Math.log,
  Sqrt: () => Math.sqrt,
  Abs: () => Math.abs,
  Reciprocal: () => (x) => 1 / x,
  Sin: () => Math.sin,
  Cos: () => Math.cos,
  Atan: () => Math.atan,
  Floor: () => Math.floor,
  Ceil: () => Math.ceil,
  Round: () => roundHalfEven,
  Sign: () => Math.sign,
  Pow:
    ({ exponent }) =>
    (x) =>
      x ** exponent,
  Truncate: () => Math.trunc,
};

/** The function of a node, for building tables or evaluating: y = f(x). */
export const unaryFunction = <O extends UnaryOperator>(node: NodeOf<O>): ((x: number) => number) =>
  makers[node.operator](node.attributes);
