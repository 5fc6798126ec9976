/** Copies that only give an output its name. */
import type { FloatGraph, GraphNode } from '../types.ts';

/** Where an Identity alone reads a node's output, the node makes the graph's output itself. */
export const nameOutputs = (graph: FloatGraph): FloatGraph => {
  const uses = new Map<string, number>();
  for (const name of [...graph.outputs, ...graph.nodes.flatMap((n) => n.inputs)])
    uses.set(name, (uses.get(name) ?? 0) + 1);
  const produced = new Set(graph.nodes.map((n) => n.output));
  const renamed = new Map<string, string>();
  for (const node of graph.nodes) {
    const [x] = node.inputs;
    if (node.operator !== 'Identity' || x === undefined || !produced.has(x) || uses.get(x) !== 1)
      continue;
    renamed.set(x, node.output);
  }
  if (renamed.size === 0) return graph;
  const nodes: GraphNode[] = graph.nodes.flatMap((node) => {
    const output = renamed.get(node.output);
    if (output !== undefined) return [{ ...node, output }];
    return node.operator === 'Identity' && renamed.has(node.inputs[0] ?? '') ? [] : [node];
  });
  const values = new Map([...graph.values].filter(([name]) => !renamed.has(name)));
  return { ...graph, nodes, values };
};
