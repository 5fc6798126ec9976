/** Chains of multiplications by and additions of constants, brought to the form x·m + a. */
import type { DenseTensor } from '../types.ts';
import { broadcastsTo } from '../shape.ts';
import type { Rule, Scope } from './engine.ts';

/** The constant of a binary Add or Mul with one, else null. */
export const constantOperand = (
  node: { readonly inputs: readonly string[] },
  scope: Scope,
): DenseTensor | null => (node.inputs.length === 2 ? scope.constant(node.inputs[1]) : null);

/** (x·c)·d = x·(c·d), (x + … + c) + d = x + … + (c + d). */
export const mergeConstants: Rule = (node, scope) => {
  if (node.operator !== 'Mul' && node.operator !== 'Add') return null;
  const [x, constantName] = node.inputs;
  const inner = scope.soleProducer(x, node.operator);
  const d = inner === null ? null : constantOperand(node, scope);
  const c = d === null ? null : scope.constant(inner?.inputs.at(-1));
  if (d === null || inner === null || c === null || constantName === undefined) return null;
  const merged = scope.addConstant(constantName, scope.evaluate(node.operator, {}, [c, d]));
  return [{ ...node, inputs: [...inner.inputs.slice(0, -1), merged] }];
};

/** (x + a)·m = x·m + a·m, so that both can go into a linear layer. */
export const multiplyFirst: Rule = (node, scope) => {
  if (node.operator !== 'Mul') return null;
  const inner = scope.soleProducer(node.inputs[0], 'Add');
  const m = inner === null ? null : constantOperand(node, scope);
  const a = inner === null || m === null ? null : constantOperand(inner, scope);
  const [x] = inner?.inputs ?? [];
  const [, factor] = node.inputs;
  if (m === null || inner === null || a === null || x === undefined || factor === undefined)
    return null;
  if (!broadcastsTo(m.dims, scope.value(x).shape)) return null;
  const product = scope.addNode(node, 'Mul', {}, [x, factor]);
  const offset = scope.addConstant(inner.inputs[1] ?? x, scope.evaluate('Mul', {}, [a, m]));
  return [product, { ...inner, output: node.output, inputs: [product.output, offset] }];
};

/** x·1 = x, x + 0 = x where the constant does not enlarge x. */
export const removeNeutral: Rule = (node, scope) => {
  if (node.operator !== 'Mul' && node.operator !== 'Add') return null;
  const c = constantOperand(node, scope);
  const [x] = node.inputs;
  const neutral = node.operator === 'Mul' ? 1 : 0;
  if (c === null || x === undefined || !c.data.every((v) => v === neutral)) return null;
  return broadcastsTo(c.dims, scope.value(x).shape) ? { alias: x } : null;
};

/** The same for a single factor: whether a tensor is all ones, or any offset 0, is nobody's business. */
export const removeNeutralFactor: Rule = (node, scope) =>
  node.operator === 'Mul' && constantOperand(node, scope)?.data.length === 1
    ? removeNeutral(node, scope)
    : null;
