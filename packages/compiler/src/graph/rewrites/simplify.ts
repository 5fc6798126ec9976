/** All rewrites of the float graph. */
import type { FloatGraph } from '../types.ts';
import { clipOfRelu, recogniseGates, recogniseGelu } from './activations.ts';
import { mergeConstants, multiplyFirst, removeNeutral, removeNeutralFactor } from './constants.ts';
import { applyRules, type Rule } from './engine.ts';
import { affineBeforeLinear, biasAfterLinear, padBeforeConv, scaleAfterLinear } from './linear.ts';
import { nameOutputs } from './outputs.ts';
import { removeUnused } from './unused.ts';
import { mergeViews, removeNoOps, transposeAsReshape } from './views.ts';

/** Activation functions first: the rules for constants would take their patterns apart. */
const rulesFor = (isPrivate: boolean): readonly Rule[] => [
  removeNoOps,
  transposeAsReshape,
  mergeViews,
  recogniseGelu,
  recogniseGates,
  clipOfRelu,
  isPrivate ? removeNeutralFactor : removeNeutral,
  mergeConstants,
  scaleAfterLinear,
  biasAfterLinear,
  multiplyFirst,
  affineBeforeLinear,
  padBeforeConv,
];

/**
 * A graph with the same outputs for all inputs, up to float rounding, and fewer operations. A value that
 * keeps its name keeps its meaning.
 *
 * @param privateWeights - the graph must not depend on what the elements of constant tensors are.
 */
export const simplifyGraph = (graph: FloatGraph, privateWeights = false): FloatGraph =>
  removeUnused(nameOutputs(applyRules(graph, rulesFor(privateWeights))));
