/** Arithmetic and activation functions. */
import { binary } from '../../graph/evaluate/view.ts';
import { constantTensor } from '../../graph/evaluate/index.ts';
import type { OperatorAttributes } from '../../graph/operators.ts';
import { broadcastShapes, broadcastsTo } from '../../graph/shape.ts';
import type { DType, GraphValue } from '../../graph/types.ts';
import type { UnaryOperator } from '../../graph/unary.ts';
import type { ConstantValue, Handler, NodeContext } from '../context.ts';

const isConstant = (v: GraphValue): v is ConstantValue => v.data !== null;

const isInteger = (dtype: DType): boolean => dtype === 'int32' || dtype === 'int64';

/** Variable operands in order, then one constant: the sum, product, … of all constant ones. */
const constantsLast = (
  inputs: readonly GraphValue[],
  combine: (a: GraphValue, b: GraphValue) => GraphValue,
): GraphValue[] => {
  const variables = inputs.filter((v) => !isConstant(v));
  const constants = inputs.filter(isConstant);
  const [first, ...rest] = constants;
  if (first === undefined) return variables;
  return [...variables, rest.reduce<GraphValue>(combine, first)];
};

const sum = (node: NodeContext, inputs: readonly GraphValue[]): GraphValue => {
  const operands = constantsLast(inputs, (a, b) => node.emit('Add', {}, [a, b]));
  const [first] = operands;
  return operands.length > 1 ? node.emit('Add', {}, operands) : (first ?? node.input(0));
};

const add: Handler = (node) => sum(node, node.allInputs());

const mean: Handler = (node) => {
  const inputs = node.allInputs();
  return node.scale(sum(node, inputs), 1 / inputs.length);
};

const sub: Handler = (node) => {
  const a = node.input(0);
  const b = node.input(1);
  return isConstant(b) && !isConstant(a)
    ? node.emit('Add', {}, [a, node.emit('Neg', {}, [b])])
    : node.emit('Sub', {}, [a, b]);
};

const mul: Handler = (node) => {
  const operands = constantsLast([node.input(0), node.input(1)], (a, b) =>
    node.emit('Mul', {}, [a, b]),
  );
  const [only] = operands;
  return operands.length > 1 ? node.emit('Mul', {}, operands) : (only ?? node.input(0));
};

const div: Handler = (node) => {
  const a = node.input(0);
  const b = node.input(1);
  const integer = isInteger(a.dtype);
  node.chargeReading(b);
  if (isConstant(b) && b.data.some((v) => v === 0)) node.fail('operand', 'it divides by zero');
  if (isConstant(a) && isConstant(b)) {
    const quotient = node.emit('Div', {}, [a, b]);
    return integer ? node.emit('Truncate', {}, [quotient]) : quotient;
  }
  if (integer) node.fail('dtype', 'integer division of a value that is not constant');
  return isConstant(b)
    ? node.emit('Mul', {}, [
        a,
        node.make(
          b.shape,
          Float64Array.from(b.data, (v) => 1 / v),
          b.dtype,
        ),
      ])
    : node.emit('Div', {}, [a, b]);
};

const isUniform = (node: NodeContext, v: ConstantValue): boolean => {
  node.chargeReading(v);
  return v.data.length > 0 && v.data.every((d) => d === v.data[0]);
};

/** One number as far as the graph may know. */
const isNumber = (node: NodeContext, v: ConstantValue): boolean =>
  node.privateWeights ? v.data.length === 1 : isUniform(node, v);

const extremum =
  (operator: 'Max' | 'Min'): Handler =>
  (node) => {
    const pair = (a: GraphValue, b: GraphValue): GraphValue => {
      if (!isConstant(a) && isConstant(b) && isNumber(node, b) && broadcastsTo(b.shape, a.shape)) {
        const bound = b.data[0] ?? 0;
        return node.emit(
          'Clip',
          operator === 'Max'
            ? { min: bound, max: Number.POSITIVE_INFINITY }
            : { min: Number.NEGATIVE_INFINITY, max: bound },
          [a],
        );
      }
      return node.emit(operator, {}, [a, b]);
    };
    const [first, ...rest] = constantsLast(node.allInputs(), pair);
    return rest.reduce(pair, first ?? node.input(0));
  };

const prelu: Handler = (node) => {
  const x = node.input(0);
  const slope = node.input(1);
  // Even one slope is a weight.
  const listed = isConstant(slope) && !node.privateWeights && isUniform(node, slope);
  return listed && broadcastsTo(slope.shape, x.shape)
    ? node.emit('LeakyRelu', { alpha: slope.data[0] ?? 0 }, [x])
    : node.emit('PRelu', {}, [x, slope]);
};

const pow: Handler = (node) => {
  const x = node.input(0);
  const exponent = node.constant(1, 'the exponent');
  if (isConstant(x)) return foldBinary(node, (a, b) => a ** b, x.dtype);
  if (!isUniform(node, exponent) || !broadcastsTo(exponent.shape, x.shape)) {
    node.fail('operand', 'the exponent is not one number');
  }
  const e = exponent.data[0] ?? 1;
  return e === 1 ? x : node.emit('Pow', { exponent: e }, [x]);
};

/** f(a, b) of two constants, for functions that have no canonical operator. */
export const foldBinary = (
  node: NodeContext,
  f: (a: number, b: number) => number,
  dtype: DType,
): GraphValue => {
  const a = constantTensor(node.constant(0, 'an operand'));
  const b = constantTensor(node.constant(1, 'an operand'));
  const shape = a === null || b === null ? null : broadcastShapes(a.dims, b.dims);
  if (a === null || b === null || shape === null)
    return node.fail('shape', 'the operands do not broadcast');
  node.charge(shape);
  return node.make(shape, binary(a, b, shape, f), dtype);
};

/** ONNX writes "no bound" as the largest float32. */
const unbounded = 3.4028234e38;

const clip: Handler = (node) => {
  const x = node.input(0);
  const [min, max] =
    node.opset < 11
      ? [node.attributes.float('min', -unbounded), node.attributes.float('max', unbounded)]
      : [
          node.scalar(1, 'the lower bound', -unbounded),
          node.scalar(2, 'the upper bound', unbounded),
        ];
  const bounds = {
    min: min <= -unbounded ? Number.NEGATIVE_INFINITY : min,
    max: max >= unbounded ? Number.POSITIVE_INFINITY : max,
  };
  const none = bounds.min === Number.NEGATIVE_INFINITY && bounds.max === Number.POSITIVE_INFINITY;
  return none ? x : node.emit('Clip', bounds, [x]);
};

const unary =
  <O extends UnaryOperator>(
    operator: O,
    attributes: (node: NodeContext) => OperatorAttributes[O],
  ): Handler =>
  (node) =>
    node.emit(operator, attributes(node), [node.input(0)]);

const plain = (
  operator: Exclude<
    UnaryOperator,
    | 'LeakyRelu'
    | 'Elu'
    | 'Selu'
    | 'Celu'
    | 'ThresholdedRelu'
    | 'HardSigmoid'
    | 'Swish'
    | 'Gelu'
    | 'Clip'
    | 'Pow'
  >,
): Handler => unary(operator, () => ({}));

const gelu = (node: NodeContext): OperatorAttributes['Gelu'] => {
  const approximate = node.attributes.string('approximate', 'none');
  if (approximate !== 'none' && approximate !== 'tanh') {
    return node.fail('attribute', `approximate "${approximate}"`);
  }
  return { approximate };
};

const alpha =
  (fallback: number) =>
  (node: NodeContext): { readonly alpha: number } => ({
    alpha: node.attributes.float('alpha', fallback),
  });

const seluAlpha = 1.6732632423543772;
const seluGamma = 1.0507009873554805;

export const elementwiseHandlers: Readonly<Record<string, Handler>> = {
  Add: add,
  Sum: add,
  Mean: mean,
  Sub: sub,
  Mul: mul,
  Div: div,
  Neg: (node) => node.emit('Neg', {}, [node.input(0)]),
  Max: extremum('Max'),
  Min: extremum('Min'),
  PRelu: prelu,
  Pow: pow,
  Clip: clip,
  Relu: plain('Relu'),
  LeakyRelu: unary('LeakyRelu', alpha(0.01)),
  Elu: unary('Elu', alpha(1)),
  Celu: unary('Celu', alpha(1)),
  Selu: unary('Selu', (node) => ({
    alpha: node.attributes.float('alpha', seluAlpha),
    gamma: node.attributes.float('gamma', seluGamma),
  })),
  ThresholdedRelu: unary('ThresholdedRelu', alpha(1)),
  Swish: unary('Swish', alpha(1)),
  HardSigmoid: unary('HardSigmoid', (node) => ({
    alpha: node.attributes.float('alpha', 0.2),
    beta: node.attributes.float('beta', 0.5),
  })),
  Gelu: unary('Gelu', gelu),
  Sigmoid: plain('Sigmoid'),
  Tanh: plain('Tanh'),
  HardSwish: plain('HardSwish'),
  Softplus: plain('Softplus'),
  Softsign: plain('Softsign'),
  Mish: plain('Mish'),
  Erf: plain('Erf'),
  Exp: plain('Exp'),
  Log: plain('Log'),
  Sqrt: plain('Sqrt'),
  Abs: plain('Abs'),
  Reciprocal: plain('Reciprocal'),
  Sin: plain('Sin'),
  Cos: plain('Cos'),
  Atan: plain('Atan'),
  Floor: plain('Floor'),
  Ceil: plain('Ceil'),
  Round: plain('Round'),
  Sign: plain('Sign'),
};
