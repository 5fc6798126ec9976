import type { Determined } from '../../ranges/determined.ts';
import { formRange } from '../../ranges/form-range.ts';
import type {
  LookupRelation,
  Program,
  RelationId,
  Step,
  TensorId,
  ZeroRelation,
} from '../../types.ts';
import type { Coordinate, TraceForm } from '../types.ts';
import type { Draft } from './draft.ts';
import type { Sums } from './sums.ts';

/** Of descriptors. */
const LARGEST = Number.MAX_SAFE_INTEGER;

const NO_TERMS: TraceForm = { bias: 0, terms: [] };

/** Relations that hold whatever the inputs, because a step gives its tensors the values that make them hold. */
function obeyedRelations({ steps }: Program): ReadonlySet<RelationId> {
  return new Set(steps.flatMap((step) => (step.kind === 'onehot' ? [] : [step.relation])));
}

/** Σ b = 1 along the axis of a one-hot, which holds of every one. */
function isSumOfBits(step: Step | undefined, { dims, form, products }: ZeroRelation): boolean {
  const [term, second] = form.terms;
  return (
    step?.kind === 'onehot' &&
    products.length === 0 &&
    second === undefined &&
    term?.tensor === step.output &&
    term.sums.length === 1 &&
    term.view.length === dims.length + 1 &&
    Math.abs(term.coefficient) === 1 &&
    form.constant === -term.coefficient
  );
}

/**
 * Relations for what the steps produce: each relation of the program once, and only those that fix something.
 *
 * No relation that an honest run may violate: its provider would be slashed. One that fixes a tensor must be that of a
 * step (a model may claim that d − 1 − r is the sum of limbs that are something else), and of lookups that bound a form
 * from below only that is kept, which quotients and first maxima fulfil by what they are.
 */
export class Steps {
  readonly #draft: Draft;
  readonly #sums: Sums;
  readonly #obeyed: ReadonlySet<RelationId>;
  readonly #own = new Map<RelationId, Set<TensorId>>();
  readonly #zeros = new Map<RelationId, number>();
  readonly #lookups = new Map<string, number>();

  constructor(draft: Draft, sums: Sums) {
    this.#draft = draft;
    this.#sums = sums;
    this.#obeyed = obeyedRelations(draft.program);
  }

  derive(steps: readonly Determined[]): void {
    for (const { tensors, reasons } of steps)
      for (const { relation } of reasons) {
        const own = this.#own.get(relation) ?? new Set();
        for (const tensor of tensors) own.add(tensor);
        this.#own.set(relation, own);
      }
    for (const [index, { tensors, reasons }] of steps.entries()) {
      const step = this.#draft.program.steps[index];
      const columns = step?.kind === 'lookup' ? step.outputs.map(({ column }) => column) : [];
      const relations = reasons.flatMap(({ relation, entry }) => {
        if (entry === null) this.#requireObeyed(relation, step, tensors);
        return this.#reason(relation, entry, columns);
      });
      this.#draft.define(
        tensors.map((tensor) => this.#draft.tensor(tensor)),
        [...new Set(relations)],
      );
    }
  }

  #requireObeyed(id: RelationId, step: Step | undefined, tensors: readonly TensorId[]): void {
    const { program } = this.#draft;
    const relation = program.relations[id];
    if (this.#obeyed.has(id) || relation === undefined) return;
    if (relation.kind === 'zero' && isSumOfBits(step, relation)) return;
    const name = program.tensors[tensors[0] ?? -1]?.name ?? '?';
    this.#draft.refuse(relation.node, name, 'is confined by a relation that no step obeys');
  }

  #reason(id: RelationId, entry: number | null, columns: readonly number[]): readonly number[] {
    const relation = this.#draft.program.relations[id];
    if (relation === undefined) throw new RangeError(`Steps: expected a relation, got ${id}`);
    if (relation.kind === 'zero') {
      const known = this.#zeros.get(id);
      if (known !== undefined) return [known];
      const own = this.#own.get(id) ?? new Set();
      const bound = this.#sums.declaredRange(relation);
      const made = this.#sums.zero(relation, relation.node, NO_TERMS, own, bound);
      this.#zeros.set(id, made);
      return [made];
    }
    return entry === null
      ? this.#function(id, relation, columns)
      : [this.#entryRange(id, relation, entry)];
  }

  #once(key: string, make: () => number): number {
    const known = this.#lookups.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#lookups.set(key, made);
    return made;
  }

  /** 0 <= entry. */
  #entryRange(id: RelationId, relation: LookupRelation, entry: number): number {
    return this.#once(`${id} range ${entry}`, () => {
      const { dims: domain, entries, node } = relation;
      const form = entries[entry];
      if (form === undefined)
        throw new RangeError(`Steps: expected an entry of relation ${id}, got ${entry}`);
      const { program, ranges } = this.#draft;
      // No value of its tensors exceeds that.
      const hi = Math.max(0, formRange(form, domain, program.tensors, ranges)?.hi ?? LARGEST);
      return this.#draft.relation(
        { kind: 'range', domain, lo: 0, hi, form: this.#sums.form(form, domain, node) },
        node,
      );
    });
  }

  /** A lookup for each of some columns; one of 1 in the rows that there are, if keys have gaps. */
  #function(
    id: RelationId,
    relation: LookupRelation,
    columns: readonly number[],
  ): readonly number[] {
    const draft = this.#draft;
    const { dims: domain, entries, node, table } = relation;
    const { bases, partial } = draft.box(table, node);
    let found: readonly Coordinate[] | null = null;
    const coordinates = (): readonly Coordinate[] => {
      found ??= bases.map((base, key): Coordinate => {
        const form = entries[key];
        if (form === undefined) throw new RangeError(`Steps: expected key ${key} of ${id}`);
        return { kind: 'keyed', base, form: this.#sums.form(form, domain, node) };
      });
      return found;
    };
    const relations: number[] = [];
    if (partial) {
      const member = this.#once(`${id} member`, () => {
        const value: TraceForm = { bias: 1, terms: [] };
        const rows = draft.table(table, 'member', node);
        return draft.relation(
          { kind: 'lookup', domain, value, table: rows, coordinates: coordinates() },
          node,
        );
      });
      relations.push(member);
    }
    for (const column of columns) {
      const entry = entries[column];
      if (entry === undefined) throw new RangeError(`Steps: expected column ${column} of ${id}`);
      const lookup = this.#once(`${id} ${column}`, () => {
        const value = this.#sums.form(entry, domain, node);
        const values = draft.table(table, column, node);
        return draft.relation(
          { kind: 'lookup', domain, value, table: values, coordinates: coordinates() },
          node,
        );
      });
      relations.push(lookup);
    }
    return relations;
  }
}
