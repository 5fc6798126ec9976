import { expect, test } from 'vitest';
import { minimumCover, type WeightedGraph } from './cover.ts';
import { seededDraw } from '@assay/runtime/testing';

/** Weight of a cover given by its right vertices; infinite if a left vertex is missing that it needs, which it then takes. */
function weightOf(
  { left, right, leftWeights, rightWeights }: WeightedGraph,
  chosen: ReadonlySet<number>,
): number {
  const needed = new Set(left.filter((_, e) => !chosen.has(right[e] ?? -1)));
  const sum = (weights: readonly number[], of: ReadonlySet<number>): number =>
    [...of].reduce((total, v) => total + (weights[v] ?? Number.POSITIVE_INFINITY), 0);
  return sum(leftWeights, needed) + sum(rightWeights, chosen);
}

test('500 random graphs: no set of vertices covers for less', () => {
  const seed = 77;
  const draw = seededDraw(seed);
  for (let round = 0; round < 500; round++) {
    const [lefts, rights] = [draw(1, 6), draw(1, 6)];
    const edges = Array.from({ length: draw(0, 14) }, () => [
      draw(0, lefts - 1),
      draw(0, rights - 1),
    ]);
    const graph: WeightedGraph = {
      left: edges.map(([l]) => l ?? 0),
      right: edges.map(([, r]) => r ?? 0),
      leftWeights: Array.from({ length: lefts }, () => draw(0, 9)),
      rightWeights: Array.from({ length: rights }, () => draw(0, 9)),
    };
    const found = weightOf(graph, minimumCover(graph));
    for (let bits = 0; bits < 2 ** rights; bits++) {
      const chosen = new Set([...graph.rightWeights.keys()].filter((r) => (bits >> r) % 2 === 1));
      expect(found, `seed ${seed}, round ${round}`).toBeLessThanOrEqual(weightOf(graph, chosen));
    }
  }
});
