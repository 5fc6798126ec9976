import {
  LEAF_ELEMENTS,
  type NeededLeaves,
  reads,
  tableReader,
  type TensorRef,
  tensorKey,
  type TraceProgram,
} from '@assay/program/trace';
import type { TraceCommitment } from './commit.ts';
import { definingInstances, readingInstances } from './instances.ts';

/**
 * Leaves of a definition group around one of its elements: all that its relations connect with it. With these, and
 * one's own values of what comes before the group, it is known which relation a wrong element violates: what a data
 * challenge asks for. At most `CHALLENGE_LEAVES`, the element's own included (`deriveTrace`).
 *
 * @param mine - one's own commitment; of it only Constants decide what is read.
 * @returns by tensor, leaves sorted; empty for a tensor that is in no group.
 */
export function groupLeaves(
  trace: TraceProgram,
  mine: TraceCommitment,
  tensor: TensorRef,
  position: number,
): readonly NeededLeaves[] {
  const group = trace.groups.find(({ tensors }) =>
    tensors.some((other) => tensorKey(other) === tensorKey(tensor)),
  );
  if (group === undefined) return [];
  const own = new Map(group.tensors.map((other) => [tensorKey(other), other]));
  const readTable = tableReader(trace);
  const read = ({ list, index }: TensorRef, at: number): number =>
    mine.trees[list][index]?.values[at] ?? 0;
  const seen = new Set<string>();
  const tried = new Set<string>();
  const leaves = new Map<string, Set<number>>();
  const queue: { readonly tensor: TensorRef; readonly position: number }[] = [];
  const meet = (found: TensorRef, at: number): void => {
    const key = tensorKey(found);
    const member = own.get(key);
    if (member === undefined || seen.has(`${key} ${at}`)) return;
    seen.add(`${key} ${at}`);
    queue.push({ tensor: member, position: at });
    const known = leaves.get(key) ?? new Set();
    leaves.set(key, known.add(Math.floor(at / LEAF_ELEMENTS)));
  };
  meet(tensor, position);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const id of group.relations) {
      const relation = trace.relations[id];
      if (relation === undefined) continue;
      const end = definingInstances(relation, group);
      for (const element of readingInstances(relation, next.tensor, next.position, readTable)) {
        const key = `${id} ${element}`;
        if (element >= end || tried.has(key)) continue;
        tried.add(key);
        for (const found of reads(relation, element, read)) meet(found.tensor, found.position);
      }
    }
  }
  return group.tensors.flatMap((member) => {
    const found = leaves.get(tensorKey(member));
    return found === undefined
      ? []
      : [{ tensor: member, leaves: [...found].sort((a, b) => a - b) }];
  });
}
