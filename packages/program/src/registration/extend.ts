import { formRange } from '../ranges/form-range.ts';
import type { Interval } from '../ranges/intervals.ts';
import { rangeTable } from '../tables/columns.ts';
import type {
  Form,
  Product,
  Program,
  Range,
  Relation,
  RelationId,
  Step,
  Table,
  TableId,
  Tensor,
  TensorId,
} from '../types.ts';
import { wholeForm } from './forms.ts';

/** How much a program under construction has of everything. */
export interface Mark {
  readonly tensors: number;
  readonly tables: number;
  readonly relations: number;
  readonly steps: number;
}

function truncate<T>(list: T[], length: number): void {
  list.splice(length);
}

/**
 * Relations about the tensors of a model, one after the other: what they look up, the tensors that
 * steps produce, the range that is enforced on each. Can be cut back to an earlier state.
 */
export class Extension {
  /** Node of the original program that additions belong to. */
  node = 0;
  /** The largest table of digits has 2^limbBits rows. */
  readonly limbBits: number;
  readonly #tensors: Tensor[] = [];
  /** Enforced range by tensor; null: nothing bounds it yet. */
  readonly #ranges: (Range | null)[] = [];
  readonly #tables: Table[] = [];
  readonly #relations: Relation[] = [];
  readonly #steps: Step[] = [];
  readonly #tableIds = new Map<string, TableId>();

  constructor(limbBits: number) {
    this.limbBits = limbBits;
  }

  /** A tensor that is there before the first step: its declared range is enforced by what `confine` adds. */
  given(tensor: Tensor): TensorId {
    this.#ranges.push(tensor.range);
    return this.#tensors.push(tensor) - 1;
  }

  witness(name: string, shape: readonly number[]): TensorId {
    const { node } = this;
    this.#ranges.push(null);
    return this.#tensors.push({ name, role: 'witness', shape, range: null, data: null, node }) - 1;
  }

  tensor(id: TensorId): Tensor | null {
    return this.#tensors[id] ?? null;
  }

  shape(id: TensorId): readonly number[] {
    return this.#tensors[id]?.shape ?? [];
  }

  range(id: TensorId): Range | null {
    return this.#ranges[id] ?? null;
  }

  whole(id: TensorId, coefficient = 1): Form {
    return wholeForm(id, this.shape(id), coefficient);
  }

  /** Interval that is enforced on a form. */
  enforced(form: Form, dims: readonly number[]): Interval {
    return formRange(form, dims, this.#tensors, this.#ranges);
  }

  hasTable(name: string): boolean {
    return this.#tableIds.has(name);
  }

  /** Equal names, equal tables. */
  table(table: Table): TableId {
    const known = this.#tableIds.get(table.name);
    if (known !== undefined) return known;
    const id = this.#tables.push(table) - 1;
    this.#tableIds.set(table.name, id);
    return id;
  }

  zero(dims: readonly number[], form: Form, products: readonly Product[] = []): RelationId {
    const { node } = this;
    return this.#relations.push({ kind: 'zero', dims, form, products, declared: null, node }) - 1;
  }

  lookup(dims: readonly number[], table: Table, entries: readonly Form[]): RelationId {
    const { node } = this;
    const id = this.table(table);
    return this.#relations.push({ kind: 'lookup', dims, table: id, entries, node }) - 1;
  }

  /** All elements of the form lie in a range. */
  inRange(dims: readonly number[], form: Form, range: Range): void {
    this.lookup(dims, namedRange(range), [form]);
  }

  /** A tensor produced later than everything its range follows from. */
  bound(id: TensorId, range: Range): void {
    this.#ranges[id] = range;
  }

  step(step: Step): void {
    this.#steps.push(step);
  }

  mark(): Mark {
    return {
      tensors: this.#tensors.length,
      tables: this.#tables.length,
      relations: this.#relations.length,
      steps: this.#steps.length,
    };
  }

  /** Takes back everything added since. */
  restore(mark: Mark): void {
    truncate(this.#tensors, mark.tensors);
    truncate(this.#ranges, mark.tensors);
    truncate(this.#tables, mark.tables);
    truncate(this.#relations, mark.relations);
    truncate(this.#steps, mark.steps);
    for (const [name, id] of this.#tableIds) if (id >= mark.tables) this.#tableIds.delete(name);
  }

  finish(name: string, nodes: Program['nodes']): Program {
    return {
      name,
      tensors: [...this.#tensors],
      tables: [...this.#tables],
      relations: [...this.#relations],
      steps: [...this.#steps],
      inputs: [],
      outputs: [],
      nodes,
    };
  }
}

export function namedRange(range: Range): Table {
  return rangeTable(`${range.lo} to ${range.hi}`, range);
}
