import { AssayError } from '@assay/core/errors';
import { P } from '@assay/core/field';
import {
  elementCount,
  type Program,
  type TensorId,
  type Trace,
  type Weights,
} from '@assay/program';
import {
  inLeafOrder,
  LEAF_ELEMENTS,
  leafBytes,
  leafCount,
  LIST,
  type Lists,
  ListTree,
  tensorDepth,
  type TensorRef,
  TensorTree,
  type TraceProgram,
  TraceTrees,
} from '@assay/program/trace';
import { execute } from '../execute.ts';
import { planDigits } from '../step-plans.ts';
import { commitTrace } from '../trace/commit.ts';
import { type SubmittedList, type TreeReader, treeReader } from '../trace/reader.ts';
import { storageIndex } from '../trace/instances.ts';
import { traceValues, type TraceValues } from '../trace/values.ts';
import { AnyTree } from './any-tree.ts';
import type { Draw } from './builder.ts';
import { resume } from './resume.ts';

/** What a provider may have done. */
export type TraceLie =
  /** One element, all that follows from it consistent. */
  | 'element'
  /** All tensors of a definition group. */
  | 'group'
  /** A tie broken the other way: a later maximum, or digits that give the same number. */
  | 'tie'
  /** Padding of a leaf, of a tree, or of a list. */
  | 'padding'
  | 'prefix'
  /** Another integer of the same class mod p. */
  | 'modulo'
  /** The right elements in another leaf order. */
  | 'order';

export const TRACE_LIES: readonly TraceLie[] = [
  'element',
  'group',
  'tie',
  'padding',
  'prefix',
  'modulo',
  'order',
];

/** A wrong submission. */
export interface LyingTrace {
  readonly lie: TraceLie;
  /** Which, for messages. */
  readonly what: string;
  /** What a proof against it is checked with. */
  readonly lists: Lists;
  readonly reader: TreeReader;
}

const ATTEMPTS = 40;

/** Honest and lying commitments to one run of a program. */
export class TraceLiar {
  readonly honest: TraceTrees;
  readonly #trace: TraceProgram;
  readonly #program: Program;
  readonly #run: Trace;
  readonly #draw: Draw;

  constructor(
    trace: TraceProgram,
    program: Program,
    weights: Weights,
    inputs: ReadonlyMap<TensorId, Int32Array>,
    draw: Draw,
    constants: readonly TensorTree[] | null = null,
  ) {
    this.#trace = trace;
    this.#program = program;
    this.#run = execute(program, weights, inputs, null);
    this.#draw = draw;
    const given = constants === null ? {} : { constants };
    this.honest = commitTrace(trace, program, weights, this.#run, given);
  }

  /** A lie of a class; null where the program has nothing to lie so about, or a few tries made none. */
  tell(lie: TraceLie): LyingTrace | null {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const made = this.#tell(lie);
      if (made !== null) return made;
    }
    return null;
  }

  #tell(lie: TraceLie): LyingTrace | null {
    switch (lie) {
      case 'element':
        return this.#element();
      case 'group':
        return this.#group();
      case 'tie':
        return this.#tie();
      case 'padding':
        return this.#padding();
      case 'prefix':
        return this.#prefix();
      case 'modulo':
        return this.#modulo();
      case 'order':
        return this.#order();
    }
  }

  #pick<T>(items: readonly T[]): T | null {
    return items.length === 0 ? null : (items[this.#draw(0, items.length - 1)] as T);
  }

  #values(): TraceValues {
    const { trees } = this.honest;
    return {
      0: trees[0].map(({ values }) => values),
      1: trees[1].map(({ values }) => values),
      2: trees[2].map(({ values }) => values),
      3: trees[3].map(({ values }) => values),
    };
  }

  /** A submission of these values; null if it is honest. */
  #submit(lie: TraceLie, what: string, values: TraceValues): LyingTrace | null {
    const { honest } = this;
    const tree = (list: SubmittedList) =>
      values[list].map((elements, i) => {
        const known = honest.trees[list][i] as TensorTree;
        return known.values === elements || same(known.values, elements)
          ? known
          : new TensorTree(elements);
      });
    const trees = new TraceTrees(this.#trace.relations, {
      ...honest.trees,
      2: tree(LIST.trace),
      3: tree(LIST.output),
    });
    const equal = ([2, 3] as const).every((list) =>
      same(trees.lists[list].root, honest.lists[list].root),
    );
    return equal ? null : { lie, what, lists: trees.roots, reader: treeReader(trees) };
  }

  /** What follows from tensors of the program, from a step on; null where no trace follows. */
  #follow(lie: TraceLie, what: string, given: Trace, first: number): LyingTrace | null {
    const run = resume(this.#program, given, first);
    try {
      const constants = this.honest.trees[0].map(({ values }) => values);
      return this.#submit(lie, what, traceValues(this.#trace, this.#program, run, { constants }));
    } catch (error) {
      if (error instanceof AssayError) return null;
      throw error;
    }
  }

  #stepOf(tensor: TensorId): number {
    return this.#program.steps.findIndex((step) => {
      switch (step.kind) {
        case 'digits':
        case 'lookup':
          return step.outputs.some((output) => output.tensor === tensor);
        case 'divide':
          return step.quotient === tensor || step.remainder === tensor;
        case 'onehot':
          return step.output === tensor;
      }
    });
  }

  #submittedTensors() {
    const { lists } = this.#trace;
    return [...lists[LIST.trace], ...lists[LIST.output]];
  }

  #element(): LyingTrace | null {
    const tensor = this.#pick(this.#submittedTensors());
    if (tensor === null) return null;
    const { range, name, origin, list, index } = tensor;
    const at = this.#draw(0, elementCount(tensor.dims) - 1);
    const value = this.#draw(range.lo, range.hi);
    const what = `${name}[${at}] = ${value}`;
    if (origin.kind === 'tensor') {
      const changed = Int32Array.from(this.#run.get(origin.tensor) ?? []);
      changed[at] = value;
      const given = new Map(this.#run).set(origin.tensor, changed);
      return this.#follow('element', what, given, this.#stepOf(origin.tensor) + 1);
    }
    const values = this.#values();
    const changed = Int32Array.from(values[list][index] ?? []);
    changed[at] = value;
    return this.#submit('element', what, replaced(values, tensor, changed));
  }

  #group(): LyingTrace | null {
    const group = this.#pick(this.#trace.groups);
    if (group === null) return null;
    const { lists } = this.#trace;
    const given = new Map(this.#run);
    let values = this.#values();
    let last = -1;
    for (const ref of group.tensors) {
      const tensor = lists[ref.list][ref.index];
      if (tensor === undefined) return null;
      const { lo, hi } = tensor.range;
      const random = Int32Array.from({ length: elementCount(ref.dims) }, () => this.#draw(lo, hi));
      if (tensor.origin.kind === 'tensor') {
        given.set(tensor.origin.tensor, random);
        last = Math.max(last, this.#stepOf(tensor.origin.tensor));
      }
      values = replaced(values, ref, random);
    }
    const what = group.tensors.map(({ list, index }) => lists[list][index]?.name).join(', ');
    const consistent =
      last < 0 || this.#draw(0, 1) === 0 ? null : this.#follow('group', what, given, last + 1);
    return consistent ?? this.#submit('group', what, values);
  }

  #tie(): LyingTrace | null {
    const { steps } = this.#program;
    const index = this.#draw(0, steps.length - 1);
    const step = steps[index];
    if (step?.kind === 'onehot') {
      const shape = this.#program.tensors[step.output]?.shape ?? [];
      const length = shape[step.axis] ?? 1;
      const inner = elementCount(shape.slice(step.axis + 1));
      const bits = Int32Array.from(this.#run.get(step.output) ?? []);
      const row = this.#draw(0, bits.length / length - 1);
      const start = Math.floor(row / inner) * length * inner + (row % inner);
      for (let i = 0; i < length; i++) bits[start + i * inner] = 0;
      bits[start + this.#draw(0, length - 1) * inner] = 1;
      const given = new Map(this.#run).set(step.output, bits);
      return this.#follow('tie', `one-hot ${step.output} row ${row}`, given, index + 1);
    }
    if (step?.kind !== 'digits' || step.outputs.length < 2) return null;
    // The same number by other digits: one more of the higher, as many fewer of the lower.
    const { outputs } = planDigits(this.#program, step);
    const upper = this.#draw(0, outputs.length - 2);
    const [high, low] = [outputs[upper], outputs[upper + 1]];
    if (high === undefined || low === undefined) return null;
    const highs = Int32Array.from(this.#run.get(high.tensor) ?? []);
    const lows = Int32Array.from(this.#run.get(low.tensor) ?? []);
    const at = this.#draw(0, highs.length - 1);
    const by = this.#draw(0, 1) === 0 ? 1 : -1;
    highs[at] = (highs[at] ?? 0) + by;
    lows[at] = (lows[at] ?? 0) - by * low.ratio;
    const given = new Map(this.#run).set(high.tensor, highs).set(low.tensor, lows);
    const what = `digits of step ${index} at ${at}`;
    const followed = this.#follow('tie', what, given, index + 1);
    if (followed !== null) return followed;
    let values = this.#values();
    for (const [id, changed] of [
      [high.tensor, highs],
      [low.tensor, lows],
    ] as const) {
      const tensor = this.#submittedTensors().find(
        ({ origin }) => origin.kind === 'tensor' && origin.tensor === id,
      );
      if (tensor === undefined) return null;
      values = replaced(values, tensor, inLeafOrder(changed, tensor));
    }
    return this.#submit('tie', what, values);
  }

  #prefix(): LyingTrace | null {
    const prefixes = this.#submittedTensors().filter(({ origin }) => origin.kind === 'prefix');
    const tensor = this.#pick(prefixes);
    if (tensor === null) return null;
    const values = this.#values();
    const changed = Int32Array.from(values[tensor.list][tensor.index] ?? []);
    const at = this.#draw(0, changed.length - 1);
    changed[at] = (changed[at] ?? 0) + this.#draw(1, 1000) * (this.#draw(0, 1) === 0 ? 1 : -1);
    return this.#submit('prefix', `${tensor.name}[${at}]`, replaced(values, tensor, changed));
  }

  #modulo(): LyingTrace | null {
    const tensor = this.#pick(this.#submittedTensors());
    if (tensor === null) return null;
    const values = this.#values();
    const changed = Int32Array.from(values[tensor.list][tensor.index] ?? []);
    const at = this.#draw(0, changed.length - 1);
    const value = (changed[at] ?? 0) + (this.#draw(0, 1) === 0 ? P : -P);
    if (value < -(2 ** 31) || value >= 2 ** 31) return null;
    changed[at] = value;
    return this.#submit('modulo', `${tensor.name}[${at}]`, replaced(values, tensor, changed));
  }

  #order(): LyingTrace | null {
    const all = this.#submittedTensors();
    const several = all.filter(({ dims }) => dims.filter((length) => length > 1).length > 1);
    const candidates = several.length > 0 ? several : all;
    const tensor = this.#pick(candidates);
    if (tensor === null) return null;
    const { dims, order, list, index, name } = tensor;
    const values = this.#values();
    const source = values[list][index] ?? new Int32Array();
    if (several.length === 0) {
      // One axis has one order: the elements as if it were two.
      const stride = this.#draw(2, Math.max(2, source.length - 1));
      const rows = Math.ceil(source.length / stride);
      const from = Array.from(
        { length: rows * stride },
        (_, i) => (i % rows) * stride + Math.floor(i / rows),
      );
      const changed = Int32Array.from(
        from.filter((i) => i < source.length),
        (i) => source[i] ?? 0,
      );
      return this.#submit('order', `${name} by ${stride}`, replaced(values, tensor, changed));
    }
    const shuffled = [...order];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = this.#draw(0, i);
      [shuffled[i], shuffled[j]] = [shuffled[j] ?? 0, shuffled[i] ?? 0];
    }
    // What lies at a position of the other order, read by its storage index.
    const other = { dims, order: shuffled };
    const strides = leafStridesOf({ dims, order });
    const changed = Int32Array.from(source, (_, position) => {
      const at = storageIndex(other, position).reduce(
        (n, i, axis) => n + i * (strides[axis] ?? 0),
        0,
      );
      return source[at] ?? 0;
    });
    return this.#submit(
      'order',
      `${name} as ${shuffled.join()}`,
      replaced(values, tensor, changed),
    );
  }

  #padding(): LyingTrace | null {
    const { honest } = this;
    const list = this.#draw(0, 3) === 0 ? LIST.output : LIST.trace;
    const roots = honest.trees[list].map(({ root }) => root);
    const depth = honest.lists[list].depth;
    const garbage = new Uint8Array(32).map(() => this.#draw(0, 255));
    if (roots.length < 2 ** depth && this.#draw(0, 3) === 0) {
      const entries = Array.from({ length: 2 ** depth }, (_, i) => roots[i] ?? new Uint8Array(32));
      const at = this.#draw(roots.length, entries.length - 1);
      entries[at] = garbage;
      return this.#withList(list, entries, null, `list ${list} entry ${at}`);
    }
    const index = this.#draw(0, roots.length - 1);
    const tree = honest.trees[list][index];
    if (tree === undefined) return null;
    const elements = tree.values.length;
    const leaves = Array.from({ length: 2 ** tensorDepth(elements) }, (_, i) =>
      leafBytes(tree.values, i),
    );
    const last = leafCount(elements) - 1;
    const inLast = elements % LEAF_ELEMENTS;
    let what: string;
    if (inLast > 0 && this.#draw(0, 1) === 0) {
      const at = this.#draw(4 * inLast, 127);
      (leaves[last] as Uint8Array)[at] = this.#draw(1, 255);
      what = `byte ${at} of the last leaf of ${list}:${index}`;
    } else if (leaves.length > last + 1) {
      const at = this.#draw(last + 1, leaves.length - 1);
      (leaves[at] as Uint8Array)[this.#draw(0, 127)] = this.#draw(1, 255);
      what = `padding leaf ${at} of ${list}:${index}`;
    } else return null;
    const garbled = new AnyTree(leaves);
    return this.#withList(list, roots.with(index, garbled.root), { index, tree: garbled }, what);
  }

  #withList(
    list: SubmittedList,
    entries: readonly Uint8Array[],
    changed: { readonly index: number; readonly tree: AnyTree } | null,
    what: string,
  ): LyingTrace {
    const served = new ListTree(entries);
    const honest = treeReader(this.honest);
    const { roots } = this.honest;
    const is = (id: number, tensor: number): AnyTree | null =>
      changed !== null && id === list && tensor === changed.index ? changed.tree : null;
    const [constants, inputs, traces, outputs] = roots.roots;
    const lists: Lists = {
      ...roots,
      roots: [
        constants,
        inputs,
        list === LIST.trace ? served.root : traces,
        list === LIST.output ? served.root : outputs,
      ],
    };
    const reader: TreeReader = {
      root: (id) => (id === list ? Promise.resolve(served.root) : honest.root(id)),
      listNode: (id, level, at) =>
        id === list ? Promise.resolve(served.node(level, at)) : honest.listNode(id, level, at),
      node: (id, tensor, level, at) => {
        const tree = is(id, tensor);
        return tree === null
          ? honest.node(id, tensor, level, at)
          : Promise.resolve(tree.node(level, at));
      },
      leaf: (id, tensor, leaf) => {
        const tree = is(id, tensor);
        return tree === null ? honest.leaf(id, tensor, leaf) : Promise.resolve(tree.leaf(leaf));
      },
    };
    return { lie: 'padding', what, lists, reader };
  }
}

function leafStridesOf({ dims, order }: Pick<TensorRef, 'dims' | 'order'>): number[] {
  const strides = new Array<number>(dims.length).fill(1);
  let stride = 1;
  for (const axis of order.toReversed()) {
    strides[axis] = stride;
    stride *= dims[axis] ?? 1;
  }
  return strides;
}

function replaced(
  values: TraceValues,
  { list, index }: Pick<TensorRef, 'list' | 'index'>,
  elements: Int32Array,
): TraceValues {
  return { ...values, [list]: values[list].with(index, elements) };
}

function same(a: Int32Array | Uint8Array, b: Int32Array | Uint8Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
