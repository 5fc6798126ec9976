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

/** An element of a tensor, by its position in leaf order. */
export interface GroupElement {
  readonly tensor: TensorRef;
  readonly position: number;
}

/**
 * Elements of a definition group around one of them: all that its relations connect with it, itself first. They have
 * one solution once what comes before the group is fixed.
 *
 * @param mine - one's own commitment; of it only Constants decide what is read.
 * @returns empty for a tensor that is in no group.
 */
export function groupElements(
  trace: TraceProgram,
  mine: TraceCommitment,
  tensor: TensorRef,
  position: number,
): readonly GroupElement[] {
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
  const found: GroupElement[] = [];
  const meet = (next: TensorRef, at: number): void => {
    const key = tensorKey(next);
    const member = own.get(key);
    if (member === undefined || seen.has(`${key} ${at}`)) return;
    seen.add(`${key} ${at}`);
    found.push({ tensor: member, position: at });
  };
  meet(tensor, position);
  // Grows while it is walked.
  for (const next of found) {
    for (const id of group.relations) {
      const relation = trace.relations[id];
      if (relation === undefined) continue;
      const end = definingInstances(relation, group);
      for (const element of readingInstances(relation, next.tensor, next.position, readTable)) {
        const key = `${id} ${element}`;
        if (element >= end || tried.has(key)) continue;
        tried.add(key);
        for (const reading of reads(relation, element, read))
          meet(reading.tensor, reading.position);
      }
    }
  }
  return found;
}

/**
 * Leaves of a definition group around one of its elements (`groupElements`). With these, and one's own values of what
 * comes before the group, it is known which relation a wrong element violates: what a data challenge asks for. At most
 * `CHALLENGE_LEAVES`, the element's own included (`deriveTrace`).
 *
 * @returns by tensor, leaves sorted; empty for a tensor that is in no group.
 */
export function groupLeaves(
  trace: TraceProgram,
  mine: TraceCommitment,
  tensor: TensorRef,
  position: number,
): readonly NeededLeaves[] {
  const found = new Map<string, { readonly tensor: TensorRef; readonly leaves: Set<number> }>();
  for (const element of groupElements(trace, mine, tensor, position)) {
    const key = tensorKey(element.tensor);
    const known = found.get(key) ?? { tensor: element.tensor, leaves: new Set() };
    known.leaves.add(Math.floor(element.position / LEAF_ELEMENTS));
    found.set(key, known);
  }
  return [...found.values()].map(({ tensor: member, leaves }) => ({
    tensor: member,
    leaves: [...leaves].sort((a, b) => a - b),
  }));
}
