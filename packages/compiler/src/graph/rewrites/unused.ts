/** Removes what no output needs. */
import type { FloatGraph } from '../types.ts';

/** Nodes whose outputs are not used, directly or through others, and their values; inputs stay. */
export const removeUnused = (graph: FloatGraph): FloatGraph => {
  const needed = new Set<string>(graph.outputs);
  const nodes = graph.nodes.toReversed().filter((node) => {
    if (!needed.has(node.output)) return false;
    for (const input of node.inputs) needed.add(input);
    return true;
  });
  for (const input of graph.inputs) needed.add(input);
  const values = new Map([...graph.values].filter(([name]) => needed.has(name)));
  return { ...graph, nodes: nodes.reverse(), values };
};
