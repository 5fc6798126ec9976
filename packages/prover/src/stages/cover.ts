/** A bipartite graph with weights: edge i joins left[i] and right[i]. */
export interface WeightedGraph {
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly leftWeights: readonly number[];
  readonly rightWeights: readonly number[];
}

/**
 * Vertices of least total weight such that every edge ends in one of them: a minimum cut, by augmenting
 * paths (König). Returned as those on the right; an edge that ends in none of them is covered on the
 * left.
 */
export function minimumCover(graph: WeightedGraph): ReadonlySet<number> {
  const { left, right } = graph;
  const supply = [...graph.leftWeights];
  const demand = [...graph.rightWeights];
  const flow = left.map(() => 0);
  const fromLeft: number[][] = supply.map(() => []);
  const fromRight: number[][] = demand.map(() => []);
  for (const [e, l] of left.entries()) {
    const r = right[e] ?? 0;
    fromLeft[l]?.push(e);
    fromRight[r]?.push(e);
    // What flows over single edges, before any path is searched for.
    const direct = Math.min(supply[l] ?? 0, demand[r] ?? 0);
    flow[e] = direct;
    supply[l] = (supply[l] ?? 0) - direct;
    demand[r] = (demand[r] ?? 0) - direct;
  }
  /** Vertices reached from left ones: edges to the right, back along those with flow. The edge by which each was reached. */
  const reach = (
    roots: readonly number[],
  ): {
    readonly byRight: Map<number, number>;
    readonly byLeft: Map<number, number>;
    end: number;
  } => {
    const byRight = new Map<number, number>();
    const byLeft = new Map(roots.map((l) => [l, -1]));
    const queue = [...roots];
    for (const l of queue) {
      for (const e of fromLeft[l] ?? []) {
        const r = right[e] ?? 0;
        if (byRight.has(r)) continue;
        byRight.set(r, e);
        if ((demand[r] ?? 0) > 0) return { byRight, byLeft, end: r };
        for (const back of fromRight[r] ?? []) {
          const other = left[back] ?? 0;
          if ((flow[back] ?? 0) === 0 || byLeft.has(other)) continue;
          byLeft.set(other, back);
          queue.push(other);
        }
      }
    }
    return { byRight, byLeft, end: -1 };
  };
  for (const root of supply.keys()) {
    while ((supply[root] ?? 0) > 0) {
      const { byRight, byLeft, end } = reach([root]);
      if (end < 0) break;
      const path: { readonly edge: number; readonly sign: 1 | -1 }[] = [];
      let amount = Math.min(supply[root] ?? 0, demand[end] ?? 0);
      for (let r = end; ; ) {
        const forward = byRight.get(r) ?? 0;
        path.push({ edge: forward, sign: 1 });
        const l = left[forward] ?? 0;
        const back = byLeft.get(l) ?? -1;
        if (back < 0) break;
        path.push({ edge: back, sign: -1 });
        amount = Math.min(amount, flow[back] ?? 0);
        r = right[back] ?? 0;
      }
      for (const { edge, sign } of path) flow[edge] = (flow[edge] ?? 0) + sign * amount;
      supply[root] = (supply[root] ?? 0) - amount;
      demand[end] = (demand[end] ?? 0) - amount;
    }
  }
  const starved = [...supply.keys()].filter((l) => (supply[l] ?? 0) > 0);
  return new Set(reach(starved).byRight.keys());
}
