import { columnRange } from '../../tables/columns.ts';
import type { Determined } from '../../ranges/determined.ts';
import type { LookupRelation, RelationId, TensorId } from '../../types.ts';
import type { Coordinate, TraceForm } from '../types.ts';
import type { Draft } from './draft.ts';
import type { Sums } from './sums.ts';

const NO_TERMS: TraceForm = { bias: 0, terms: [] };

/** Relations for what the steps produce: each relation of the program once, and only those that fix something. */
export class Steps {
  readonly #draft: Draft;
  readonly #sums: Sums;
  readonly #own = new Map<RelationId, Set<TensorId>>();
  readonly #zeros = new Map<RelationId, number>();
  readonly #lookups = new Map<string, number>();

  constructor(draft: Draft, sums: Sums) {
    this.#draft = draft;
    this.#sums = sums;
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
      const relations = reasons.flatMap(({ relation, entry }) =>
        this.#reason(relation, entry, columns),
      );
      this.#draft.define(
        tensors.map((tensor) => this.#draft.tensor(tensor)),
        [...new Set(relations)],
      );
    }
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

  /** 0 <= entry <= largest value of its column. */
  #entryRange(id: RelationId, relation: LookupRelation, entry: number): number {
    return this.#once(`${id} range ${entry}`, () => {
      const { dims: domain, entries, node } = relation;
      const column = this.#draft.program.tables[relation.table]?.columns[entry];
      const form = entries[entry];
      if (form === undefined || column === undefined)
        throw new RangeError(`Steps: expected an entry of relation ${id}, got ${entry}`);
      const { hi } = columnRange(column);
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
