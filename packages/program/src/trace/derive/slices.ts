import { elementCount } from '../../shape/dimensions.ts';
import { tensorKey } from '../structure.ts';
import type { DefinitionGroup, TensorRef, TraceRelation, TraceView } from '../types.ts';
import { chunkBounds, type TableReader } from './patterns.ts';

/** Views by which a relation reads elements; `summed`: over domain ++ sum. */
export interface GroupView {
  readonly view: TraceView;
  readonly summed: boolean;
}

/** A storage axis of a tensor of a group. */
function axisKey(tensor: Pick<TensorRef, 'list' | 'index'>, axis: number): string {
  return `${tensorKey(tensor)} ${axis}`;
}

/** The logical axis that reads all of a storage axis as it is, by storage axis; −1: none does. */
function plainAxes({ tensor, factors }: TraceView, lengths: readonly number[]): readonly number[] {
  const axes: number[] = [];
  for (const factor of factors) {
    if (factor.kind !== 'affine') {
      const covered = factor.kind === 'reshape' ? factor.storageAxes : 1;
      for (let i = 0; i < covered; i++) axes.push(-1);
      continue;
    }
    const [stride, second] = factor.strides;
    const isPlain =
      stride?.stride === 1 &&
      second === undefined &&
      factor.offset === 0 &&
      lengths[stride.axis] === tensor.dims[axes.length];
    axes.push(isPlain ? stride.axis : -1);
  }
  return axes;
}

/**
 * Storage axes that every relation of a group reads alike: at one index of a domain axis, all that it reads of the
 * group's tensors lies at that index of theirs. So no relation connects elements of different indices.
 */
function sharedAxes(
  group: DefinitionGroup,
  relations: readonly TraceRelation[],
  viewsOf: (relation: TraceRelation) => readonly GroupView[],
): ReadonlySet<string> {
  const own = new Map(group.tensors.map((tensor) => [tensorKey(tensor), tensor]));
  const parents = new Map<string, string>();
  const root = (key: string): string => {
    const parent = parents.get(key);
    return parent === undefined || parent === key ? key : root(parent);
  };
  const join = (a: string, b: string): void => {
    parents.set(root(a), root(b));
  };
  const readings: {
    readonly relation: number;
    readonly tensor: TensorRef;
    readonly axes: readonly number[];
  }[] = [];
  for (const [id, relation] of relations.entries()) {
    const { domain } = relation;
    const lengths = relation.kind === 'einsum' ? [...domain, ...relation.sum] : domain;
    const add = (tensor: TensorRef, axes: readonly number[]): void => {
      if (!own.has(tensorKey(tensor))) return;
      const outer = axes.map((axis) => (axis < domain.length ? axis : -1));
      readings.push({ relation: id, tensor, axes: outer });
      for (const [storage, axis] of outer.entries())
        if (axis >= 0) join(axisKey(tensor, storage), `relation ${id} ${axis}`);
    };
    for (const { view, summed } of viewsOf(relation))
      add(view.tensor, plainAxes(view, summed ? lengths : domain));
    if (relation.kind === 'einsum' && relation.partials !== null)
      add(relation.partials, [-1, ...domain.keys()]);
  }
  // A class of axes is shared if each reading reads exactly one of its axes, along one axis of its relation.
  const classes = new Map<string, Set<string>>();
  for (const tensor of group.tensors)
    for (const axis of tensor.dims.keys()) {
      const key = axisKey(tensor, axis);
      const found = classes.get(root(key)) ?? new Set();
      classes.set(root(key), found.add(key));
    }
  const shared = new Set<string>();
  for (const members of classes.values()) {
    const along = new Map<number, number>();
    const holds = readings.every(({ relation, tensor, axes }) => {
      const storage = [...axes.keys()].filter((axis) => members.has(axisKey(tensor, axis)));
      const [only, second] = storage;
      if (only === undefined || second !== undefined) return false;
      const axis = axes[only] ?? -1;
      const known = along.get(relation);
      along.set(relation, axis);
      return axis >= 0 && (known === undefined || known === axis);
    });
    if (holds) for (const key of members) shared.add(key);
  }
  return shared;
}

/** Leaves of a group's tensors at one index of the axes that its relations share, at most. */
export function sliceLeaves(
  group: DefinitionGroup,
  relations: readonly TraceRelation[],
  viewsOf: (relation: TraceRelation) => readonly GroupView[],
  readTable: TableReader,
): number {
  const shared = sharedAxes(group, relations, viewsOf);
  let leaves = 0;
  for (const tensor of group.tensors) {
    const axes = [...tensor.dims.keys()];
    const outer = axes.filter((axis) => shared.has(axisKey(tensor, axis)));
    const inner = axes.filter((axis) => !outer.includes(axis));
    const logical = [...outer, ...inner];
    const lengths = logical.map((axis) => tensor.dims[axis] ?? 1);
    const rest = elementCount(lengths.slice(outer.length));
    // So many elements are not written out one by one.
    if (rest > MOST_SLICE) return Number.POSITIVE_INFINITY;
    const view: TraceView = {
      tensor,
      factors: axes.map((axis) => ({
        kind: 'affine',
        offset: 0,
        strides: [{ axis: logical.indexOf(axis), stride: 1 }],
      })),
    };
    const [bound] = chunkBounds(view, lengths, outer.length, rest, readTable);
    leaves += bound?.leaves ?? 0;
  }
  return leaves;
}

/** Elements of one tensor in a slice: as many leaves are more than a challenge can ask for by far. */
const MOST_SLICE = 2 ** 16;
