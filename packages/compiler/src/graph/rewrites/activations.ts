/** Activation functions that exporters spell out, recognised: one table instead of several and a product. */
import type { GraphNode } from '../types.ts';
import { constantOperand } from './constants.ts';
import type { Rule, Scope } from './engine.ts';

const near = (a: number | undefined, b: number): boolean =>
  a !== undefined && Math.abs(a - b) <= 1e-4 * Math.abs(b);

/** x·c with one number c. */
const scaledBy = (
  node: GraphNode | undefined,
  scope: Scope,
): { readonly x: string; readonly factor: number } | null => {
  if (node?.operator !== 'Mul') return null;
  const c = constantOperand(node, scope);
  const [x] = node.inputs;
  return c === null || c.data.length !== 1 || x === undefined
    ? null
    : { x, factor: c.data[0] ?? 0 };
};

/** f·(1 + erf(x/√2)), also as f·erf(x/√2) + f → x and f. */
const erfGate = (
  name: string | undefined,
  scope: Scope,
): { readonly x: string; readonly factor: number } | null => {
  const add = scope.producer(name);
  const one = add?.operator === 'Add' ? constantOperand(add, scope) : null;
  if (add === undefined || one?.data.length !== 1) return null;
  const scaled = scaledBy(scope.producer(add.inputs[0]), scope) ?? {
    x: add.inputs[0] ?? '',
    factor: 1,
  };
  const erf = scope.producer(scaled.x);
  if (erf?.operator !== 'Erf' || !near(one.data[0], scaled.factor)) return null;
  const inner = scaledBy(scope.producer(erf.inputs[0]), scope);
  return inner !== null && near(inner.factor, Math.SQRT1_2)
    ? { x: inner.x, factor: scaled.factor }
    : null;
};

/** Operands of a product, each with a factor of one number taken out. */
const factorsOf = (
  node: GraphNode | undefined,
  scope: Scope,
): { readonly names: readonly string[]; readonly factor: number } | null => {
  const scaled = scaledBy(node, scope);
  if (scaled !== null) {
    const inner = factorsOf(scope.producer(scaled.x), scope) ?? { names: [scaled.x], factor: 1 };
    return { names: inner.names, factor: inner.factor * scaled.factor };
  }
  if (node?.operator !== 'Mul' || constantOperand(node, scope) !== null) return null;
  const parts = node.inputs.map((name) => {
    const part = scaledBy(scope.producer(name), scope);
    return part === null ? { name, factor: 1 } : { name: part.x, factor: part.factor };
  });
  return { names: parts.map((p) => p.name), factor: parts.reduce((f, p) => f * p.factor, 1) };
};

/** x·(1 + erf(x/√2))/2 in any order of its products → Gelu(x). */
export const recogniseGelu: Rule = (node, scope) => {
  const product = factorsOf(node, scope);
  if (product === null || product.names.length !== 2) return null;
  const [a, b] = product.names;
  for (const [x, name] of [
    [a, b],
    [b, a],
  ]) {
    const gate = erfGate(name, scope);
    if (gate !== null && gate.x === x && near(product.factor * gate.factor, 0.5)) {
      return [{ ...node, operator: 'Gelu', attributes: { approximate: 'none' }, inputs: [x] }];
    }
  }
  return null;
};

/** x·sigmoid(x) → Swish, x·hardsigmoid(x) → HardSwish, x·tanh(softplus(x)) → Mish. */
export const recogniseGates: Rule = (node, scope) => {
  if (node.operator !== 'Mul' || node.inputs.length !== 2) return null;
  const [a, b] = node.inputs;
  for (const [x, name] of [
    [a, b],
    [b, a],
  ]) {
    const gate = scope.producer(name);
    if (x === undefined || gate === undefined) continue;
    const reads = gate.inputs[0] === x;
    if (gate.operator === 'Sigmoid' && reads) {
      return [{ ...node, operator: 'Swish', attributes: { alpha: 1 }, inputs: [x] }];
    }
    if (
      gate.operator === 'HardSigmoid' &&
      reads &&
      near(gate.attributes.alpha, 1 / 6) &&
      gate.attributes.beta === 0.5
    ) {
      return [{ ...node, operator: 'HardSwish', attributes: {}, inputs: [x] }];
    }
    const softplus = gate.operator === 'Tanh' ? scope.producer(gate.inputs[0]) : undefined;
    if (softplus?.operator === 'Softplus' && softplus.inputs[0] === x) {
      return [{ ...node, operator: 'Mish', attributes: {}, inputs: [x] }];
    }
  }
  return null;
};

/** min(max(max(0, x), a), b) = min(max(x, max(0, a)), b). */
export const clipOfRelu: Rule = (node, scope) => {
  if (node.operator !== 'Clip') return null;
  const relu = scope.soleProducer(node.inputs[0], 'Relu');
  if (relu === null || node.attributes.max < 0) return null;
  const attributes = { min: Math.max(0, node.attributes.min), max: node.attributes.max };
  return [{ ...node, attributes, inputs: relu.inputs }];
};
