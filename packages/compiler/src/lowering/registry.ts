import { isUnary, type GraphNode } from '../graph/index.ts';
import type { Lowering } from './context.ts';
import { lowerAdd, lowerNeg, lowerSub } from './operators/add.ts';
import { lowerConv } from './operators/conv.ts';
import { lowerMatMul } from './operators/matmul.ts';
import { lowerDiv, lowerMul } from './operators/mul.ts';
import { lowerAveragePool, lowerMaxPool } from './operators/pool.ts';
import {
  lowerReduceMax,
  lowerReduceMean,
  lowerReduceMin,
  lowerReduceSum,
} from './operators/reduce.ts';
import { lowerArgMax, lowerLogSoftmax, lowerSoftmax } from './operators/rows.ts';
import { lowerMax, lowerMin, lowerPRelu } from './operators/select.ts';
import { lowerUnary } from './operators/unary.ts';
import {
  lowerConcat,
  lowerExpand,
  lowerGather,
  lowerIdentity,
  lowerPad,
  lowerReshape,
  lowerSlice,
  lowerTranspose,
} from './operators/view.ts';

/** Notes the numbers of a node that its tables and views are made of. */
const showAttributes = (node: GraphNode, ctx: Lowering): void => {
  if (isUnary(node)) {
    for (const [name, value] of Object.entries(node.attributes))
      if (typeof value === 'number' && Number.isFinite(value)) ctx.show(name, value);
  } else if (node.operator === 'Pad' && node.attributes.value !== 0) {
    ctx.show('value', node.attributes.value);
  } else if (node.operator === 'Gather') {
    ctx.show('indices');
  }
};

/** Lowers one node: its output becomes a value or a sum of `ctx`. */
export const lowerNode = (node: GraphNode, ctx: Lowering): void => {
  showAttributes(node, ctx);
  if (isUnary(node)) {
    lowerUnary(node, ctx);
    return;
  }
  switch (node.operator) {
    case 'MatMul':
      return lowerMatMul(node, ctx);
    case 'Conv':
      return lowerConv(node, ctx);
    case 'Add':
      return lowerAdd(node, ctx);
    case 'Sub':
      return lowerSub(node, ctx);
    case 'Neg':
      return lowerNeg(node, ctx);
    case 'Mul':
      return lowerMul(node, ctx);
    case 'Div':
      return lowerDiv(node, ctx);
    case 'MaxPool':
      return lowerMaxPool(node, ctx);
    case 'AveragePool':
      return lowerAveragePool(node, ctx);
    case 'ReduceSum':
      return lowerReduceSum(node, ctx);
    case 'ReduceMean':
      return lowerReduceMean(node, ctx);
    case 'ReduceMax':
      return lowerReduceMax(node, ctx);
    case 'ReduceMin':
      return lowerReduceMin(node, ctx);
    case 'ArgMax':
      return lowerArgMax(node, ctx);
    case 'Softmax':
      return lowerSoftmax(node, ctx);
    case 'LogSoftmax':
      return lowerLogSoftmax(node, ctx);
    case 'PRelu':
      return lowerPRelu(node, ctx);
    case 'Max':
      return lowerMax(node, ctx);
    case 'Min':
      return lowerMin(node, ctx);
    case 'Identity':
      return lowerIdentity(node, ctx);
    case 'Reshape':
      return lowerReshape(node, ctx);
    case 'Transpose':
      return lowerTranspose(node, ctx);
    case 'Concat':
      return lowerConcat(node, ctx);
    case 'Slice':
      return lowerSlice(node, ctx);
    case 'Pad':
      return lowerPad(node, ctx);
    case 'Gather':
      return lowerGather(node, ctx);
    case 'Expand':
      return lowerExpand(node, ctx);
  }
};
