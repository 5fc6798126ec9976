import { elementCount } from '../../shape/dimensions.ts';
import { chunkCount, tensorKey } from '../structure.ts';
import { unravel } from '../check.ts';
import { LEAF_ELEMENTS, tensorDepth } from '../tree.ts';
import type { TensorRef, TraceForm, TraceRelation, TraceView } from '../types.ts';
import { type CostBound, type Depths, openingBytes, relationBytes, withTables } from './cost.ts';
import type { TableReader } from './patterns.ts';
import { compilePositions, type Positions } from './positions.ts';

interface Reader {
  readonly tensor: TensorRef;
  readonly key: string;
  readonly at: Positions;
}

/** Hashes that prove leaves of a tree of this depth: those that a multiproof needs. */
function siblingCount(leaves: readonly number[], depth: number): number {
  let level = leaves;
  let siblings = 0;
  for (let height = 0; height < depth; height++) {
    const parents: number[] = [];
    for (let i = 0; i < level.length; i++) {
      const node = level[i] ?? 0;
      const paired = node % 2 === 0 && level[i + 1] === node + 1;
      if (paired) i += 1;
      else siblings += 1;
      parents.push(Math.floor(node / 2));
    }
    level = parents;
  }
  return siblings;
}

/** Elements that all checks of a relation read, about: what `exactCost` walks. */
export function totalReads(relation: TraceRelation): number {
  const outputs = elementCount(relation.domain);
  const terms = ({ terms: found }: TraceForm): number => found.length;
  switch (relation.kind) {
    case 'linear':
    case 'range':
      return outputs * (1 + terms(relation.form));
    case 'lookup':
      return outputs * (2 + terms(relation.value) + relation.coordinates.length);
    case 'einsum':
      return outputs * (2 * elementCount(relation.sum) + terms(relation.claim));
  }
}

/** What the dearest check of a relation needs, exactly: every element is looked at. A lookup's key may lie anywhere. */
export function exactCost(
  relation: TraceRelation,
  depths: Depths,
  readTable: TableReader,
): CostBound {
  const base = relationBytes(relation, depths);
  const { domain } = relation;
  const outputs = elementCount(domain);
  const readers = (views: readonly TraceView[], lengths: readonly number[]): readonly Reader[] =>
    views.flatMap(withTables).map((view) => ({
      tensor: view.tensor,
      key: tensorKey(view.tensor),
      at: compilePositions(view, lengths, readTable),
    }));
  const viewsOf = (form: TraceForm): readonly TraceView[] => form.terms.map(({ view }) => view);
  let worst: CostBound = { element: 0, terms: 0, leaves: 0, bytes: 0 };
  const weigh = (
    element: number,
    terms: number,
    opened: ReadonlyMap<string, { readonly tensor: TensorRef; readonly leaves: Set<number> }>,
    extra: { readonly leaves: number; readonly bytes: number },
  ): void => {
    let leaves = extra.leaves;
    let bytes = base + extra.bytes;
    for (const { tensor, leaves: set } of opened.values()) {
      const sorted = [...set].sort((a, b) => a - b);
      const depth = tensorDepth(elementCount(tensor.dims));
      leaves += sorted.length;
      bytes += openingBytes(tensor.list, depths) + 160 * sorted.length;
      bytes += 32 * siblingCount(sorted, depth);
    }
    if (bytes > worst.bytes) worst = { element, terms, leaves, bytes };
  };
  const collector = () => {
    const opened = new Map<string, { readonly tensor: TensorRef; readonly leaves: Set<number> }>();
    const read = (tensor: TensorRef, key: string, position: number): void => {
      if (position < 0) return;
      const known = opened.get(key) ?? { tensor, leaves: new Set<number>() };
      known.leaves.add(Math.floor(position / LEAF_ELEMENTS));
      opened.set(key, known);
    };
    return { opened, read };
  };
  const nothing = { leaves: 0, bytes: 0 };
  if (relation.kind !== 'einsum') {
    const forms =
      relation.kind === 'lookup'
        ? [
            relation.value,
            ...relation.coordinates.flatMap((c) => (c.kind === 'keyed' ? [c.form] : [])),
          ]
        : [relation.form];
    const views = forms.flatMap(viewsOf);
    const all = readers(views, domain);
    let extra = nothing;
    if (relation.kind === 'lookup') {
      const { table } = relation;
      const depth = tensorDepth(elementCount(table.dims));
      extra = { leaves: 1, bytes: openingBytes(table.list, depths) + 160 + 32 * depth };
    }
    for (let element = 0; element < outputs; element++) {
      const index = unravel(element, domain);
      const { opened, read } = collector();
      for (const { tensor, key, at } of all) read(tensor, key, at(index));
      weigh(element, views.length, opened, extra);
    }
    return worst;
  }
  const { sum, chunk, x, y, partials, claim } = relation;
  const lengths = [...domain, ...sum];
  const sides = [readers([x], lengths), readers([y], lengths)];
  const operand = sides.flatMap((side) => side.slice(0, 1));
  const tables = sides.flatMap((side) => side.slice(1));
  const all = [...operand, ...tables];
  const claims = readers(viewsOf(claim), domain);
  const chunks = chunkCount(relation);
  const terms = elementCount(sum);
  const inner = Array.from({ length: terms }, (_, t) => unravel(t, sum));
  const prefix =
    partials === null
      ? null
      : {
          key: tensorKey(partials),
          at: compilePositions(
            {
              tensor: partials,
              factors: partials.dims.map((_, axis) => ({
                kind: 'affine',
                offset: 0,
                strides: [{ axis, stride: 1 }],
              })),
            },
            partials.dims,
            readTable,
          ),
        };
  for (let o = 0; o < outputs; o++) {
    const index = unravel(o, domain);
    for (let c = 0; c < chunks; c++) {
      const { opened, read } = collector();
      const end = Math.min((c + 1) * chunk, terms);
      for (let t = c * chunk; t < end; t++) {
        const at = [...index, ...(inner[t] ?? [])];
        // A product with a factor outside its tensor is skipped; the tables on the way to it are counted.
        const isRead = operand.every(({ at: position }) => position(at) >= 0);
        for (const { tensor, key, at: position } of isRead ? all : tables)
          read(tensor, key, position(at));
      }
      const last = c === chunks - 1;
      if (partials !== null && prefix !== null) {
        if (c > 0) read(partials, prefix.key, prefix.at([c - 1, ...index]));
        if (!last) read(partials, prefix.key, prefix.at([c, ...index]));
      }
      if (last) for (const { tensor, key, at } of claims) read(tensor, key, at(index));
      weigh(c * outputs + o, end - c * chunk, opened, nothing);
    }
  }
  return worst;
}
