/** Small models for tests, and comparison of graphs by their outputs. */
import { expect } from 'vitest';
import {
  evaluateGraph,
  simplifyGraph,
  sizeOf,
  type DenseTensor,
  type FloatGraph,
} from '../src/graph/index.ts';
import { encodeModel, importModel, type ModelSpec } from '../src/onnx/index.ts';

/** Deterministic numbers in [−1, 1): mulberry32. */
export const randomNumbers = (seed: number, count: number): Float64Array => {
  let state = seed >>> 0;
  return Float64Array.from({ length: count }, () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  });
};

export const importSpec = (spec: ModelSpec): FloatGraph => importModel(encodeModel(spec));

/** Random inputs of a graph. */
export const randomInputs = (graph: FloatGraph, seed: number): Map<string, DenseTensor> =>
  new Map(
    graph.inputs.map((name, i) => {
      const dims = graph.values.get(name)?.shape ?? [];
      return [name, { dims, data: randomNumbers(seed + 1000 * i, sizeOf(dims)) }];
    }),
  );

/** Two graphs give the same outputs; values that kept their names have the same elements too. */
export const expectSameMeaning = (before: FloatGraph, after: FloatGraph, seed = 1): void => {
  const inputs = randomInputs(before, seed);
  const expected = evaluateGraph(before, inputs);
  const actual = evaluateGraph(after, inputs);
  expect(after.outputs).toEqual(before.outputs);
  for (const output of after.outputs) expect(actual.has(output)).toBe(true);
  for (const [name, tensor] of actual) {
    const other = expected.get(name);
    if (other === undefined) continue;
    expect(tensor.dims).toEqual(other.dims);
    const worst = tensor.data.reduce(
      (w, v, i) => Math.max(w, Math.abs(v - (other.data[i] ?? 0))),
      0,
    );
    expect(worst, `${name} (seed ${seed})`).toBeLessThan(1e-8);
  }
};

/** Simplifies a model, checks that its meaning stays, and returns the operators that are left. */
export const simplified = (
  spec: ModelSpec,
): { readonly graph: FloatGraph; readonly operators: readonly string[] } => {
  const before = importSpec(spec);
  const graph = simplifyGraph(before);
  expectSameMeaning(before, graph);
  expect(new Set(graph.nodes.map((n) => n.name)).size).toBe(graph.nodes.length);
  return { graph, operators: graph.nodes.map((n) => n.operator) };
};
