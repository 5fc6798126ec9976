import { addF, invF, mulF, P, subF, toF } from '@assay/core/field';
import {
  elementCount,
  type Program,
  type TensorId,
  type Trace,
  type Weights,
} from '@assay/program';
import { initialValues } from '../initial-values.ts';
import { executeReference } from '../reference/execute.ts';
import { type Constraint, constraintsOf, type Linear, type Variable } from './constraints.ts';

export interface ExhaustiveOptions {
  /** Stop after this many solutions. @default 2 */
  readonly limit?: number;
  /** Give up after this many guesses. @default 1000000 */
  readonly guesses?: number;
}

export interface ExhaustiveResult {
  /** Traces that satisfy every relation mod p, outputs in their declared ranges; values in (−p/2, p/2). */
  readonly solutions: readonly Trace[];
  /** No solution was left out. */
  readonly complete: boolean;
  /** Elements to which some solution gives no value, because nothing says what they may be: shown as 0 there. */
  readonly undetermined: readonly { readonly tensor: TensorId; readonly index: number }[];
  readonly guesses: number;
}

const FREE = -1;
/** Guesses are made only among this many values. */
const LARGEST_DOMAIN = 2 ** 21;

/** constant and open terms of a linear form, given the values found. */
interface Open {
  readonly constant: number;
  readonly terms: ReadonlyMap<Variable, number>;
}

class Search {
  readonly values: Int32Array;
  readonly #constraints: readonly Constraint[];
  readonly #watching: readonly (readonly Constraint[])[];
  readonly #trail: Variable[] = [];

  constructor(constraints: readonly Constraint[], variables: number) {
    this.values = new Int32Array(variables).fill(FREE);
    this.#constraints = constraints;
    const watching = Array.from({ length: variables }, () => new Set<Constraint>());
    for (const constraint of constraints) {
      const linears = constraint.kind === 'zero' ? [constraint.linear] : constraint.entries;
      for (const { terms } of linears) for (const [v] of terms) watching[v]?.add(constraint);
      if (constraint.kind === 'zero') {
        for (const [u, v] of constraint.squares) {
          watching[u]?.add(constraint);
          watching[v]?.add(constraint);
        }
      }
    }
    this.#watching = watching.map((set) => [...set]);
  }

  get mark(): number {
    return this.#trail.length;
  }

  undo(mark: number): void {
    while (this.#trail.length > mark) this.values[this.#trail.pop() ?? 0] = FREE;
  }

  /** Everything that follows without guessing. False: a contradiction. */
  start(): boolean {
    return this.#propagate([...this.#constraints]);
  }

  assign(variable: Variable, value: number): boolean {
    this.values[variable] = value;
    this.#trail.push(variable);
    return this.#propagate([...(this.#watching[variable] ?? [])]);
  }

  #open({ constant, terms }: Linear): Open {
    let sum = constant;
    const open = new Map<Variable, number>();
    for (const [v, c] of terms) {
      const value = this.values[v] as number;
      if (value === FREE) open.set(v, addF(open.get(v) ?? 0, c));
      else sum = addF(sum, mulF(c, value));
    }
    return { constant: sum, terms: open };
  }

  /** The one variable that is open, with the value that makes the form `target`; null if it is not one. */
  #solve({ constant, terms }: Open, target: number): readonly [Variable, number] | null {
    const rest = [...terms].filter(([, c]) => c !== 0);
    const [only] = rest;
    if (only === undefined || rest.length !== 1) return null;
    return [only[0], mulF(subF(target, constant), invF(only[1]))];
  }

  #propagate(queue: Constraint[]): boolean {
    for (let constraint = queue.pop(); constraint !== undefined; constraint = queue.pop()) {
      const found = constraint.kind === 'zero' ? this.#zero(constraint) : this.#lookup(constraint);
      if (found === null) return false;
      for (const [variable, value] of found) {
        const known = this.values[variable] as number;
        if (known === value) continue;
        if (known !== FREE) return false;
        this.values[variable] = value;
        this.#trail.push(variable);
        queue.push(...(this.#watching[variable] ?? []));
      }
    }
    return true;
  }

  /** What a zero constraint says about its last open variable; null: it cannot hold. */
  #zero(constraint: Extract<Constraint, { kind: 'zero' }>): (readonly [Variable, number])[] | null {
    const open = this.#open(constraint.linear);
    let { constant } = open;
    const terms = new Map(open.terms);
    for (const [u, v, c] of constraint.squares) {
      const x = this.values[u] as number;
      const y = this.values[v] as number;
      if (x !== FREE && y !== FREE) constant = addF(constant, mulF(c, mulF(x, y)));
      else if (x !== FREE) terms.set(v, addF(terms.get(v) ?? 0, mulF(c, x)));
      else if (y !== FREE) terms.set(u, addF(terms.get(u) ?? 0, mulF(c, y)));
      else return [];
    }
    const solved = this.#solve({ constant, terms }, 0);
    if (solved !== null) return [solved];
    const settled = [...terms.values()].every((c) => c === 0);
    return settled && constant !== 0 ? null : [];
  }

  /** Rows that agree with what is known, and the entries in which just one variable is open. */
  #candidates(constraint: Extract<Constraint, { kind: 'lookup' }>) {
    const open = constraint.entries.map((entry) => this.#open(entry));
    const known = open.flatMap(({ terms }, column) =>
      [...terms.values()].every((c) => c === 0) ? [column] : [],
    );
    const rows = constraint.rows.matching(
      known,
      known.map((column) => open[column]?.constant ?? 0),
    );
    return { open, rows };
  }

  /** What a lookup says when only one row is left; null: no row is. */
  #lookup(
    constraint: Extract<Constraint, { kind: 'lookup' }>,
  ): (readonly [Variable, number])[] | null {
    const { open, rows } = this.#candidates(constraint);
    const [row] = rows;
    if (row === undefined) return null;
    if (rows.length > 1) return [];
    return open.flatMap((entry, column) => {
      const solved = this.#solve(entry, constraint.rows.columns[column]?.[row] ?? 0);
      return solved === null ? [] : [solved];
    });
  }

  /** Values that lookups leave to an open variable; null if no lookup bounds it. */
  domain(variable: Variable): ReadonlySet<number> | null {
    let best: { readonly values: () => Set<number>; readonly size: number } | null = null;
    for (const constraint of this.#watching[variable] ?? []) {
      if (constraint.kind !== 'lookup') continue;
      const { open, rows } = this.#candidates(constraint);
      for (const [column, entry] of open.entries()) {
        if (this.#solve(entry, 0)?.[0] !== variable || rows.length > LARGEST_DOMAIN) continue;
        if (best !== null && best.size <= rows.length) continue;
        const values = (): Set<number> =>
          new Set(
            rows.map(
              (row) => this.#solve(entry, constraint.rows.columns[column]?.[row] ?? 0)?.[1] ?? 0,
            ),
          );
        best = { values, size: rows.length };
      }
    }
    return best?.values() ?? null;
  }
}

/** Variables in the order in which an executor would find them. */
function stepOrder(program: Program, first: ReadonlyMap<TensorId, Variable>): Variable[][] {
  const groups = program.steps.map((step): readonly TensorId[] => {
    switch (step.kind) {
      case 'digits':
      case 'lookup':
        return step.outputs.map(({ tensor }) => tensor);
      case 'divide':
        return [step.quotient, step.remainder];
      case 'onehot':
        return [step.output];
    }
  });
  return groups.map((tensors) =>
    tensors.flatMap((id) => {
      const start = first.get(id) ?? 0;
      return Array.from(
        { length: elementCount(program.tensors[id]?.shape ?? []) },
        (_, i) => start + i,
      );
    }),
  );
}

function intersection(
  a: ReadonlySet<number> | null,
  range: { lo: number; hi: number } | null,
): number[] | null {
  if (range === null) return a === null ? null : [...a];
  const size = range.hi - range.lo;
  const inside = (v: number): boolean => subF(v, toF(range.lo)) <= size;
  if (a !== null) return [...a].filter(inside);
  if (size >= LARGEST_DOMAIN) return null;
  return Array.from({ length: size + 1 }, (_, i) => toF(range.lo + i));
}

/**
 * All assignments of witness and output tensors that satisfy every relation mod p for given inputs and weights, with
 * outputs in their declared ranges: whatever a prover could commit to. Finds what follows from what is known
 * and guesses the rest, in the order of the program's steps, among the values that lookups allow.
 *
 * Cost: about Σ over elements of the sizes of their tables, if definition groups are unique; for toy sizes.
 */
export function solveRelations(
  program: Program,
  weights: Weights,
  inputs: ReadonlyMap<TensorId, Int32Array>,
  options: ExhaustiveOptions = {},
): ExhaustiveResult {
  const { limit = 2, guesses: most = 1_000_000 } = options;
  const given = initialValues(program, weights, inputs);
  const { first, variables, constraints } = constraintsOf(program, given);
  const search = new Search(constraints, variables);
  const order = stepOrder(program, first);
  const ranges = new Map<Variable, { lo: number; hi: number }>();
  const owners: { readonly tensor: TensorId; readonly index: number }[] = [];
  for (const [tensor, start] of first) {
    const { shape, range } = program.tensors[tensor] ?? { shape: [], range: null };
    for (let index = 0; index < elementCount(shape); index++) {
      owners[start + index] = { tensor, index };
      if (range !== null) ranges.set(start + index, range);
    }
  }
  const solutions: Trace[] = [];
  const undetermined = new Set<Variable>();
  let guesses = 0;
  let complete = true;

  const record = (): void => {
    const trace = new Map(given);
    for (const [tensor, start] of first) {
      const size = elementCount(program.tensors[tensor]?.shape ?? []);
      trace.set(
        tensor,
        search.values
          .slice(start, start + size)
          .map((v) => (v === FREE ? 0 : v > P / 2 ? v - P : v)),
      );
    }
    search.values.forEach((v, variable) => {
      if (v === FREE) undetermined.add(variable);
    });
    solutions.push(trace);
  };
  /** Outputs that are known lie in their ranges. */
  const admissible = (): boolean =>
    [...ranges].every(([variable, range]) => {
      const v = search.values[variable] as number;
      return v === FREE || subF(v, toF(range.lo)) <= range.hi - range.lo;
    });
  /** The earliest group with an open variable of few values, and that of the fewest. */
  const choose = (): readonly [Variable, readonly number[]] | null => {
    for (const group of order) {
      let best: readonly [Variable, readonly number[]] | null = null;
      for (const variable of group) {
        if (search.values[variable] !== FREE) continue;
        const values = intersection(search.domain(variable), ranges.get(variable) ?? null);
        if (values !== null && (best === null || values.length < best[1].length))
          best = [variable, values];
        if (values !== null && values.length <= 2) break;
      }
      if (best !== null) return best;
    }
    return null;
  };
  const descend = (): void => {
    if (!admissible()) return;
    const choice = choose();
    if (choice === null) {
      record();
      return;
    }
    const [variable, values] = choice;
    for (const value of values) {
      if (solutions.length >= limit || guesses >= most) {
        complete = false;
        return;
      }
      guesses++;
      const mark = search.mark;
      if (search.assign(variable, value)) descend();
      search.undo(mark);
    }
  };
  if (search.start()) descend();
  const free = [...undetermined].flatMap((variable) => owners[variable] ?? []);
  return { solutions, complete, undetermined: free, guesses };
}

/**
 * Whether the honest trace is the only solution: null if it is, else one sentence saying what is wrong.
 */
export function whyNotUnique(
  program: Program,
  weights: Weights,
  inputs: ReadonlyMap<TensorId, Int32Array>,
  options: ExhaustiveOptions = {},
): string | null {
  const name = (tensor: TensorId): string => program.tensors[tensor]?.name ?? String(tensor);
  const honest = executeReference(program, weights, inputs);
  const { solutions, complete, undetermined, guesses } = solveRelations(
    program,
    weights,
    inputs,
    options,
  );
  const [free] = undetermined;
  if (free !== undefined) return `nothing determines ${name(free.tensor)}[${free.index}]`;
  for (const solution of solutions) {
    for (const [tensor, values] of honest) {
      const at = values.findIndex((value, i) => toF(value) !== toF(solution.get(tensor)?.[i] ?? 0));
      if (at < 0) continue;
      return `another solution has ${name(tensor)}[${at}] = ${solution.get(tensor)?.[at]}, the honest one ${values[at]}`;
    }
  }
  if (solutions.length === 0)
    return complete ? 'there is no solution' : `no solution after ${guesses} guesses`;
  return complete ? null : `gave up after ${guesses} guesses`;
}
