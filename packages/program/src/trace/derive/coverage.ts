import { elementCount } from '../../shape/dimensions.ts';
import { instances, unravel } from '../check.ts';
import { chunkCount, tensorKey } from '../structure.ts';
import { leafCount, LEAF_ELEMENTS } from '../tree.ts';
import type { DefinitionGroup, TensorRef, TraceForm, TraceRelation, TraceView } from '../types.ts';
import { totalReads } from './exact.ts';
import { leafStrides, type TableReader } from './patterns.ts';
import { compilePositions, type Positions } from './positions.ts';
import { type GroupView, sliceLeaves } from './slices.ts';

/** A challenge takes one leaf, and asks three times for 64 more. */
export const CHALLENGE_LEAVES: number = 1 + 3 * 64;

/** Reads of a group's relations that are followed element by element. */
const MOST_READS = 2 ** 24;

/** Views of a relation by which it reads elements of a group, with the axes they are over. */
function viewsOf(relation: TraceRelation): readonly GroupView[] {
  const form = ({ terms }: TraceForm) => terms.map(({ view }) => ({ view, summed: false }));
  switch (relation.kind) {
    case 'linear':
    case 'range':
      return form(relation.form);
    case 'lookup':
      return [
        ...form(relation.value),
        ...relation.coordinates.flatMap((c) => (c.kind === 'keyed' ? form(c.form) : [])),
      ];
    case 'einsum':
      return [
        { view: relation.x, summed: true },
        { view: relation.y, summed: true },
        ...form(relation.claim),
      ];
  }
}

/**
 * The domain without its axes of length 1, if a view reads each element of its tensor at one index of it and in its
 * order: elements of equal flat index then belong together. Null otherwise.
 */
function pointwise(view: TraceView, domain: readonly number[]): string | null {
  const { dims } = view.tensor;
  const axes: number[] = [];
  for (const [position, factor] of view.factors.entries()) {
    const stride = factor.kind === 'affine' ? factor.strides[0] : undefined;
    if (factor.kind !== 'affine' || factor.offset !== 0 || factor.strides.length > 1) return null;
    if (dims[position] === 1) continue;
    if (stride?.stride !== 1 || domain[stride.axis] !== dims[position]) return null;
    axes.push(stride.axis);
  }
  const long = [...domain.keys()].filter((axis) => (domain[axis] ?? 1) > 1);
  return axes.join() === long.join() ? long.map((axis) => domain[axis] ?? 1).join() : null;
}

/** Every relation reads one element of each of the group's tensors at each element of one domain. */
function isPointwise(group: DefinitionGroup, relations: readonly TraceRelation[]): boolean {
  const own = new Set(group.tensors.map(tensorKey));
  const domains = new Set<string>();
  for (const relation of relations) {
    for (const { view, summed } of viewsOf(relation)) {
      if (!own.has(tensorKey(view.tensor))) continue;
      const domain = summed ? null : pointwise(view, relation.domain);
      if (domain === null) return false;
      domains.add(domain);
    }
    if (relation.kind === 'einsum' && relation.partials !== null)
      if (own.has(tensorKey(relation.partials))) return false;
  }
  return domains.size <= 1;
}

class Components {
  readonly #parents: Int32Array;

  constructor(size: number) {
    this.#parents = Int32Array.from({ length: size }, (_, i) => i);
  }

  root(node: number): number {
    let at = node;
    for (;;) {
      const parent = this.#parents[at] ?? at;
      if (parent === at) return at;
      this.#parents[at] = this.#parents[parent] ?? parent;
      at = parent;
    }
  }

  join(a: number, b: number): void {
    this.#parents[this.root(a)] = this.root(b);
  }
}

/**
 * Leaves that must be known to see which relation of a group is violated around one of its elements: those of the
 * elements that relations of the group connect with it. What they read of other groups is known to whoever finds
 * these equal. Null: too large to be followed.
 *
 * A bound where that is small enough; else exact. Cost: of the latter, the group's reads.
 */
export function challengeLeaves(
  group: DefinitionGroup,
  all: readonly TraceRelation[],
  readTable: TableReader,
): number | null {
  const relations = group.relations.flatMap((id) => all[id] ?? []);
  if (isPointwise(group, relations)) return group.tensors.length;
  const prefix = prefixLeaves(group, relations);
  if (prefix !== null) return prefix;
  const slice = sliceLeaves(group, relations, viewsOf, readTable);
  if (slice <= CHALLENGE_LEAVES) return slice;
  if (relations.reduce((n, relation) => n + totalReads(relation), 0) > MOST_READS) return null;
  const starts = new Map<string, number>();
  let size = 0;
  for (const tensor of group.tensors) {
    starts.set(tensorKey(tensor), size);
    size += elementCount(tensor.dims);
  }
  const components = new Components(size);
  for (const relation of relations) connect(relation, starts, components, readTable);
  const leaves = new Map<number, number>();
  for (const tensor of group.tensors) {
    const start = starts.get(tensorKey(tensor)) ?? 0;
    const count = elementCount(tensor.dims);
    for (let leaf = 0; leaf < leafCount(count); leaf++) {
      const roots = new Set<number>();
      const end = Math.min(count, (leaf + 1) * LEAF_ELEMENTS);
      for (let at = leaf * LEAF_ELEMENTS; at < end; at++) roots.add(components.root(start + at));
      for (const root of roots) leaves.set(root, (leaves.get(root) ?? 0) + 1);
    }
  }
  let most = 0;
  for (const count of leaves.values()) most = Math.max(most, count);
  return most;
}

/** A group of prefix sums alone: those of one output. */
function prefixLeaves(
  { tensors }: DefinitionGroup,
  relations: readonly TraceRelation[],
): number | null {
  const [tensor, second] = tensors;
  if (tensor === undefined || second !== undefined) return null;
  const sums = relations.filter(
    (r) =>
      r.kind === 'einsum' && r.partials !== null && tensorKey(r.partials) === tensorKey(tensor),
  );
  const others = relations.filter((r) => !sums.includes(r));
  if (sums.length !== 1 || !isPointwise({ tensors, relations: [] }, others)) return null;
  const chunks = tensor.dims[0] ?? 1;
  const stride = leafStrides(tensor)[0] ?? 1;
  return Math.min(chunks, Math.ceil((chunks * stride) / LEAF_ELEMENTS) + 1);
}

function connect(
  relation: TraceRelation,
  starts: ReadonlyMap<string, number>,
  components: Components,
  readTable: TableReader,
): void {
  const { domain } = relation;
  const sum = relation.kind === 'einsum' ? relation.sum : [];
  const lengths = [...domain, ...sum];
  const readers: { at: Positions; start: number; summed: boolean }[] = [];
  for (const { view, summed } of viewsOf(relation)) {
    const start = starts.get(tensorKey(view.tensor));
    if (start === undefined) continue;
    readers.push({
      at: compilePositions(view, summed ? lengths : domain, readTable),
      start,
      summed,
    });
  }
  const partials = relation.kind === 'einsum' ? relation.partials : null;
  const prefix = partials === null ? undefined : starts.get(tensorKey(partials));
  if (readers.length === 0 && prefix === undefined) return;
  const chunks = relation.kind === 'einsum' ? chunkCount(relation) : 1;
  const chunk = relation.kind === 'einsum' ? relation.chunk : 1;
  const outputs = elementCount(domain);
  const terms = elementCount(sum);
  const inner = Array.from({ length: terms }, (_, t) => unravel(t, sum));
  const prefixAt = partials === null ? null : wholePositions(partials, readTable);
  for (let element = 0; element < instances(relation); element++) {
    const c = Math.floor(element / outputs);
    const index = unravel(element % outputs, domain);
    let first = -1;
    const meet = (node: number): void => {
      if (first < 0) first = node;
      else components.join(first, node);
    };
    for (const { at, start, summed } of readers) {
      if (!summed) {
        const position = c === chunks - 1 ? at(index) : -1;
        if (position >= 0) meet(start + position);
        continue;
      }
      const end = Math.min((c + 1) * chunk, terms);
      for (let t = c * chunk; t < end; t++) {
        const position = at([...index, ...(inner[t] ?? [])]);
        if (position >= 0) meet(start + position);
      }
    }
    if (prefix !== undefined && prefixAt !== null) {
      if (c > 0) meet(prefix + prefixAt([c - 1, ...index]));
      if (c < chunks - 1) meet(prefix + prefixAt([c, ...index]));
    }
  }
}

function wholePositions(tensor: TensorRef, readTable: TableReader): Positions {
  const factors = tensor.dims.map((_, axis) => ({
    kind: 'affine' as const,
    offset: 0,
    strides: [{ axis, stride: 1 }],
  }));
  return compilePositions({ tensor, factors }, tensor.dims, readTable);
}
