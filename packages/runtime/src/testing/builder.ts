import {
  elementCount,
  type Form,
  identityView,
  LIMITS,
  type Port,
  type Product,
  type Program,
  type ProgramNode,
  type Range,
  type Relation,
  type RelationId,
  rangeTable,
  type Step,
  type Table,
  type TableColumn,
  type TableId,
  type Tensor,
  type TensorId,
  type Term,
  type View,
  type ViewFactor,
} from '@assay/program';

export { identityView };

/** One storage axis at offset + Σ stride·i_axis: `affine(0, [2, 1])` reads it along logical axis 2. */
export function affine(
  offset: number,
  ...strides: readonly (readonly [axis: number, stride: number])[]
): ViewFactor {
  return { kind: 'affine', offset, strides: strides.map(([axis, stride]) => ({ axis, stride })) };
}

/** The storage axis along one logical axis, from its start. */
export function along(axis: number): ViewFactor {
  return affine(0, [axis, 1]);
}

export function gather(axis: number, indices: readonly number[]): ViewFactor {
  return { kind: 'gather', axis, indices };
}

export function reshape(storageAxes: number, axes: readonly number[]): ViewFactor {
  return { kind: 'reshape', storageAxes, axes };
}

export function term(
  tensor: TensorId,
  view: View,
  coefficient = 1,
  sums: readonly number[] = [],
): Term {
  return { tensor, coefficient, view, sums };
}

export function form(terms: readonly Term[], constant = 0): Form {
  return { terms, constant };
}

export function product(
  left: Form,
  right: Form,
  sums: readonly number[] = [],
  coefficient = 1,
): Product {
  return { coefficient, sums, left, right };
}

/** Column of these values: segments of constant slope, or listed if it has too many. */
export function columnOf(values: readonly number[]): TableColumn {
  const segments: { rows: number; start: number; slope: number }[] = [];
  let row = 0;
  while (row < values.length) {
    const start = values[row] as number;
    const slope = (values[row + 1] ?? start) - start;
    let rows = 1;
    while (row + rows < values.length && values[row + rows] === start + slope * rows) rows++;
    segments.push({ rows, start, slope: rows === 1 ? 0 : slope });
    row += rows;
  }
  if (segments.length > LIMITS.segments) return { kind: 'listed', values };
  return { kind: 'segments', segments };
}

/** y = f(x) for every integer x of the range: one key, one value. */
export function functionTable(name: string, range: Range, f: (x: number) => number): Table {
  const rows = range.hi - range.lo + 1;
  const keys = Array.from({ length: rows }, (_, i) => range.lo + i);
  return { name, rows, keys: 1, columns: [columnOf(keys), columnOf(keys.map(f))] };
}

/** Listed rows, the first `keys` columns being the key. */
export function listedTable(
  name: string,
  keys: number,
  rows: readonly (readonly number[])[],
): Table {
  const width = rows[0]?.length ?? 0;
  const columns = Array.from(
    { length: width },
    (_, c): TableColumn => ({ kind: 'listed', values: rows.map((row) => row[c] ?? 0) }),
  );
  return { name, rows: rows.length, keys, columns };
}

export interface RescaleOptions {
  readonly dims: readonly number[];
  readonly form?: Form;
  readonly products?: readonly Product[];
  readonly shift: number;
  /** Interval of form + products. */
  readonly accumulator: Range;
  /** Activation and clamp: hi to output. */
  readonly activation: (hi: number) => number;
  /** Tables of equal names are shared. */
  readonly tableName?: string;
  /** Declare the accumulator's interval, which follows from weights. */
  readonly declared?: Range;
  /** The output tensor; without it a witness of shape dims. */
  readonly output?: TensorId;
}

/** Writes programs by hand. Ids are those of the order of calls; a node stays current until the next one. */
export class ProgramBuilder {
  readonly #name: string;
  readonly #tensors: Tensor[] = [];
  readonly #tables: Table[] = [];
  readonly #relations: Relation[] = [];
  readonly #steps: Step[] = [];
  readonly #inputs: Port[] = [];
  readonly #outputs: Port[] = [];
  readonly #nodes: ProgramNode[] = [];

  constructor(name = 'test') {
    this.#name = name;
  }

  node(name: string, operator = 'Test'): this {
    this.#nodes.push({ name, operator });
    return this;
  }

  addTensor(tensor: Omit<Tensor, 'node'>): TensorId {
    return this.#tensors.push({ ...tensor, node: this.#current() }) - 1;
  }

  /** Input tensor with a port of the same shape. */
  input(name: string, shape: readonly number[], range: Range, scale = 1, zero = 0): TensorId {
    const tensor = this.addTensor({ name, role: 'input', shape, range, data: null });
    this.#inputs.push({ name, tensor, shape, scale, zero, meaning: 'number' });
    return tensor;
  }

  /** Output tensor with a port of the same shape. */
  output(name: string, shape: readonly number[], range: Range, scale = 1, zero = 0): TensorId {
    const tensor = this.addTensor({ name, role: 'output', shape, range, data: null });
    this.#outputs.push({ name, tensor, shape, scale, zero, meaning: 'number' });
    return tensor;
  }

  model(name: string, shape: readonly number[], range: Range): TensorId {
    return this.addTensor({ name, role: 'model', shape, range, data: null });
  }

  witness(name: string, shape: readonly number[]): TensorId {
    return this.addTensor({ name, role: 'witness', shape, range: null, data: null });
  }

  constant(name: string, shape: readonly number[], data: readonly number[]): TensorId {
    const range = { lo: Math.min(...data), hi: Math.max(...data) };
    return this.addTensor({ name, role: 'constant', shape, range, data });
  }

  shape(tensor: TensorId): readonly number[] {
    return this.#tensors[tensor]?.shape ?? [];
  }

  /** coefficient · the whole tensor, over dims equal to its shape. */
  whole(tensor: TensorId, coefficient = 1): Term {
    return term(tensor, identityView(this.shape(tensor)), coefficient);
  }

  wholeForm(tensor: TensorId): Form {
    return form([this.whole(tensor)]);
  }

  /** A table of the same name is taken to be the same. */
  table(table: Table): TableId {
    const known = this.#tables.findIndex(({ name }) => name === table.name);
    return known >= 0 ? known : this.#tables.push(table) - 1;
  }

  zero(
    dims: readonly number[],
    terms: Form,
    products: readonly Product[] = [],
    declared: Range | null = null,
  ): RelationId {
    const node = this.#current();
    return this.#relations.push({ kind: 'zero', dims, form: terms, products, declared, node }) - 1;
  }

  lookup(dims: readonly number[], table: TableId, entries: readonly Form[]): RelationId {
    return (
      this.#relations.push({ kind: 'lookup', dims, table, entries, node: this.#current() }) - 1
    );
  }

  /** All elements of the tensor lie in [lo, hi]. */
  inRange(tensor: TensorId, lo: number, hi: number): RelationId {
    const table = this.table(rangeTable(`range ${lo} ${hi}`, { lo, hi }));
    return this.lookup(this.shape(tensor), table, [this.wholeForm(tensor)]);
  }

  step(step: Step): void {
    this.#steps.push(step);
  }

  digits(
    relation: RelationId,
    outputs: readonly (readonly [tensor: TensorId, low: number])[],
  ): void {
    this.#steps.push({
      kind: 'digits',
      relation,
      outputs: outputs.map(([tensor, low]) => ({ tensor, low })),
    });
  }

  lookupStep(
    relation: RelationId,
    outputs: readonly (readonly [column: number, tensor: TensorId])[],
  ): void {
    this.#steps.push({
      kind: 'lookup',
      relation,
      outputs: outputs.map(([column, tensor]) => ({ column, tensor })),
    });
  }

  divideStep(relation: RelationId, quotient: TensorId, remainder: TensorId): void {
    this.#steps.push({ kind: 'divide', relation, quotient, remainder });
  }

  onehotStep(source: Form, axis: number, output: TensorId): void {
    this.#steps.push({ kind: 'onehot', source, axis, output });
  }

  /** output + rest = 0 for a tensor that the form defines: output = form + products. */
  define(output: TensorId, value: Form, products: readonly Product[] = []): RelationId {
    const terms = [...value.terms, this.whole(output, -1)];
    const relation = this.zero(this.shape(output), form(terms, value.constant), products);
    this.digits(relation, [[output, 0]]);
    return relation;
  }

  /** y = f(x) by one lookup over all of x. */
  apply(x: Form, dims: readonly number[], table: Table, output: TensorId): RelationId {
    const relation = this.lookup(dims, this.table(table), [x, this.wholeForm(output)]);
    this.lookupStep(relation, [[1, output]]);
    return relation;
  }

  /**
   * out = activation(⌊(form + products + 2^(s−1)) / 2^s⌋), by
   *   form + products + 2^(s−1) − 2^s·hi − rem = 0,  rem in [0, 2^s),  (hi, out) in a table of the exact domain of hi.
   */
  rescale(options: RescaleOptions): {
    readonly out: TensorId;
    readonly hi: TensorId;
    readonly rem: TensorId;
  } {
    const { dims, shift, accumulator, activation } = options;
    const name = this.#nodes.at(-1)?.name ?? 'rescale';
    const unit = 2 ** shift;
    const half = shift === 0 ? 0 : unit / 2;
    const hi = this.witness(`${name}.hi`, dims);
    const rem = this.witness(`${name}.rem`, dims);
    const out = options.output ?? this.witness(`${name}.out`, dims);
    const terms = [...(options.form?.terms ?? []), this.whole(hi, -unit), this.whole(rem, -1)];
    const sum = form(terms, (options.form?.constant ?? 0) + half);
    const relation = this.zero(dims, sum, options.products ?? [], options.declared ?? null);
    const domain = {
      lo: Math.floor((accumulator.lo + half) / unit),
      hi: Math.floor((accumulator.hi + half) / unit),
    };
    this.digits(relation, [
      [hi, 0],
      [rem, 0],
    ]);
    this.inRange(rem, 0, unit - 1);
    const tableName = options.tableName ?? `${name} ${domain.lo} ${domain.hi}`;
    this.apply(this.wholeForm(hi), dims, functionTable(tableName, domain, activation), out);
    return { out, hi, rem };
  }

  build(): Program {
    return {
      name: this.#name,
      tensors: this.#tensors,
      tables: this.#tables,
      relations: this.#relations,
      steps: this.#steps,
      inputs: this.#inputs,
      outputs: this.#outputs,
      nodes: this.#nodes,
    };
  }

  #current(): number {
    if (this.#nodes.length === 0) this.node('program', 'Program');
    return this.#nodes.length - 1;
  }
}

/** Clamp of a rectified value: hi to [0, top]. */
export function reluTo(top: number): (x: number) => number {
  return (x) => Math.min(Math.max(x, 0), top);
}

/** Clamp to [lo, hi]. */
export function clampTo(lo: number, hi: number): (x: number) => number {
  return (x) => Math.min(Math.max(x, lo), hi);
}

/** Integers of a source, for filling tensors. */
export type Draw = (lo: number, hi: number) => number;

export function drawTensor(shape: readonly number[], range: Range, draw: Draw): Int32Array {
  return Int32Array.from({ length: elementCount(shape) }, () => draw(range.lo, range.hi));
}

/** Deterministic numbers of a seed (xorshift32). */
export function seededDraw(seed: number): Draw {
  let x = (seed | 0) === 0 ? 1 : seed | 0;
  return (lo, hi) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return lo + ((x >>> 0) % (hi - lo + 1));
  };
}
