import { toF } from '@assay/core/field';
import type { Program, Step, TensorId, Trace } from '@assay/program';
import { resume, type Variable } from '@assay/runtime/testing';
import { centered, type Changes, type RelationSystem } from './relations.ts';

/**
 * How a prover lies about one element:
 *   alone        everything else as it was
 *   followed     everything after it computed honestly from the lie
 *   compensated  another element of the same definition chosen mod p so that their relation holds again (hi and
 *                remainder of a rescale, neighbouring digits, quotient and remainder); then followed
 *   row          the whole neighbouring row of its table, the definitions of the row's keys compensated; then followed
 */
export type Method = 'alone' | 'followed' | 'compensated' | 'row';

export interface Lie {
  readonly method: Method;
  readonly tensor: TensorId;
  readonly index: number;
  readonly changes: Changes;
}

const producedBy = (step: Step): readonly TensorId[] => {
  switch (step.kind) {
    case 'digits':
    case 'lookup':
      return step.outputs.map(({ tensor }) => tensor);
    case 'divide':
      return [step.quotient, step.remainder];
    case 'onehot':
      return [step.output];
  }
};

/** Lies about single elements of one honest run. */
export class Liar {
  readonly #system: RelationSystem;
  readonly #trace: Trace;
  readonly #stepOf = new Map<TensorId, number>();
  /** Weight of the next digit, of tensors that are digits. */
  readonly #radix = new Map<TensorId, number>();

  constructor(system: RelationSystem, trace: Trace) {
    this.#system = system;
    this.#trace = trace;
    const { program } = system;
    program.steps.forEach((step, i) => {
      for (const tensor of producedBy(step)) this.#stepOf.set(tensor, i);
      if (step.kind === 'digits') this.#digits(program, step);
    });
  }

  #digits(program: Program, step: Extract<Step, { kind: 'digits' }>): void {
    const relation = program.relations[step.relation];
    if (relation?.kind !== 'zero') return;
    const weights = step.outputs.map(({ tensor }) =>
      Math.abs(relation.form.terms.find((term) => term.tensor === tensor)?.coefficient ?? 1),
    );
    step.outputs.forEach(({ tensor }, i) => {
      const radix = (weights[i - 1] ?? 0) / (weights[i] ?? 1);
      if (radix > 1) this.#radix.set(tensor, radix);
    });
  }

  /**
   * Lies about one element by 1, and by the next digit's weight.
   *
   * @param follow - Whether what comes after is recomputed, where the method says so: a run of the program for every lie.
   */
  *about(
    tensor: TensorId,
    index: number,
    methods: readonly Method[],
    follow: boolean,
  ): Generator<Lie> {
    const element = this.#system.variable(tensor, index);
    const value = this.#system.value(element);
    const radix = this.#radix.get(tensor);
    const deltas = radix === undefined ? [1, -1] : [1, -1, radix, -radix];
    const lie = (method: Method, changes: Changes): Lie => ({ method, tensor, index, changes });
    const then = (changes: Changes): Changes => (follow ? this.#follow(changes, tensor) : changes);
    for (const delta of deltas) {
      const changes = new Map([[element, value + delta]]);
      if (methods.includes('alone')) yield lie('alone', changes);
      if (methods.includes('followed') && follow) yield lie('followed', then(changes));
      if (methods.includes('compensated')) {
        for (const compensated of this.#compensations(element, changes))
          yield lie('compensated', then(compensated));
      }
    }
    if (methods.includes('row'))
      for (const changes of this.#rows(element)) yield lie('row', then(changes));
  }

  #follow(changes: Changes, tensor: TensorId): Changes {
    const { program } = this.#system;
    const trace = this.#system.changed(this.#trace, changes);
    const step = this.#stepOf.get(tensor) ?? program.steps.length;
    return this.#system.changes(resume(program, trace, step + 1));
  }

  /** Whether one step finds both. */
  #definedTogether(a: Variable, b: Variable): boolean {
    const step = (v: Variable): number | undefined =>
      this.#stepOf.get(this.#system.owner(v).tensor);
    return a !== b && step(a) === step(b);
  }

  *#compensations(element: Variable, changes: Changes): Generator<Changes> {
    for (const zero of this.#system.zerosAt(element)) {
      const terms = [
        ...zero.linear.terms.map(([v]) => v),
        ...zero.squares.flatMap(([u, v]) => [u, v]),
      ];
      for (const partner of new Set(terms)) {
        if (!this.#definedTogether(element, partner)) continue;
        const value = this.#system.solve(zero, partner, changes);
        if (value !== null) yield new Map(changes).set(partner, value);
      }
    }
  }

  /** Rows beside the present one, in lookups whose entries are single elements. */
  *#rows(element: Variable): Generator<Changes> {
    for (const { entries, rows } of this.#system.lookupsAt(element)) {
      const variables = entries.map(({ constant, terms: [term, more] }) =>
        constant === 0 && term?.[1] === 1 && more === undefined ? term[0] : -1,
      );
      if (variables.includes(-1) || new Set(variables).size !== variables.length) continue;
      const current = variables.map((v) => toF(this.#system.value(v)));
      const [row = 0] = rows.matching([...entries.keys()], current);
      for (const other of [row - 1, row + 1]) {
        if (rows.columns[0]?.[other] === undefined) continue;
        let changes: Changes = new Map(
          variables.map((v, column) => [v, centered(rows.columns[column]?.[other] ?? 0)]),
        );
        for (const v of variables) {
          const [repaired] = this.#compensations(v, changes);
          changes = repaired ?? changes;
        }
        yield changes;
      }
    }
  }
}
