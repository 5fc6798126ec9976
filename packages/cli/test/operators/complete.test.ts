import { readFileSync } from 'node:fs';
import { supportedOperators } from '@assay/compiler/onnx';
import { operatorCases } from '@assay/compiler/testing';
import { describe, expect, test } from 'vitest';
import { modelCases } from './cases/index.ts';

const words = (text: string): string[] => text.trim().split(/\s+/);

/** What is promised to compile and to prove. */
const OPERATORS = words(`
  MatMul Gemm Conv MaxPool AveragePool GlobalAveragePool GlobalMaxPool BatchNormalization
  Relu LeakyRelu PRelu Elu Sigmoid Tanh HardSigmoid HardSwish Softplus Erf Gelu Clip Add
  Sub Mul Div Neg Sum Mean ReduceSum ReduceMean Softmax LogSoftmax ArgMax Max Min Flatten
  Reshape Transpose Concat Slice Split Squeeze Unsqueeze Pad Gather Expand Identity
  Dropout Cast Constant Shape
`);

/** Import answers these with constants: there is nothing to lie about. */
const ONLY_CONSTANT = words(`
  Constant Shape Size ConstantOfShape Range Equal Less LessOrEqual Greater GreaterOrEqual
  And Or Xor Not Mod Where ReduceProd
`);

const all = Object.values(modelCases).flatMap((make) => make());

describe('every operator has its cases', () => {
  test.each(OPERATORS)('%s', (operator) => {
    expect(supportedOperators).toContain(operator);
    const own = all.filter((c) => c.operator === operator);
    const used = own.filter((c) => c.nodes.includes(operator));
    expect(
      used.some((c) => !c.toy),
      'a case of useful size',
    ).toBe(true);
    expect(
      used.some((c) => c.toy),
      'a toy of which all traces are tried',
    ).toBe(true);
  });

  test('others that are registered appear in a model or a graph', () => {
    const covered = new Set([
      ...all.flatMap((c) => c.nodes),
      ...operatorCases().flatMap((c) => c.graph.nodes.map((node) => node.operator)),
      ...ONLY_CONSTANT,
    ]);
    expect(supportedOperators.filter((operator) => !covered.has(operator))).toEqual([]);
  });

  test('names of cases are unique', () => {
    expect(new Set(all.map((c) => c.name)).size).toBe(all.length);
  });
});

test('docs/operators.md lists every registered operator once', () => {
  const page = readFileSync(new URL('../../../../docs/operators.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| ([A-Z]\w+) \| (\d+) \| /gm)].map(([, name = '']) => name);
  expect(rows.length).toBe(supportedOperators.length);
  expect(new Set(rows)).toEqual(new Set(supportedOperators));
});
