import { encodeRelation } from '../codec.ts';
import { chunkCount, mentions, tensorKey } from '../structure.ts';
import { elementCount } from '../../shape/dimensions.ts';
import { listDepth, tensorDepth } from '../tree.ts';
import type {
  FraudProof,
  ListId,
  TensorRef,
  TraceForm,
  TraceRelation,
  TraceView,
} from '../types.ts';
import { boundBytes, chunkBounds, type LeafBound, type TableReader } from './patterns.ts';

const WORD = 32;

/** Words of `proveFraud` beside the proof: parameters of the job, submission, salt, offset; room for a few more. */
const CALL_BYTES: number = 4 + WORD * 48;

/** A dynamic array or byte string: offset, length, words. */
function dynamic(words: number): number {
  return WORD * (2 + words);
}

/** Levels of the lists that proofs lead to. */
export interface Depths {
  readonly relations: number;
  readonly lists: Readonly<Record<ListId, number>>;
}

export function depthsOf(
  relationCount: number,
  lengths: readonly [number, number, number, number],
): Depths {
  const [constant, input, trace, output] = lengths.map(listDepth);
  return {
    relations: listDepth(relationCount),
    lists: { 0: constant ?? 0, 1: input ?? 0, 2: trace ?? 0, 3: output ?? 0 },
  };
}

/** ABI encoding of a fraud proof's relation, without its openings. */
export function relationBytes(relation: TraceRelation, depths: Depths): number {
  const body = encodeRelation(relation).length;
  return (
    CALL_BYTES +
    WORD * (3 + 2) +
    dynamic(Math.ceil(body / WORD)) +
    dynamic(depths.relations) +
    dynamic(0)
  );
}

/** ABI encoding of an opening without leaves and hashes. */
export function openingBytes(list: ListId, depths: Depths): number {
  return WORD * (1 + 3) + dynamic(depths.lists[list]) + 3 * dynamic(0);
}

/** Most that one check needs. */
export interface CostBound {
  /** An element where it does: the first of its chunk. */
  readonly element: number;
  /** Terms of forms, or the products that an einsum adds up. */
  readonly terms: number;
  readonly leaves: number;
  readonly bytes: number;
}

/** The view by which a gather's table is read. */
function tableViews({ factors }: TraceView): readonly TraceView[] {
  return factors.flatMap((factor) =>
    factor.kind === 'gather'
      ? [
          {
            tensor: factor.table,
            factors: [
              { kind: 'affine' as const, offset: 0, strides: [{ axis: factor.axis, stride: 1 }] },
            ],
          },
        ]
      : [],
  );
}

/** A view, and those by which its tables are read. */
export function withTables(view: TraceView): readonly TraceView[] {
  return [view, ...tableViews(view)];
}

function formViews({ terms }: TraceForm): readonly TraceView[] {
  return terms.flatMap(({ view }) => withTables(view));
}

/** A lookup reads one leaf of its table. */
function pointView(tensor: TensorRef): TraceView {
  return {
    tensor,
    factors: tensor.dims.map(() => ({ kind: 'affine', offset: 0, strides: [] })),
  };
}

class Openings {
  readonly #depths: Depths;
  readonly #tensors = new Map<string, ListId>();
  leaves = 0;
  bytes = 0;

  constructor(depths: Depths) {
    this.#depths = depths;
  }

  add(tensor: TensorRef, bound: LeafBound): void {
    if (bound.leaves === 0) return;
    const key = tensorKey(tensor);
    if (!this.#tensors.has(key)) {
      this.#tensors.set(key, tensor.list);
      this.bytes += openingBytes(tensor.list, this.#depths);
    }
    this.leaves += bound.leaves;
    this.bytes += boundBytes(bound);
  }
}

/** So many prefix sums. */
function partialsBound(partials: TensorRef, reads: number): LeafBound {
  return { leaves: reads, siblings: reads * tensorDepth(elementCount(partials.dims)) };
}

/**
 * A sound bound on what checks of a relation need, whatever the element: calldata of the transaction with relation,
 * paths, leaves and hashes; views of one tensor are counted apart.
 */
export function boundCost(
  relation: TraceRelation,
  depths: Depths,
  readTable: TableReader,
): CostBound {
  const base = relationBytes(relation, depths);
  const single = (openings: Openings, view: TraceView, lengths: readonly number[]): void => {
    const [bound] = chunkBounds(view, lengths, lengths.length, 1, readTable);
    if (bound !== undefined) openings.add(view.tensor, bound);
  };
  const { domain } = relation;
  if (relation.kind !== 'einsum') {
    const openings = new Openings(depths);
    const forms =
      relation.kind === 'lookup'
        ? [
            relation.value,
            ...relation.coordinates.flatMap((c) => (c.kind === 'keyed' ? [c.form] : [])),
          ]
        : [relation.form];
    for (const view of forms.flatMap(formViews)) single(openings, view, domain);
    if (relation.kind === 'lookup') single(openings, pointView(relation.table), domain);
    const { leaves, bytes } = openings;
    const terms = forms.reduce((n, form) => n + form.terms.length, 0);
    return { element: 0, terms, leaves, bytes: base + bytes };
  }
  const { sum, chunk, x, y, partials, claim } = relation;
  const lengths = [...domain, ...sum];
  const chunks = chunkCount(relation);
  const outputs = elementCount(domain);
  const operands = [...withTables(x), ...withTables(y)].map((view) => ({
    tensor: view.tensor,
    bounds: chunkBounds(view, lengths, domain.length, chunk, readTable),
  }));
  let worst: CostBound = { element: 0, terms: 0, leaves: 0, bytes: 0 };
  for (let c = 0; c < chunks; c++) {
    const openings = new Openings(depths);
    for (const { tensor, bounds } of operands) {
      const bound = bounds[c];
      if (bound !== undefined) openings.add(tensor, bound);
    }
    const last = c === chunks - 1;
    if (last) for (const view of formViews(claim)) single(openings, view, domain);
    if (partials !== null) openings.add(partials, partialsBound(partials, c > 0 && !last ? 2 : 1));
    const { leaves, bytes } = openings;
    if (base + bytes <= worst.bytes) continue;
    const products = Math.min(chunk, elementCount(sum) - c * chunk);
    worst = {
      element: c * outputs,
      terms: products,
      leaves,
      bytes: base + bytes,
    };
  }
  return worst;
}

/** Tensors that a relation names, each once. */
export function tensorsOf(relation: TraceRelation): readonly TensorRef[] {
  const found = new Map<string, TensorRef>();
  for (const tensor of mentions(relation)) found.set(tensorKey(tensor), tensor);
  return [...found.values()];
}

/** Calldata of the transaction that makes a proof, in bytes: what `boundCost` bounds. */
export function fraudProofBytes({ relation, openings }: FraudProof): number {
  let bytes = CALL_BYTES + WORD * (3 + 2);
  bytes += dynamic(Math.ceil(relation.body.length / WORD)) + dynamic(relation.path.length);
  bytes += dynamic(0);
  for (const { path, leaves, data, siblings } of openings) {
    bytes += WORD * (1 + 3) + dynamic(path.length) + dynamic(leaves.length);
    bytes += dynamic(data.length / WORD) + dynamic(siblings.length);
  }
  return bytes;
}
