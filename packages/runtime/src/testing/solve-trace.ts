import { elementCount } from '@assay/program';
import {
  chunkCount,
  instances,
  leafPosition,
  LIST,
  type TensorRef,
  type TraceForm,
  type TraceProgram,
  type TraceRelation,
  type TraceTrees,
  type TraceView,
  unravel,
  viewPosition,
} from '@assay/program/trace';

/** One element of a Trace or Output tensor, numbered through. */
type Variable = number;

/** constant + Σ coefficient·variable + Σ coefficient·u·v, over the integers. */
interface Polynomial {
  constant: number;
  readonly linear: Map<Variable, number>;
  readonly squares: [Variable, Variable, number][];
}

type Constraint =
  | { readonly kind: 'zero'; readonly value: Polynomial }
  | { readonly kind: 'range'; readonly value: Polynomial; readonly lo: number; readonly hi: number }
  | {
      readonly kind: 'lookup';
      readonly value: Polynomial;
      readonly coordinates: readonly Polynomial[];
      readonly table: TensorRef;
    };

export interface SolveTraceOptions {
  /** Give up after this many guesses. @default 1000000 */
  readonly guesses?: number;
  /** Guesses are made among so many values at most. @default 65536 */
  readonly largestDomain?: number;
}

export interface TraceSolutions {
  /** Elements in which a second solution differs from the honest one; null: there is none. */
  readonly second: readonly string[] | null;
  /** No solution was left out. */
  readonly complete: boolean;
  readonly guesses: number;
}

/**
 * Looks for submissions that no fraud proof refutes: assignments of all Trace and Output elements that violate no
 * instance of any relation of a derived trace, over the integers, for the constants and inputs of a run. What
 * follows is filled in, the rest is guessed in the order of the groups, among the fewest values that ranges and linear
 * relations leave.
 *
 * Cost: quadratic in the elements of a group; for toy sizes.
 */
export function solveTrace(
  trace: TraceProgram,
  honest: TraceTrees,
  options: SolveTraceOptions = {},
): TraceSolutions {
  return new TraceSearch(trace, honest, options).run();
}

class TraceSearch {
  readonly #honest: TraceTrees;
  readonly #most: number;
  readonly #largest: number;
  readonly #first = new Map<string, Variable>();
  readonly #ranges: { readonly lo: number; readonly hi: number }[] = [];
  readonly #names: string[] = [];
  readonly #expected: number[] = [];
  readonly #values: (number | null)[];
  readonly #watching: Constraint[][];
  readonly #constraints: Constraint[] = [];
  readonly #order: readonly (readonly Variable[])[];
  readonly #trail: Variable[] = [];
  #guesses = 0;
  #complete = true;
  #second: string[] | null = null;

  constructor(trace: TraceProgram, honest: TraceTrees, options: SolveTraceOptions) {
    this.#honest = honest;
    this.#most = options.guesses ?? 1_000_000;
    this.#largest = options.largestDomain ?? 65_536;
    for (const list of [LIST.trace, LIST.output] as const) {
      for (const [index, tensor] of trace.lists[list].entries()) {
        this.#first.set(`${list} ${index}`, this.#names.length);
        const values = honest.trees[list][index]?.values ?? [];
        for (let at = 0; at < elementCount(tensor.dims); at++) {
          this.#names.push(`${tensor.name}[${at}]`);
          this.#ranges.push(tensor.range);
          this.#expected.push(values[at] ?? 0);
        }
      }
    }
    this.#values = this.#names.map(() => null);
    this.#watching = this.#names.map(() => []);
    for (const relation of trace.relations)
      for (let element = 0; element < instances(relation); element++)
        this.#add(this.#constraint(relation, element));
    this.#order = trace.groups.map(({ tensors }) =>
      tensors.flatMap(({ list, index, dims }) => {
        const start = this.#first.get(`${list} ${index}`) ?? 0;
        return Array.from({ length: elementCount(dims) }, (_, i) => start + i);
      }),
    );
  }

  run(): TraceSolutions {
    if (this.#propagate([...this.#constraints])) this.#descend();
    return { second: this.#second, complete: this.#complete, guesses: this.#guesses };
  }

  #add(constraint: Constraint): void {
    this.#constraints.push(constraint);
    const all = [constraint.value, ...(constraint.kind === 'lookup' ? constraint.coordinates : [])];
    const read = new Set(
      all.flatMap(({ linear, squares }) => [
        ...linear.keys(),
        ...squares.flatMap(([u, v]) => [u, v]),
      ]),
    );
    for (const variable of read) this.#watching[variable]?.push(constraint);
  }

  /** An element: its variable, or its value. */
  #element({ list, index }: TensorRef, position: number): { variable: number } | { value: number } {
    const start = this.#first.get(`${list} ${index}`);
    return start === undefined
      ? { value: this.#honest.trees[list][index]?.values[position] ?? 0 }
      : { variable: start + position };
  }

  readonly #constant = (tensor: TensorRef, position: number): number =>
    this.#honest.trees[tensor.list][tensor.index]?.values[position] ?? 0;

  #read(view: TraceView, index: readonly number[], dims: readonly number[]) {
    const at = viewPosition(view, index, dims, this.#constant);
    return at < 0 ? { value: 0 } : this.#element(view.tensor, at);
  }

  #addTo(
    sum: Polynomial,
    coefficient: number,
    element: { variable: number } | { value: number },
  ): void {
    if ('value' in element) sum.constant += coefficient * element.value;
    else sum.linear.set(element.variable, (sum.linear.get(element.variable) ?? 0) + coefficient);
  }

  #form(form: TraceForm, index: readonly number[], dims: readonly number[], scale = 1): Polynomial {
    const sum: Polynomial = { constant: scale * form.bias, linear: new Map(), squares: [] };
    for (const { coefficient, view } of form.terms)
      this.#addTo(sum, scale * coefficient, this.#read(view, index, dims));
    return sum;
  }

  #constraint(relation: TraceRelation, element: number): Constraint {
    const { domain } = relation;
    switch (relation.kind) {
      case 'linear':
        return { kind: 'zero', value: this.#form(relation.form, unravel(element, domain), domain) };
      case 'range': {
        const { lo, hi } = relation;
        const value = this.#form(relation.form, unravel(element, domain), domain);
        return { kind: 'range', value, lo, hi };
      }
      case 'lookup': {
        const index = unravel(element, domain);
        const coordinates = relation.coordinates.map((coordinate): Polynomial => {
          if (coordinate.kind === 'keyed') {
            const form = this.#form(coordinate.form, index, domain);
            form.constant -= coordinate.base;
            return form;
          }
          const constant = coordinate.strides.reduce(
            (u, { axis, stride }) => u + stride * (index[axis] ?? 0),
            coordinate.offset,
          );
          return { constant, linear: new Map(), squares: [] };
        });
        const value = this.#form(relation.value, index, domain);
        return { kind: 'lookup', value, coordinates, table: relation.table };
      }
      case 'einsum': {
        const { sum, chunk, x, y, partials, claim } = relation;
        const outputs = elementCount(domain);
        const c = Math.floor(element / outputs);
        const index = unravel(element % outputs, domain);
        const last = c === chunkCount(relation) - 1;
        const scale = last ? relation.scale : 1;
        const value: Polynomial = last
          ? this.#form(claim, index, domain)
          : { constant: 0, linear: new Map(), squares: [] };
        const dims = [...domain, ...sum];
        for (let t = c * chunk; t < Math.min((c + 1) * chunk, elementCount(sum)); t++) {
          const at = [...index, ...unravel(t, sum)];
          const left = this.#read(x, at, dims);
          const right = this.#read(y, at, dims);
          if ('value' in left) this.#addTo(value, scale * left.value, right);
          else if ('value' in right) this.#addTo(value, scale * right.value, left);
          else value.squares.push([left.variable, right.variable, scale]);
        }
        const prefix = (i: number) =>
          partials === null
            ? { value: 0 }
            : this.#element(partials, leafPosition(partials, [i, ...index]));
        if (c > 0) this.#addTo(value, scale, prefix(c - 1));
        if (!last) this.#addTo(value, -1, prefix(c));
        return { kind: 'zero', value };
      }
    }
  }

  /** Constant, and what is open; null: a product of two that are. */
  #open({ constant, linear, squares }: Polynomial): {
    constant: number;
    terms: Map<Variable, number>;
  } | null {
    let known = constant;
    const terms = new Map<Variable, number>();
    const add = (v: Variable, c: number): void => {
      terms.set(v, (terms.get(v) ?? 0) + c);
    };
    for (const [v, c] of linear) {
      const value = this.#values[v] ?? null;
      if (value === null) add(v, c);
      else known += c * value;
    }
    for (const [u, v, c] of squares) {
      const x = this.#values[u] ?? null;
      const y = this.#values[v] ?? null;
      if (x !== null && y !== null) known += c * x * y;
      else if (x !== null) add(v, c * x);
      else if (y !== null) add(u, c * y);
      else return null;
    }
    for (const [v, c] of terms) if (c === 0) terms.delete(v);
    if (!Number.isSafeInteger(known)) throw new RangeError('solveTrace: expected small numbers');
    return { constant: known, terms };
  }

  /** False: a contradiction. */
  #set(variable: Variable, value: number): boolean {
    const range = this.#ranges[variable];
    if (range === undefined || !Number.isInteger(value)) return false;
    if (value < range.lo || value > range.hi) return false;
    this.#values[variable] = value;
    this.#trail.push(variable);
    return true;
  }

  #propagate(queue: Constraint[]): boolean {
    for (let constraint = queue.pop(); constraint !== undefined; constraint = queue.pop()) {
      const open = this.#open(constraint.value);
      if (open === null) continue;
      let target = 0;
      if (constraint.kind === 'range') {
        const { lo, hi } = constraint;
        if (open.terms.size === 0 && (open.constant < lo || open.constant > hi)) return false;
        continue;
      }
      if (constraint.kind === 'lookup') {
        const key: number[] = [];
        for (const [axis, coordinate] of constraint.coordinates.entries()) {
          const at = this.#open(coordinate);
          if (at === null || at.terms.size > 0) break;
          if (at.constant < 0 || at.constant >= (constraint.table.dims[axis] ?? 0)) return false;
          key.push(at.constant);
        }
        if (key.length < constraint.coordinates.length) continue;
        target = this.#constant(constraint.table, leafPosition(constraint.table, key));
      }
      const [only] = open.terms;
      if (only === undefined) {
        if (open.constant !== target) return false;
        continue;
      }
      if (open.terms.size > 1) continue;
      const [variable, coefficient] = only;
      if (!this.#set(variable, (target - open.constant) / coefficient)) return false;
      queue.push(...(this.#watching[variable] ?? []));
    }
    return true;
  }

  /** What ranges and linear constraints leave to an open variable. */
  #domain(variable: Variable): { readonly lo: number; readonly hi: number } {
    let { lo, hi } = this.#ranges[variable] ?? { lo: 0, hi: 0 };
    for (const constraint of this.#watching[variable] ?? []) {
      if (constraint.kind !== 'zero') continue;
      const open = this.#open(constraint.value);
      const own = open?.terms.get(variable);
      if (open === null || own === undefined) continue;
      let least = open.constant;
      let most = open.constant;
      for (const [other, c] of open.terms) {
        const range = this.#ranges[other];
        if (other === variable || range === undefined) continue;
        least += Math.min(c * range.lo, c * range.hi);
        most += Math.max(c * range.lo, c * range.hi);
      }
      const ends = [-least / own, -most / own];
      lo = Math.max(lo, Math.ceil(Math.min(...ends)));
      hi = Math.min(hi, Math.floor(Math.max(...ends)));
    }
    return { lo, hi };
  }

  /** The variable with the fewest values in the first group with an open one. */
  #choose(): { readonly variable: Variable; readonly lo: number; readonly hi: number } | null {
    for (const group of this.#order) {
      let best: { variable: Variable; lo: number; hi: number } | null = null;
      for (const variable of group) {
        if (this.#values[variable] !== null) continue;
        const { lo, hi } = this.#domain(variable);
        if (best === null || hi - lo < best.hi - best.lo) best = { variable, lo, hi };
        if (hi <= lo) break;
      }
      if (best !== null) return best;
    }
    return null;
  }

  #descend(): void {
    const choice = this.#choose();
    if (choice === null) {
      const others = this.#names.filter((_, v) => this.#values[v] !== this.#expected[v]);
      if (others.length > 0) this.#second ??= others;
      return;
    }
    const { variable, lo, hi } = choice;
    if (hi - lo >= this.#largest) {
      this.#complete = false;
      return;
    }
    for (let value = lo; value <= hi; value++) {
      if (this.#second !== null) return;
      if (this.#guesses >= this.#most) {
        this.#complete = false;
        return;
      }
      this.#guesses += 1;
      const mark = this.#trail.length;
      if (this.#set(variable, value) && this.#propagate([...(this.#watching[variable] ?? [])]))
        this.#descend();
      while (this.#trail.length > mark) this.#values[this.#trail.pop() ?? 0] = null;
    }
  }
}
