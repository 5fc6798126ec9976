import { elementCount } from '../../shape/dimensions.ts';
import { TRACE_LIMITS } from '../limits.ts';
import { LIST, type TensorRef, type TraceRelation, type TraceView } from '../types.ts';
import { boundCost, type Depths, openingBytes, withTables } from './cost.ts';
import { type Draft, INT32, wholeForm } from './draft.ts';
import { boundBytes, chunkBounds, type TableReader } from './patterns.ts';
import { renameTraceView } from './rename.ts';
import type { DraftTensor } from './types.ts';

type Einsum = Extract<TraceRelation, { kind: 'einsum' }>;

/** Sum axes up to which every order is tried. */
const ALL_ORDERS = 4;

/** Bytes of a proof are worth this many committed elements each. */
const ELEMENT_PER_BYTE = 1 / 8;

/** A copy of a Constant is committed once, not in every run. */
const CONSTANT_WORTH = 1 / 64;

/** What two views and the shape of a sum add to a relation's body, at most; two leaves of prefix sums with their hashes. */
const VIEW_BYTES = 640;
const PREFIX_BYTES = 2 * (160 + 26 * 32);

function permutations(items: readonly number[]): number[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((first, i) =>
    permutations(items.filter((_, j) => j !== i)).map((rest) => [first, ...rest]),
  );
}

/** Orders of the sum axes worth trying: all, or each axis innermost in turn. */
function sumOrders(sum: readonly number[]): number[][] {
  const long = [...sum.keys()].filter((axis) => sum[axis] !== 1);
  const short = [...sum.keys()].filter((axis) => sum[axis] === 1);
  const orders =
    long.length <= ALL_ORDERS
      ? permutations(long)
      : [long, ...long.map((last) => [...long.filter((axis) => axis !== last), last])];
  return orders.map((order) => [...short, ...order]);
}

/** The same einsum with its sum axes in another order. */
function reordered(relation: Einsum, order: readonly number[]): Einsum {
  const outer = relation.domain.length;
  const rename = (axis: number): number =>
    axis < outer ? axis : outer + order.indexOf(axis - outer);
  return {
    ...relation,
    sum: order.map((axis) => relation.sum[axis] ?? 1),
    x: renameTraceView(relation.x, rename),
    y: renameTraceView(relation.y, rename),
  };
}

/** Storage axes that no sum axis moves first, then the others, those of the innermost sum axis last. */
function preferredOrder(view: TraceView, outer: number): readonly number[] {
  const rank: number[] = [];
  for (const factor of view.factors) {
    const axes =
      factor.kind === 'affine'
        ? factor.strides.filter(({ stride }) => stride !== 0).map(({ axis }) => axis)
        : factor.kind === 'gather'
          ? [factor.axis]
          : factor.axes;
    const innermost = Math.max(-1, ...axes.map((axis) => axis - outer));
    const covered = factor.kind === 'reshape' ? factor.storageAxes : 1;
    for (let i = 0; i < covered; i++) rank.push(innermost);
  }
  return [...rank.keys()].sort((a, b) => (rank[a] ?? 0) - (rank[b] ?? 0));
}

/** One way to read an operand: in the order that its tensor has or gets, or from a copy. */
interface Reading {
  readonly view: TraceView;
  readonly order: readonly number[];
  readonly copied: boolean;
  /** Elements to commit. */
  readonly cost: number;
}

interface Choice {
  readonly relation: Einsum;
  readonly x: Reading;
  readonly y: Reading;
  readonly chunk: number;
  readonly score: number;
}

/** Chooses leaf orders, orders of sums and chunks; adds prefix sums and copies. */
export class Orders {
  readonly #draft: Draft;
  readonly #depths: Depths;
  readonly #longest: number;
  readonly #readTable: TableReader;
  readonly #tensors = new Map<TensorRef, DraftTensor>();
  readonly #copies = new Map<string, DraftTensor>();

  /** @param longest - most products that one check adds up, a power of two. */
  constructor(draft: Draft, depths: Depths, readTable: TableReader, longest: number) {
    this.#draft = draft;
    this.#longest = longest;
    this.#depths = depths;
    this.#readTable = readTable;
    for (const list of draft.lists) for (const tensor of list) this.#tensors.set(tensor, tensor);
  }

  #tensor(ref: TensorRef): DraftTensor {
    const found = this.#tensors.get(ref);
    if (found === undefined) throw new RangeError('Orders: expected a tensor of the draft');
    return found;
  }

  /** Large sums first: their readings decide what is in order for whom. */
  assign(): void {
    const einsums = [...this.#draft.relations.keys()].filter((id) => this.#einsum(id) !== null);
    const size = (id: number): number => elementCount(this.#einsum(id)?.sum ?? []);
    for (const id of einsums.toSorted((a, b) => size(b) - size(a))) this.#choose(id);
  }

  #einsum(id: number): Einsum | null {
    const relation = this.#draft.relations[id];
    return relation?.kind === 'einsum' ? relation : null;
  }

  #copyKey(tensor: DraftTensor, order: readonly number[]): string {
    return `${tensor.list} ${tensor.index} ${order.join()}`;
  }

  #readings(view: TraceView, outer: number): readonly Reading[] {
    const tensor = this.#tensor(view.tensor);
    const preferred = preferredOrder(view, outer);
    if (!tensor.decided) {
      const ordered = { ...view, tensor: { ...tensor, order: preferred } };
      return [{ view: ordered, order: preferred, copied: false, cost: 0 }];
    }
    const asIs = { view, order: tensor.order, copied: false, cost: 0 };
    if (preferred.join() === tensor.order.join()) return [asIs];
    const known = this.#copies.get(this.#copyKey(tensor, preferred));
    const worth = tensor.list === LIST.constant ? CONSTANT_WORTH : 1;
    const copy = {
      view: { ...view, tensor: { ...tensor, order: preferred } },
      order: preferred,
      copied: true,
      cost: known === undefined ? worth * elementCount(tensor.dims) : 0,
    };
    return [asIs, copy];
  }

  /** Bytes that an operand adds in the worst chunk, the tables of its gathers included. */
  #bytes(view: TraceView, lengths: readonly number[], outer: number, chunk: number): number {
    let bytes = 0;
    for (const part of withTables(view)) {
      const bounds = chunkBounds(part, lengths, outer, chunk, this.#readTable);
      bytes += openingBytes(part.tensor.list, this.#depths);
      bytes += Math.max(0, ...bounds.map(boundBytes));
    }
    return bytes;
  }

  #choose(id: number): void {
    const given = this.#einsum(id);
    if (given === null) return;
    const outer = given.domain.length;
    const terms = elementCount(given.sum);
    const outputs = elementCount(given.domain);
    let widest = 1;
    while (widest < Math.min(terms, this.#longest)) widest *= 2;
    const same = given.x.tensor === given.y.tensor;
    let best: Choice | null = null;
    const offer = (choice: Choice): void => {
      if (best === null || choice.score < best.score) best = choice;
    };
    for (const order of sumOrders(given.sum)) {
      const relation = reordered(given, order);
      const lengths = [...relation.domain, ...relation.sum];
      const xs = this.#readings(relation.x, outer).map((reading) => ({
        reading,
        memo: new Map<number, number>(),
      }));
      const ys = this.#readings(relation.y, outer).map((reading) => ({
        reading,
        memo: new Map<number, number>(),
      }));
      const bytesOf = (
        { reading, memo }: { readonly reading: Reading; readonly memo: Map<number, number> },
        chunk: number,
      ): number => {
        const known = memo.get(chunk);
        if (known !== undefined) return known;
        const bytes = this.#bytes(reading.view, lengths, outer, chunk);
        memo.set(chunk, bytes);
        return bytes;
      };
      for (const x of xs) {
        for (const y of ys) {
          // One tensor has one order: y is read as x made it, unless it is copied.
          let other = y;
          if (same && !y.reading.copied && !x.reading.copied) {
            const tensor = { ...this.#tensor(given.x.tensor), order: x.reading.order };
            const reading = {
              ...y.reading,
              view: { ...relation.y, tensor },
              order: x.reading.order,
            };
            other = { reading, memo: new Map() };
          }
          for (let chunk = widest; chunk >= 1; chunk /= 2) {
            const chunks = Math.ceil(terms / chunk);
            const bytes =
              this.#otherBytes(relation, chunks) + bytesOf(x, chunk) + bytesOf(other, chunk);
            if (bytes > TRACE_LIMITS.proofBytes && chunk > 1) continue;
            const committed = x.reading.cost + other.reading.cost + (chunks - 1) * outputs;
            const penalty = bytes > TRACE_LIMITS.proofBytes ? 2 ** 40 : 0;
            offer({
              relation,
              x: x.reading,
              y: other.reading,
              chunk,
              score: committed + ELEMENT_PER_BYTE * bytes + penalty,
            });
            break;
          }
        }
      }
    }
    if (best !== null) this.#apply(id, best);
  }

  /** Relation, claim and prefix sums. */
  #otherBytes({ domain, claim }: Einsum, chunks: number): number {
    const linear: TraceRelation = { kind: 'linear', domain, form: claim };
    const { bytes } = boundCost(linear, this.#depths, this.#readTable);
    const prefixes = chunks > 1 ? openingBytes(LIST.trace, this.#depths) + PREFIX_BYTES : 0;
    return bytes + VIEW_BYTES + prefixes;
  }

  #apply(id: number, { relation, x, y, chunk }: Choice): void {
    const draft = this.#draft;
    const node = draft.nodes[id] ?? 0;
    const read = (original: TraceView, reading: Reading): TraceView => {
      const tensor = this.#tensor(original.tensor);
      if (reading.copied) return { ...original, tensor: this.#copy(tensor, reading.order) };
      tensor.order = reading.order;
      tensor.decided = true;
      return original;
    };
    const chunks = Math.ceil(elementCount(relation.sum) / chunk);
    const einsum: Einsum = {
      ...relation,
      chunk,
      x: read(relation.x, x),
      y: read(relation.y, y),
      partials: chunks > 1 ? this.#partials(id, relation, chunks, node) : null,
    };
    draft.relations[id] = einsum;
    if (einsum.partials !== null) {
      const partials = this.#tensor(einsum.partials);
      draft.define([partials], [id], [einsum.x.tensor, einsum.y.tensor]);
    }
  }

  #partials(id: number, relation: Einsum, chunks: number, node: number): DraftTensor {
    const draft = this.#draft;
    const proven = draft.sumRanges.get(id) ?? null;
    const dims = [chunks - 1, ...relation.domain];
    const made = draft.add(LIST.trace, {
      name: `${draft.nodeName(node)}/prefix`,
      node,
      dims,
      range: proven ?? INT32,
      proven: proven !== null,
      origin: { kind: 'prefix', relation: id },
      // Neighbours of one output side by side.
      order: [...relation.domain.map((_, axis) => axis + 1), 0],
    });
    made.decided = true;
    this.#tensors.set(made, made);
    return made;
  }

  /** The same elements in another order: a Constant beside it, or a tensor of the trace that equals it. */
  #copy(tensor: DraftTensor, order: readonly number[]): DraftTensor {
    const key = this.#copyKey(tensor, order);
    const known = this.#copies.get(key);
    if (known !== undefined) return known;
    const draft = this.#draft;
    const { name, dims, range, node, proven, list, index } = tensor;
    const constant = list === LIST.constant;
    const made = draft.add(constant ? LIST.constant : LIST.trace, {
      name: `${name}/copy`,
      node,
      dims,
      range,
      proven,
      order,
      origin: constant ? tensor.origin : { kind: 'copy', list, index },
    });
    made.decided = true;
    this.#copies.set(key, made);
    this.#tensors.set(made, made);
    if (!constant) {
      const form = {
        bias: 0,
        terms: [...wholeForm(made).terms, ...wholeForm(tensor, -1).terms],
      };
      const equal = draft.relation({ kind: 'linear', domain: dims, form }, node);
      draft.define([made], [equal]);
    }
    return made;
  }
}
