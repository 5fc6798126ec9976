import { mentions, tensorKey } from '../structure.ts';
import type { DefinitionGroup } from '../types.ts';
import type { Draft } from './draft.ts';
import type { Definition } from './types.ts';

/** Components of a graph in which every component comes after those that it needs (Tarjan 1972, without recursion). */
function components(needs: readonly (readonly number[])[]): number[][] {
  const order = new Array<number>(needs.length).fill(-1);
  const low = new Array<number>(needs.length).fill(0);
  const open = new Array<boolean>(needs.length).fill(false);
  const stack: number[] = [];
  const found: number[][] = [];
  let count = 0;
  const enter = (node: number, path: { node: number; next: number }[]): void => {
    order[node] = count;
    low[node] = count;
    count += 1;
    open[node] = true;
    stack.push(node);
    path.push({ node, next: 0 });
  };
  for (const root of needs.keys()) {
    if (order[root] !== -1) continue;
    const path: { node: number; next: number }[] = [];
    enter(root, path);
    for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
      const { node } = at;
      const next = needs[node]?.[at.next];
      at.next += 1;
      if (next !== undefined) {
        if (order[next] === -1) enter(next, path);
        else if (open[next] === true) low[node] = Math.min(low[node] ?? 0, order[next] ?? 0);
        continue;
      }
      path.pop();
      const parent = path.at(-1)?.node;
      if (parent !== undefined) low[parent] = Math.min(low[parent] ?? 0, low[node] ?? 0);
      if (low[node] !== order[node]) continue;
      const component: number[] = [];
      for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
        open[top] = false;
        component.push(top);
        if (top === node) break;
      }
      found.push(component.sort((a, b) => a - b));
    }
  }
  return found;
}

/**
 * Definitions in an order of execution; those that name tensors of one another are one group. Each of them fixes
 * its tensors once the others of its group that it names obey their relations: so a group has one solution.
 */
export function definitionGroups(draft: Draft): readonly DefinitionGroup[] {
  const { definitions } = draft;
  const owner = new Map<string, number>();
  for (const [index, { tensors }] of definitions.entries())
    for (const tensor of tensors) owner.set(tensorKey(tensor), index);
  const readsOf = ({ relations, reads }: Definition) =>
    reads ?? relations.flatMap((id) => mentions(draft.relations[id] ?? NO_RELATION));
  const needs = definitions.map((definition, index) => {
    const named = readsOf(definition).flatMap((tensor) => owner.get(tensorKey(tensor)) ?? []);
    return [...new Set(named)].filter((other) => other !== index);
  });
  return components(needs).map((component) => {
    const members = component.flatMap((index) => definitions[index] ?? []);
    return {
      tensors: members.flatMap(({ tensors }) => tensors),
      relations: [...new Set(members.flatMap(({ relations }) => relations))],
    };
  });
}

const NO_RELATION = { kind: 'linear', domain: [], form: { bias: 0, terms: [] } } as const;
