/**
 * The canonical operators. ONNX has several spellings for most of what follows (by opset, by attribute or
 * input, by convenience operator); import maps them all to these, so that whoever reads a float graph
 * handles each operation once:
 *
 * | ONNX                                   | canonical                                                       |
 * |----------------------------------------|-----------------------------------------------------------------|
 * | Gemm, MatMul                           | MatMul (alpha, beta folded or as Mul); 1-D operands by Reshape    |
 * | Sum, Mean                              | Add of n operands (and Mul by 1/n)                              |
 * | Div by a constant                      | Mul by its reciprocal                                           |
 * | Sub of a constant                      | Add of its negative                                             |
 * | BatchNormalization                     | Mul, Add with constants [C, 1, …]                               |
 * | GlobalAveragePool, GlobalMaxPool       | ReduceMean, ReduceMax over the spatial axes                     |
 * | auto_pad, ceil_mode, count_include_pad | explicit pads, explicit divisors                                |
 * | Softmax, LogSoftmax on any axis        | on the last axis, between Reshape/Transpose                     |
 * | ArgMin, ArgMax select_last_index       | ArgMax of Neg, of a reversed Slice                              |
 * | Flatten, Squeeze, Unsqueeze            | Reshape                                                         |
 * | Split                                  | one Slice per used output                                       |
 * | Pad reflect, edge, wrap; Tile          | Gather along each axis; negative pads become Slice              |
 * | Gather of any index shape              | Gather of a list of non-negative indices, then Reshape          |
 * | DepthToSpace, SpaceToDepth             | Reshape, Transpose, Reshape                                     |
 * | Max, Min with a constant scalar        | Clip                                                            |
 * | Cast float to integer                  | Truncate; other casts, Identity and Dropout disappear           |
 * | Constant, Shape, Size, Range, …        | constants                                                       |
 */

/** No attributes. */
export type NoAttributes = Readonly<Record<never, never>>;

/** Sliding windows over the spatial axes (input axes 2…). All arrays have one entry per spatial axis. */
export interface Windows {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Non-negative; output length = floor((L + begin + end − (kernel − 1)·dilation − 1) / stride) + 1, exactly. */
  readonly padsBegin: readonly number[];
  readonly padsEnd: readonly number[];
}

/** Axes are ascending, non-negative and at least one; with keepDims they stay with length 1. */
export interface Reduction {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

/** What each canonical operator means: operands, then attributes. Broadcasting is numpy's. */
export interface OperatorAttributes {
  // Linear.
  /**
   * [A, B] or [A, B, C]: op(A)·op(B) + C, both of rank ≥ 2, leading axes broadcast, op transposes the last
   * two axes; C broadcasts to the product's shape.
   */
  readonly MatMul: { readonly transposeA: boolean; readonly transposeB: boolean };
  /** [X, W] or [X, W, B]: X [N, C, …], W [M, C/group, kernel…], B [M]; padding reads zero. 1 to 3 spatial axes. */
  readonly Conv: Windows & { readonly group: number };
  /** [A1, …, An], n ≥ 2: their sum. At most one is constant, and it is the last. */
  readonly Add: NoAttributes;
  /** [A, B]: A − B. A may be constant, B is not. */
  readonly Sub: NoAttributes;
  /** [A, B]: elementwise product. If one is constant, it is B. */
  readonly Mul: NoAttributes;
  /** [A, B]: elementwise A / B, B not constant. */
  readonly Div: NoAttributes;
  /** [X]: −x. */
  readonly Neg: NoAttributes;

  // Windows and reductions.
  /** [X]: maximum of each window's real positions; each window has at least one. */
  readonly MaxPool: Windows;
  /**
   * [X]: sum of each window's real positions, over Π_i divisors[i][o_i] at output position (o_1, o_2, …):
   * padding may or may not count, and positions beyond the declared padding (ceil_mode) never do.
   */
  readonly AveragePool: Windows & { readonly divisors: readonly (readonly number[])[] };
  readonly ReduceSum: Reduction;
  readonly ReduceMean: Reduction;
  readonly ReduceMax: Reduction;
  readonly ReduceMin: Reduction;
  /** [X]: index of the first maximum along `axis`. dtype int64. */
  readonly ArgMax: { readonly axis: number; readonly keepDims: boolean };
  /** [X]: exp(x) / Σ exp(x) over the last axis. */
  readonly Softmax: NoAttributes;
  /** [X]: x − log Σ exp(x) over the last axis. */
  readonly LogSoftmax: NoAttributes;

  // Elementwise functions of one operand (see `unary.ts` for the functions themselves).
  readonly Relu: NoAttributes;
  /** alpha·x below 0. */
  readonly LeakyRelu: { readonly alpha: number };
  /** alpha·(e^x − 1) below 0. */
  readonly Elu: { readonly alpha: number };
  /** gamma·x above 0, gamma·alpha·(e^x − 1) below. */
  readonly Selu: { readonly alpha: number; readonly gamma: number };
  /** max(0, x) + min(0, alpha·(e^(x/alpha) − 1)). */
  readonly Celu: { readonly alpha: number };
  /** x above alpha, else 0. */
  readonly ThresholdedRelu: { readonly alpha: number };
  readonly Sigmoid: NoAttributes;
  readonly Tanh: NoAttributes;
  /** max(0, min(1, alpha·x + beta)). */
  readonly HardSigmoid: { readonly alpha: number; readonly beta: number };
  /** x·max(0, min(1, x/6 + 1/2)). */
  readonly HardSwish: NoAttributes;
  /** log(1 + e^x). */
  readonly Softplus: NoAttributes;
  /** x / (1 + |x|). */
  readonly Softsign: NoAttributes;
  /** x·tanh(log(1 + e^x)). */
  readonly Mish: NoAttributes;
  /** x·sigmoid(alpha·x). */
  readonly Swish: { readonly alpha: number };
  readonly Erf: NoAttributes;
  /** x·(1 + erf(x/√2))/2, or its tanh approximation. */
  readonly Gelu: { readonly approximate: 'none' | 'tanh' };
  /** min(max(x, min), max); either may be infinite. */
  readonly Clip: { readonly min: number; readonly max: number };
  readonly Exp: NoAttributes;
  readonly Log: NoAttributes;
  readonly Sqrt: NoAttributes;
  readonly Abs: NoAttributes;
  readonly Reciprocal: NoAttributes;
  readonly Sin: NoAttributes;
  readonly Cos: NoAttributes;
  readonly Atan: NoAttributes;
  readonly Floor: NoAttributes;
  readonly Ceil: NoAttributes;
  /** To the nearest integer, halves to even. */
  readonly Round: NoAttributes;
  /** −1, 0 or 1. */
  readonly Sign: NoAttributes;
  /** x^exponent. */
  readonly Pow: { readonly exponent: number };
  /** Toward zero (a cast from float to integer). */
  readonly Truncate: NoAttributes;

  // Elementwise functions of two operands.
  /** [X, S]: x where x ≥ 0, else s·x; S broadcasts to X. */
  readonly PRelu: NoAttributes;
  /** [A, B]: the larger one; a constant is B. */
  readonly Max: NoAttributes;
  /** [A, B]: the smaller one; a constant is B. */
  readonly Min: NoAttributes;

  // Views: outputs are elements of the inputs (or a constant) at other places.
  /** [X]: a copy, only where an output of the graph would otherwise be an input or another output. */
  readonly Identity: NoAttributes;
  /** [X]: same elements, row major; no −1 or 0 left in shape. */
  readonly Reshape: { readonly shape: readonly number[] };
  /** [X]: output axis i is input axis permutation[i]. */
  readonly Transpose: { readonly permutation: readonly number[] };
  /** [X1, …, Xn], n ≥ 2; some may be constant. */
  readonly Concat: { readonly axis: number };
  /** [X]: per axis a, output index i reads input index starts[a] + i·steps[a], 0 ≤ i < sizes[a]; all in range. */
  readonly Slice: {
    readonly starts: readonly number[];
    readonly steps: readonly number[];
    readonly sizes: readonly number[];
  };
  /** [X]: `value` outside; pads per axis, non-negative. */
  readonly Pad: {
    readonly padsBegin: readonly number[];
    readonly padsEnd: readonly number[];
    readonly value: number;
  };
  /** [X]: output index i along `axis` reads input index indices[i] (non-negative). */
  readonly Gather: { readonly axis: number; readonly indices: readonly number[] };
  /** [X]: broadcast to shape. */
  readonly Expand: { readonly shape: readonly number[] };
}

export type Operator = keyof OperatorAttributes;

/** `unary` operators are functions of one element; `view` operators only move elements. */
export type OperatorKind = 'linear' | 'binary' | 'unary' | 'window' | 'reduce' | 'row' | 'view';

export interface OperatorSpec {
  readonly kind: OperatorKind;
  readonly minInputs: number;
  readonly maxInputs: number;
}

const spec = (kind: OperatorKind, minInputs = 1, maxInputs: number = minInputs): OperatorSpec => ({
  kind,
  minInputs,
  maxInputs,
});

/** Kind and number of operands of each operator. */
export const operatorSpecs: { readonly [O in Operator]: OperatorSpec } = {
  MatMul: spec('linear', 2, 3),
  Conv: spec('linear', 2, 3),
  Add: spec('linear', 2, Number.POSITIVE_INFINITY),
  Sub: spec('linear', 2),
  Neg: spec('linear'),
  Mul: spec('binary', 2),
  Div: spec('binary', 2),
  PRelu: spec('binary', 2),
  Max: spec('binary', 2),
  Min: spec('binary', 2),
  MaxPool: spec('window'),
  AveragePool: spec('window'),
  ReduceSum: spec('reduce'),
  ReduceMean: spec('reduce'),
  ReduceMax: spec('reduce'),
  ReduceMin: spec('reduce'),
  ArgMax: spec('reduce'),
  Softmax: spec('row'),
  LogSoftmax: spec('row'),
  Relu: spec('unary'),
  LeakyRelu: spec('unary'),
  Elu: spec('unary'),
  Selu: spec('unary'),
  Celu: spec('unary'),
  ThresholdedRelu: spec('unary'),
  Sigmoid: spec('unary'),
  Tanh: spec('unary'),
  HardSigmoid: spec('unary'),
  HardSwish: spec('unary'),
  Softplus: spec('unary'),
  Softsign: spec('unary'),
  Mish: spec('unary'),
  Swish: spec('unary'),
  Erf: spec('unary'),
  Gelu: spec('unary'),
  Clip: spec('unary'),
  Exp: spec('unary'),
  Log: spec('unary'),
  Sqrt: spec('unary'),
  Abs: spec('unary'),
  Reciprocal: spec('unary'),
  Sin: spec('unary'),
  Cos: spec('unary'),
  Atan: spec('unary'),
  Floor: spec('unary'),
  Ceil: spec('unary'),
  Round: spec('unary'),
  Sign: spec('unary'),
  Pow: spec('unary'),
  Truncate: spec('unary'),
  Identity: spec('view'),
  Reshape: spec('view'),
  Transpose: spec('view'),
  Concat: spec('view', 2, Number.POSITIVE_INFINITY),
  Slice: spec('view'),
  Pad: spec('view'),
  Gather: spec('view'),
  Expand: spec('view'),
};
