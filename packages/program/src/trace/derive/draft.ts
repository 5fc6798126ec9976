import { elementCount } from '../../shape/dimensions.ts';
import { columnRange } from '../../tables/columns.ts';
import type { Program, Range, TableId, TensorId, View } from '../../types.ts';
import { TRACE_LIMITS } from '../limits.ts';
import {
  type Factor,
  LIST,
  type ListId,
  type TraceForm,
  type TraceRelation,
  type TraceView,
} from '../types.ts';
import { Refusal } from './refusal.ts';
import { type TableBox, tableBox } from './tables.ts';
import type { Definition, DraftTensor, Origin } from './types.ts';

export const INT32: Range = { lo: -(2 ** 31), hi: 2 ** 31 - 1 };

export function fitsInt32({ lo, hi }: Range): boolean {
  return lo >= INT32.lo && hi <= INT32.hi;
}

/** The view that reads a tensor along these logical axes, one for each of its own. */
export function alongAxes(tensor: DraftTensor, axes: readonly number[]): TraceView {
  return {
    tensor,
    factors: axes.map((axis) => ({ kind: 'affine', offset: 0, strides: [{ axis, stride: 1 }] })),
  };
}

export function wholeForm(tensor: DraftTensor, coefficient = 1): TraceForm {
  const view = alongAxes(
    tensor,
    tensor.dims.map((_, axis) => axis),
  );
  return { bias: 0, terms: [{ coefficient, view }] };
}

/** Tensors, relations and definitions of a trace that is being derived. */
export class Draft {
  readonly program: Program;
  readonly ranges: readonly Range[];
  readonly lists: readonly [DraftTensor[], DraftTensor[], DraftTensor[], DraftTensor[]] = [
    [],
    [],
    [],
    [],
  ];
  readonly relations: TraceRelation[] = [];
  readonly nodes: number[] = [];
  readonly definitions: Definition[] = [];
  /** Of einsums: the interval of every Σ of some of its products, null where int32 is not shown from ranges. */
  readonly sumRanges: Map<number, Range | null> = new Map();
  readonly #tensors = new Map<TensorId, DraftTensor>();
  readonly #listed = new Map<string, DraftTensor>();
  readonly #tables = new Map<string, DraftTensor>();
  readonly #boxes = new Map<TableId, TableBox | null>();

  constructor(program: Program, ranges: readonly Range[]) {
    this.program = program;
    this.ranges = ranges;
    // The job's inputs and outputs, in the order of the ports; relations of inputs come first.
    for (const { tensor } of program.outputs) this.tensor(tensor);
    for (const { tensor } of program.inputs) this.range(this.tensor(tensor));
  }

  refuse(node: number, tensor: string, reason: string): never {
    const name = this.program.nodes[node]?.name ?? '?';
    throw new Refusal({ kind: 'trace/refused', node: name, tensor, reason });
  }

  nodeName(node: number): string {
    return this.program.nodes[node]?.name ?? `node ${node}`;
  }

  add(
    list: ListId,
    tensor: Pick<DraftTensor, 'name' | 'dims' | 'range' | 'origin' | 'node'> & {
      readonly proven?: boolean;
      readonly order?: readonly number[];
    },
  ): DraftTensor {
    const { dims, name, node } = tensor;
    if (dims.length > TRACE_LIMITS.rank) this.refuse(node, name, `has ${dims.length} axes`);
    if (!(elementCount(dims) < TRACE_LIMITS.elements))
      this.refuse(node, name, 'has 2^31 elements or more');
    const made: DraftTensor = {
      proven: true,
      order: dims.map((_, axis) => axis),
      ...tensor,
      list,
      index: this.lists[list].length,
      decided: list === LIST.input || list === LIST.output,
    };
    this.lists[list].push(made);
    return made;
  }

  relation(relation: TraceRelation, node: number): number {
    this.nodes.push(node);
    return this.relations.push(relation) - 1;
  }

  /** lo <= tensor <= hi, everywhere. */
  range(tensor: DraftTensor): number {
    const { lo, hi } = tensor.range;
    const form = wholeForm(tensor);
    return this.relation({ kind: 'range', domain: tensor.dims, lo, hi, form }, tensor.node);
  }

  /** Tensors that relations fix, confined to their ranges as well. */
  define(
    tensors: readonly DraftTensor[],
    relations: readonly number[],
    reads: Definition['reads'] = null,
  ): void {
    const ranges = tensors.map((tensor) => this.range(tensor));
    this.definitions.push({ tensors, relations: [...relations, ...ranges], reads });
  }

  tensor(id: TensorId): DraftTensor {
    const known = this.#tensors.get(id);
    if (known !== undefined) return known;
    const { program, ranges } = this;
    const tensor = program.tensors[id];
    const range = ranges[id];
    if (tensor === undefined || range === undefined)
      throw new RangeError(`Draft.tensor: expected a tensor of the program, got ${id}`);
    const { name, node, role, shape: dims } = tensor;
    if (!fitsInt32(range)) this.refuse(node, name, `reaches [${range.lo}, ${range.hi}], not int32`);
    const list = {
      input: LIST.input,
      output: LIST.output,
      witness: LIST.trace,
      model: LIST.constant,
      constant: LIST.constant,
    }[role];
    const origin: Origin = { kind: 'tensor', tensor: id };
    const made = this.add(list, { name, node, dims, range, origin });
    this.#tensors.set(id, made);
    return made;
  }

  /** A Constant of these values; equal ones are one. */
  listed(values: readonly number[], dims: readonly number[], node: number): DraftTensor {
    const key = `${dims.join('x')}:${values.join()}`;
    const known = this.#listed.get(key);
    if (known !== undefined) return known;
    let lo = values[0] ?? 0;
    let hi = lo;
    for (const value of values) {
      lo = Math.min(lo, value);
      hi = Math.max(hi, value);
    }
    const name = dims.length === 0 ? `${values[0] ?? 0}` : `${this.nodeName(node)}/indices`;
    const origin: Origin = { kind: 'listed', values };
    const made = this.add(LIST.constant, { name, node, dims, range: { lo, hi }, origin });
    this.#listed.set(key, made);
    return made;
  }

  one(): DraftTensor {
    return this.listed([1], [], 0);
  }

  box(table: TableId, node: number): TableBox {
    const found = this.program.tables[table];
    if (found === undefined) throw new RangeError(`Draft.box: expected a table, got ${table}`);
    const known = this.#boxes.get(table);
    const box = known === undefined ? tableBox(found) : known;
    this.#boxes.set(table, box);
    return (
      box ?? this.refuse(node, found.name, 'the keys of the table span more than 2^24 positions')
    );
  }

  table(table: TableId, column: number | 'member', node: number): DraftTensor {
    const key = `${table} ${column}`;
    const known = this.#tables.get(key);
    if (known !== undefined) return known;
    const { dims, partial } = this.box(table, node);
    const found = this.program.tables[table];
    const source = column === 'member' ? undefined : found?.columns[column];
    const values = source === undefined ? { lo: 0, hi: 1 } : columnRange(source);
    const range = partial
      ? { lo: Math.min(0, values.lo), hi: Math.max(0, values.hi) }
      : { lo: values.lo, hi: values.hi };
    const name = `${found?.name ?? '?'}/${column}`;
    if (!fitsInt32(range)) this.refuse(node, name, 'is not int32');
    const origin: Origin = { kind: 'table', table, column };
    const made = this.add(LIST.constant, { name, node, dims, range, origin });
    this.#tables.set(key, made);
    return made;
  }

  /** A view of a tensor of the program, factor by factor. */
  view(id: TensorId, view: View, node: number): TraceView {
    const factors = view.map((factor): Factor => {
      if (factor.kind !== 'gather') return factor;
      const table = this.listed(factor.indices, [factor.indices.length], node);
      return { kind: 'gather', axis: factor.axis, table };
    });
    return { tensor: this.tensor(id), factors };
  }
}
