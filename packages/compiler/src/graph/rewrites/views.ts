/** Consecutive views become one, views that change nothing disappear. */
import { sameShape } from '../shape.ts';
import type { GraphNode } from '../types.ts';
import type { Rule } from './engine.ts';

/** Reshape to its own shape, identity permutation, slice of everything, padding by nothing, expansion to itself. */
const changesNothing = (node: GraphNode, input: readonly number[]): boolean => {
  switch (node.operator) {
    case 'Identity':
      return true;
    case 'Reshape':
    case 'Expand':
      return sameShape(node.attributes.shape, input);
    case 'Transpose':
      return node.attributes.permutation.every((axis, i) => axis === i);
    case 'Slice':
      return (
        sameShape(node.attributes.sizes, input) &&
        node.attributes.steps.every((s, i) => s === 1 || input[i] === 1)
      );
    case 'Pad':
      return [...node.attributes.padsBegin, ...node.attributes.padsEnd].every((p) => p === 0);
    default:
      return false;
  }
};

/** f(x) = x → x. An Identity that names an output of the graph stays. */
export const removeNoOps: Rule = (node, scope) => {
  const [x] = node.inputs;
  if (x === undefined || !changesNothing(node, scope.value(x).shape)) return null;
  return node.operator === 'Identity' && scope.isOutput(node.output) ? null : { alias: x };
};

/** A transpose that moves only axes of length 1 is a reshape. */
export const transposeAsReshape: Rule = (node, scope) => {
  if (node.operator !== 'Transpose') return null;
  const shape = scope.value(node.inputs[0]).shape;
  const long = node.attributes.permutation.filter((axis) => shape[axis] !== 1);
  if (!long.every((axis, i) => i === 0 || axis > (long[i - 1] ?? 0))) return null;
  return [{ ...node, operator: 'Reshape', attributes: { shape: scope.value(node.output).shape } }];
};

/** Reshape(Reshape(x)) = Reshape(x), Transpose_q(Transpose_p(x)) = Transpose_{p∘q}(x). */
export const mergeViews: Rule = (node, scope) => {
  const before = scope.producer(node.inputs[0]);
  if (node.operator === 'Reshape' && before?.operator === 'Reshape') {
    return [{ ...node, inputs: before.inputs }];
  }
  if (node.operator === 'Transpose' && before?.operator === 'Transpose') {
    const permutation = node.attributes.permutation.map(
      (axis) => before.attributes.permutation[axis] ?? 0,
    );
    return [{ ...node, inputs: before.inputs, attributes: { permutation } }];
  }
  return null;
};
