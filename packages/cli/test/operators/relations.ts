import { addF, invF, mulF, P, subF, toF } from '@assay/core/field';
import { elementCount, type Program, type TensorId, type Trace } from '@assay/program';
import { type Constraint, constraintsOf, type Variable } from '@assay/runtime/testing';

type Zero = Extract<Constraint, { kind: 'zero' }>;
type Lookup = Extract<Constraint, { kind: 'lookup' }>;

/** Elements with new values, in (−p/2, p/2). */
export type Changes = ReadonlyMap<Variable, number>;

/** The integer in (−p/2, p/2) of a residue. */
export const centered = (residue: number): number => (residue > P / 2 ? residue - P : residue);

/**
 * All relations of a program, index by index, mod p as a proof sees them, around one trace that satisfies them: tells at
 * once what a few changed elements break.
 */
export class RelationSystem {
  readonly program: Program;
  readonly #first: ReadonlyMap<TensorId, Variable>;
  readonly #honest: Int32Array;
  readonly #touching: readonly (readonly Constraint[])[];
  readonly #owners: readonly { readonly tensor: TensorId; readonly index: number }[];

  constructor(program: Program, trace: Trace) {
    this.program = program;
    const { first, variables, constraints } = constraintsOf(program, trace);
    this.#first = first;
    this.#honest = new Int32Array(variables);
    const owners: { tensor: TensorId; index: number }[] = [];
    for (const [tensor, start] of first) {
      const values = trace.get(tensor) ?? new Int32Array();
      values.forEach((value, index) => {
        this.#honest[start + index] = toF(value);
        owners[start + index] = { tensor, index };
      });
    }
    this.#owners = owners;
    const touching = Array.from({ length: variables }, () => new Set<Constraint>());
    for (const constraint of constraints)
      for (const v of variablesOf(constraint)) touching[v]?.add(constraint);
    this.#touching = touching.map((set) => [...set]);
    const broken = constraints.filter((constraint) => !this.#holds(constraint, new Map()));
    if (broken.length > 0) throw new RangeError('RelationSystem: expected an honest trace');
  }

  variable(tensor: TensorId, index: number): Variable {
    return (this.#first.get(tensor) ?? Number.NaN) + index;
  }

  owner(variable: Variable): { readonly tensor: TensorId; readonly index: number } {
    return this.#owners[variable] ?? { tensor: -1, index: -1 };
  }

  value(variable: Variable): number {
    return centered(this.#honest[variable] ?? 0);
  }

  /** What distinguishes another trace from this one. */
  changes(trace: Trace): Map<Variable, number> {
    const changes = new Map<Variable, number>();
    for (const [tensor, start] of this.#first) {
      trace.get(tensor)?.forEach((value, index) => {
        if (toF(value) !== this.#honest[start + index]) changes.set(start + index, value);
      });
    }
    return changes;
  }

  /** The trace with these changes. */
  changed(trace: Trace, changes: Changes): Map<TensorId, Int32Array> {
    const result = new Map(trace);
    for (const [variable, value] of changes) {
      const { tensor, index } = this.owner(variable);
      result.set(tensor, (result.get(tensor) ?? new Int32Array()).with(index, value));
    }
    return result;
  }

  zerosAt(variable: Variable): readonly Zero[] {
    return (this.#touching[variable] ?? []).filter((c) => c.kind === 'zero');
  }

  lookupsAt(variable: Variable): readonly Lookup[] {
    return (this.#touching[variable] ?? []).filter((c) => c.kind === 'lookup');
  }

  /** Relations that the changes break mod p, by kind; ranges of outputs are what the verifier checks by itself. */
  broken(changes: Changes): { zeros: number; lookups: number; ranges: number } {
    const seen = new Set<Constraint>();
    for (const v of changes.keys()) for (const c of this.#touching[v] ?? []) seen.add(c);
    const count = { zeros: 0, lookups: 0, ranges: 0 };
    for (const constraint of seen) {
      if (this.#holds(constraint, changes)) continue;
      if (constraint.kind === 'zero') count.zeros++;
      else count.lookups++;
    }
    for (const [v, value] of changes) {
      const range = this.program.tensors[this.owner(v).tensor]?.range ?? null;
      if (range !== null && (value < range.lo || value > range.hi)) count.ranges++;
    }
    return count;
  }

  /** The value of `partner` with which the constraint holds mod p again; null if it has no influence there. */
  solve(constraint: Zero, partner: Variable, changes: Changes): number | null {
    const at = (value: number): number =>
      this.#residual(constraint, new Map(changes).set(partner, value));
    const [zero, one] = [at(0), at(1)];
    const slope = subF(one, zero);
    // Linear in the partner, unless it is multiplied by itself.
    if (slope === 0 || at(2) !== addF(zero, mulF(2, slope))) return null;
    return centered(mulF(subF(0, zero), invF(slope)));
  }

  #at(variable: Variable, changes: Changes): number {
    const value = changes.get(variable);
    return value === undefined ? (this.#honest[variable] as number) : toF(value);
  }

  #linear(linear: Zero['linear'], changes: Changes): number {
    let sum = linear.constant;
    for (const [v, c] of linear.terms) sum = addF(sum, mulF(c, this.#at(v, changes)));
    return sum;
  }

  #residual({ linear, squares }: Zero, changes: Changes): number {
    let sum = this.#linear(linear, changes);
    for (const [u, v, c] of squares)
      sum = addF(sum, mulF(c, mulF(this.#at(u, changes), this.#at(v, changes))));
    return sum;
  }

  #holds(constraint: Constraint, changes: Changes): boolean {
    if (constraint.kind === 'zero') return this.#residual(constraint, changes) === 0;
    const { entries, rows } = constraint;
    const values = entries.map((entry) => this.#linear(entry, changes));
    return rows.matching([...entries.keys()], values).length > 0;
  }
}

function variablesOf(constraint: Constraint): Set<Variable> {
  const linears = constraint.kind === 'zero' ? [constraint.linear] : constraint.entries;
  const found = new Set(linears.flatMap(({ terms }) => terms.map(([v]) => v)));
  if (constraint.kind === 'zero') for (const [u, v] of constraint.squares) found.add(u).add(v);
  return found;
}

/** Tensors that a prover commits to for each run, and those it claims as outputs. */
export function ownTensors(program: Program): TensorId[] {
  return program.tensors.flatMap(({ role, shape }, id) =>
    (role === 'witness' || role === 'output') && elementCount(shape) > 0 ? [id] : [],
  );
}

/** Their elements. */
export function ownElements(program: Program): (readonly [TensorId, number])[] {
  return ownTensors(program).flatMap((id) =>
    Array.from(
      { length: elementCount(program.tensors[id]?.shape ?? []) },
      (_, index) => [id, index] as const,
    ),
  );
}
