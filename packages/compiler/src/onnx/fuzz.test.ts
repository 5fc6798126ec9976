/** 10^5 mutated models: a graph or a typed refusal, never anything else; a graph can be simplified and evaluated. */
import { expect, test } from 'vitest';
import { fuzz, fuzzWith } from '../../test/fuzz.ts';
import { randomInputs } from '../../test/graphs.ts';
import { smallModels } from '../../test/models.ts';
import { nonsense } from '../../test/nonsense.ts';
import { evaluateGraph, simplifyGraph, sizeOf } from '../graph/index.ts';
import { encodeModel, importModel } from './index.ts';

/** Small enough that the largest accepted tensor costs little. */
const limits = {
  maxElements: 2 ** 14,
  maxVariableElements: 2 ** 16,
  maxFoldedElements: 2 ** 16,
  maxFoldingWork: 2 ** 20,
};

const corpus = smallModels.map(encodeModel);

test('the corpus is accepted', () => {
  for (const bytes of corpus) {
    const graph = simplifyGraph(importModel(bytes, { limits }));
    expect(evaluateGraph(graph, randomInputs(graph, 1)).size).toBeGreaterThan(5);
  }
});

const useModel = (bytes: Uint8Array): void => {
  const graph = simplifyGraph(importModel(bytes, { limits }));
  const elements = [...graph.values.values()].reduce((n, v) => n + sizeOf(v.shape), 0);
  if (elements < 5000) evaluateGraph(graph, randomInputs(graph, 1));
};

test('mutated files', () => {
  const { accepted, refused, codes } = fuzz(corpus, 100_000, 20_261_120, useModel);
  expect(Math.min(accepted, refused)).toBeGreaterThan(5000);
  expect([...codes.keys()].toSorted()).toEqual([
    'ASSAY_MODEL_LIMIT',
    'ASSAY_MODEL_MALFORMED',
    'ASSAY_MODEL_UNSUPPORTED',
  ]);
});

test('models that make no sense', () => {
  const { accepted, refused } = fuzzWith(nonsense, 10_000, 7, useModel);
  expect(Math.min(accepted, refused)).toBeGreaterThan(1000);
});
