import { addF, mulF, toF } from '@assay/core/field';
import {
  columnValues,
  elementCount,
  type Form,
  type Product,
  type Program,
  type Table,
  type TensorId,
  viewIndexer,
} from '@assay/program';
import { indices } from '../reference/evaluate.ts';

/** One element of a witness or output tensor, numbered through. */
export type Variable = number;

/** constant + Σ coefficient·variable mod p. */
export interface Linear {
  readonly constant: number;
  readonly terms: readonly (readonly [Variable, number])[];
}

/** A relation at one index, in the unknown elements. */
export type Constraint =
  /** linear + Σ coefficient·u·v = 0. */
  | {
      readonly kind: 'zero';
      readonly linear: Linear;
      readonly squares: readonly (readonly [Variable, Variable, number])[];
    }
  | { readonly kind: 'lookup'; readonly entries: readonly Linear[]; readonly rows: TableRows };

/** Rows of a table mod p, found by any of their columns. */
export class TableRows {
  readonly columns: readonly (readonly number[])[];
  readonly #all: readonly number[];
  readonly #found = new Map<string, Map<string, number[]>>();

  constructor(table: Table) {
    this.columns = table.columns.map((column) => Array.from(columnValues(column), toF));
    this.#all = Array.from({ length: table.rows }, (_, row) => row);
  }

  /** Rows that have these values in these columns. */
  matching(columns: readonly number[], values: readonly number[]): readonly number[] {
    if (columns.length === 0) return this.#all;
    const which = columns.join();
    let index = this.#found.get(which);
    if (index === undefined) {
      index = new Map();
      for (const row of this.#all) {
        const key = columns.map((c) => this.columns[c]?.[row]).join();
        const rows = index.get(key);
        if (rows === undefined) index.set(key, [row]);
        else rows.push(row);
      }
      this.#found.set(which, index);
    }
    return index.get(values.join()) ?? [];
  }
}

export interface ConstraintSystem {
  /** First variable of each witness and output tensor. */
  readonly first: ReadonlyMap<TensorId, Variable>;
  readonly variables: number;
  readonly constraints: readonly Constraint[];
}

/** Writes out every relation at every index. */
export function constraintsOf(
  program: Program,
  given: ReadonlyMap<TensorId, Int32Array>,
): ConstraintSystem {
  const first = new Map<TensorId, Variable>();
  let variables = 0;
  program.tensors.forEach((tensor, id) => {
    if (tensor.role !== 'witness' && tensor.role !== 'output') return;
    first.set(id, variables);
    variables += elementCount(tensor.shape);
  });

  const linearAt = (form: Form, dims: readonly number[], index: readonly number[]): Linear => {
    let constant = toF(form.constant);
    const terms = new Map<Variable, number>();
    for (const term of form.terms) {
      const shape = program.tensors[term.tensor]?.shape ?? [];
      const position = viewIndexer(term.view, shape, [...dims, ...term.sums]);
      const coefficient = toF(term.coefficient);
      for (const extra of indices(term.sums)) {
        const at = position([...index, ...extra]);
        if (at < 0) continue;
        const start = first.get(term.tensor);
        if (start === undefined) {
          const value = given.get(term.tensor)?.[at] ?? 0;
          constant = addF(constant, mulF(coefficient, toF(value)));
        } else terms.set(start + at, addF(terms.get(start + at) ?? 0, coefficient));
      }
    }
    return { constant, terms: [...terms].filter(([, c]) => c !== 0) };
  };

  const productAt = (product: Product, dims: readonly number[], index: readonly number[]) => {
    const axes = [...dims, ...product.sums];
    const coefficient = toF(product.coefficient);
    let constant = 0;
    const linear: [Variable, number][] = [];
    const squares: [Variable, Variable, number][] = [];
    for (const extra of indices(product.sums)) {
      const left = linearAt(product.left, axes, [...index, ...extra]);
      const right = linearAt(product.right, axes, [...index, ...extra]);
      constant = addF(constant, mulF(coefficient, mulF(left.constant, right.constant)));
      for (const [u, c] of left.terms) linear.push([u, mulF(coefficient, mulF(c, right.constant))]);
      for (const [v, c] of right.terms) linear.push([v, mulF(coefficient, mulF(c, left.constant))]);
      for (const [u, c] of left.terms) {
        for (const [v, d] of right.terms) squares.push([u, v, mulF(coefficient, mulF(c, d))]);
      }
    }
    return { constant, linear, squares };
  };

  const tables = program.tables.map((table) => new TableRows(table));
  const constraints: Constraint[] = [];
  for (const relation of program.relations) {
    for (const index of indices(relation.dims)) {
      if (relation.kind === 'lookup') {
        const rows = tables[relation.table];
        if (rows === undefined) throw new RangeError('constraintsOf: expected a known table');
        const entries = relation.entries.map((entry) => linearAt(entry, relation.dims, index));
        constraints.push({ kind: 'lookup', entries, rows });
        continue;
      }
      const form = linearAt(relation.form, relation.dims, index);
      const products = relation.products.map((product) => productAt(product, relation.dims, index));
      constraints.push({
        kind: 'zero',
        linear: {
          constant: products.reduce((sum, { constant }) => addF(sum, constant), form.constant),
          terms: [...form.terms, ...products.flatMap(({ linear }) => linear)],
        },
        squares: products.flatMap(({ squares }) => squares),
      });
    }
  }
  return { first, variables, constraints };
}
