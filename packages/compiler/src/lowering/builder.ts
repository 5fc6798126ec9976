import {
  elementCount,
  formRange,
  identityView,
  powerRange,
  type Form,
  type Port,
  type Product,
  type Program,
  type ProgramNode,
  type Range,
  type Relation,
  type RelationId,
  type Step,
  type TableId,
  type Tensor,
  type TensorId,
  type TensorRole,
  type Term,
} from '@assay/program';
import { P } from '@assay/core/field';
import { TableRegistry } from './tables.ts';
import { LoweringError } from './errors.ts';

/** What one node has added to the program so far: the report's lines. */
export interface NodeCost {
  committed: number;
  relations: number;
  lookups: number;
}

/** The form that is one whole tensor as it is stored. */
export const whole = (tensor: TensorId, shape: readonly number[], coefficient = 1): Form => ({
  terms: [term(tensor, shape, coefficient)],
  constant: 0,
});

export const term = (tensor: TensorId, shape: readonly number[], coefficient = 1): Term => ({
  tensor,
  coefficient,
  view: identityView(shape),
  sums: [],
});

/** a + factor · b. */
export const addForms = (a: Form, b: Form, factor = 1): Form => ({
  terms: [...a.terms, ...b.terms.map((t) => ({ ...t, coefficient: t.coefficient * factor }))],
  constant: a.constant + factor * b.constant,
});

export const scaleForm = (form: Form, factor: number): Form =>
  addForms({ terms: [], constant: 0 }, form, factor);

export const constantForm = (constant: number): Form => ({ terms: [], constant });

/**
 * Grows a program: tensors, relations, steps, tables, and the range that relations enforce on each
 * tensor as soon as it is known. All additions belong to the node set by `within`.
 */
export class ProgramBuilder {
  readonly tensors: Tensor[] = [];
  readonly tables: TableRegistry = new TableRegistry();
  readonly weights: Map<TensorId, Int32Array> = new Map();
  readonly costs: NodeCost[] = [];
  /**
   * Weights are to stay private: what is declared of them are powers of two, and what tables are cut at is rounded
   * to so many numbers between these. Null: they are public.
   */
  readonly privateSteps: number | null;
  private readonly name: string;
  private readonly relations: Relation[] = [];
  private readonly steps: Step[] = [];
  private readonly nodes: ProgramNode[] = [];
  private readonly inputs: Port[] = [];
  private readonly outputs: Port[] = [];
  /** Enforced range by tensor; null while nothing bounds a witness tensor. */
  private readonly ranges: (Range | null)[] = [];
  private readonly constants: Map<string, TensorId> = new Map();
  private current = -1;

  constructor(name: string, privateSteps: number | null = null) {
    this.name = name;
    this.privateSteps = privateSteps;
  }

  get isPrivate(): boolean {
    return this.privateSteps !== null;
  }

  /** The node that additions belong to. */
  get node(): number {
    return this.current;
  }

  private get label(): string {
    return this.nodes[this.current]?.name ?? '';
  }

  get cost(): NodeCost {
    const cost = this.costs[this.current];
    if (cost === undefined) throw new TypeError('ProgramBuilder: expected additions within a node');
    return cost;
  }

  addNode(node: ProgramNode): number {
    this.nodes.push(node);
    this.costs.push({ committed: 0, relations: 0, lookups: 0 });
    return this.nodes.length - 1;
  }

  /** Runs `add` with its additions belonging to a node. */
  within<T>(node: number, add: () => T): T {
    const outer = this.current;
    this.current = node;
    try {
      return add();
    } finally {
      this.current = outer;
    }
  }

  private add(tensor: Tensor, range: Range | null): TensorId {
    this.tensors.push(tensor);
    this.ranges.push(range);
    return this.tensors.length - 1;
  }

  /** A tensor that steps produce. A witness gets its range from lookups (`lookup`) or definitions (`define`). */
  value(what: string, shape: readonly number[], output: Range | null = null): TensorId {
    const role: TensorRole = output === null ? 'witness' : 'output';
    if (output === null) this.cost.committed += elementCount(shape);
    return this.add(
      { name: `${this.label}/${what}`, role, shape, range: output, data: null, node: this.node },
      output,
    );
  }

  input(name: string, shape: readonly number[], range: Range): TensorId {
    return this.add({ name, role: 'input', shape, range, data: null, node: this.node }, range);
  }

  /** The range that a model tensor of these values declares. */
  modelRange(data: Int32Array): Range {
    const range = powerRange(data);
    const negative = this.isPrivate || data.some((v) => v < 0);
    return negative ? range : { lo: 0, hi: range.hi };
  }

  /** A committed model tensor; its declared range is the next power of two, so that it tells little about the weights. */
  model(what: string, shape: readonly number[], data: Int32Array): TensorId {
    const range = this.modelRange(data);
    const id = this.add(
      { name: `${this.label}/${what}`, role: 'model', shape, range, data: null, node: this.node },
      range,
    );
    this.weights.set(id, data);
    return id;
  }

  /** Values that stand in the program itself; equal ones are shared. */
  constant(what: string, shape: readonly number[], data: readonly number[]): TensorId {
    const key = `${shape.join('x')}:${data.join(',')}`;
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    const range = {
      lo: data.reduce((a, b) => Math.min(a, b), Infinity),
      hi: data.reduce((a, b) => Math.max(a, b), -Infinity),
    };
    const id = this.add(
      { name: `${this.label}/${what}`, role: 'constant', shape, range, data, node: this.node },
      range,
    );
    this.constants.set(key, id);
    return id;
  }

  /** A constant tensor of ones, for constants that are not everywhere. */
  indicator(shape: readonly number[]): TensorId {
    return this.constant('ones', shape, new Array<number>(elementCount(shape)).fill(1));
  }

  /** Interval that the program enforces on a form, given everything added so far. */
  enforced(form: Form, dims: readonly number[]): Range {
    const range = formRange(form, dims, this.tensors, this.ranges);
    if (range === null) {
      throw new LoweringError('unbounded', 'no range is enforced on an operand');
    }
    return range;
  }

  enforcedProduct(product: Product, dims: readonly number[]): Range {
    const axes = [...dims, ...product.sums];
    const l = this.enforced(product.left, axes);
    const r = this.enforced(product.right, axes);
    const n = product.coefficient * elementCount(product.sums);
    const corners = [l.lo * r.lo, l.lo * r.hi, l.hi * r.lo, l.hi * r.hi].map((c) => c * n);
    return { lo: Math.min(...corners), hi: Math.max(...corners) };
  }

  /** Bounds a witness tensor that a relation defines with coefficient ±1. */
  define(tensor: TensorId, range: Range): void {
    if (!(range.lo > -P && range.hi < P)) {
      throw new LoweringError(
        'unbounded',
        `values reach [${range.lo}, ${range.hi}], outside the field's (-p, p)`,
      );
    }
    this.ranges[tensor] ??= range;
  }

  zero(
    dims: readonly number[],
    form: Form,
    products: readonly Product[] = [],
    declared: Range | null = null,
  ): RelationId {
    this.cost.relations += 1;
    this.relations.push({
      kind: 'zero',
      dims,
      form: this.merge(form),
      products,
      declared,
      node: this.node,
    });
    return this.relations.length - 1;
  }

  /** Terms that differ in the coefficient alone become one. */
  private merge(form: Form): Form {
    const byView = new Map<string, Term>();
    for (const t of form.terms) {
      const key = JSON.stringify([t.tensor, t.view, t.sums]);
      const known = byView.get(key);
      byView.set(
        key,
        known === undefined ? t : { ...t, coefficient: known.coefficient + t.coefficient },
      );
    }
    return {
      terms: [...byView.values()].filter((t) => t.coefficient !== 0),
      constant: form.constant,
    };
  }

  /**
   * (entries) ∈ table at every index of dims. `whole` names the tensors that are an entry by themselves:
   * the table's column bounds them.
   */
  lookup(
    dims: readonly number[],
    table: TableId,
    entries: readonly Form[],
    bounds: readonly { readonly tensor: TensorId; readonly range: Range }[],
  ): RelationId {
    this.cost.relations += 1;
    this.cost.lookups += elementCount(dims);
    for (const { tensor, range } of bounds) {
      const known = this.ranges[tensor];
      this.ranges[tensor] =
        known === null || known === undefined
          ? range
          : { lo: Math.max(known.lo, range.lo), hi: Math.min(known.hi, range.hi) };
    }
    this.relations.push({
      kind: 'lookup',
      dims,
      table,
      entries: entries.map((e) => this.merge(e)),
      node: this.node,
    });
    return this.relations.length - 1;
  }

  step(step: Step): void {
    this.steps.push(step);
  }

  port(kind: 'input' | 'output', port: Port): void {
    (kind === 'input' ? this.inputs : this.outputs).push(port);
  }

  build(): Program {
    return {
      name: this.name,
      tensors: this.tensors,
      tables: this.tables.build(),
      relations: this.relations,
      steps: this.steps,
      inputs: this.inputs,
      outputs: this.outputs,
      nodes: this.nodes,
    };
  }
}
