import { err, ok, type Result } from '@assay/core/errors';
import { asciiBytes, keccak256, toHex } from '@assay/core/hash';
import type { ProgramError } from '../errors.ts';
import { columnRange } from '../tables/columns.ts';
import { hasDistinctKeys } from '../tables/keys.ts';
import type {
  Form,
  Product,
  Program,
  Range,
  RelationId,
  Step,
  TensorId,
  Term,
  View,
} from '../types.ts';
import { identityView, wholeAxes } from '../views/indexer.ts';
import { renameForm } from '../views/rename.ts';
import { formRange } from './form-range.ts';

type StepOf<Kind extends Step['kind']> = Extract<Step, { kind: Kind }>;

/** A relation that fixes what a step produces: all of it, or for a lookup that one entry is in its column's range. */
export interface Reason {
  readonly relation: RelationId;
  readonly entry: number | null;
}

/** What a step produces, and the relations that leave it one solution, given what was there before and all ranges. */
export interface Determined {
  readonly tensors: readonly TensorId[];
  readonly reasons: readonly Reason[];
}

const NOTHING: Form = { terms: [], constant: 0 };

/** Relations that read a tensor, and terms of one besides those it is compared with, that are looked at: bounds the work. */
const MOST_READERS = 32;
const MOST_LIMBS = 16;

/** Long views (gathers) are named by a digest: forms are compared many times. */
const LONG_NAME = 128;
const VIEW_NAMES = new WeakMap<View, string>();

/** Equal views, equal names; each view is written out once. */
function viewName(view: View): string {
  const known = VIEW_NAMES.get(view);
  if (known !== undefined) return known;
  const text = JSON.stringify(view);
  const name = text.length <= LONG_NAME ? text : toHex(keccak256(asciiBytes(text)));
  VIEW_NAMES.set(view, name);
  return name;
}

/** a + factor·b, equal terms merged and in a fixed order: equal sums of equal terms give equal forms. */
function combine(a: Form, b: Form, factor: number): Form {
  const merged = new Map<string, Term>();
  for (const [form, scale] of [
    [a, 1],
    [b, factor],
  ] as const) {
    for (const term of form.terms) {
      const key = `${term.tensor} ${term.sums.join()} ${viewName(term.view)}`;
      const coefficient = (merged.get(key)?.coefficient ?? 0) + scale * term.coefficient;
      if (coefficient === 0) merged.delete(key);
      else merged.set(key, { ...term, coefficient });
    }
  }
  const keys = [...merged.keys()].sort();
  return {
    terms: keys.flatMap((key) => merged.get(key) ?? []),
    constant: a.constant + factor * b.constant,
  };
}

function isZero(form: Form): boolean {
  return form.terms.length === 0 && form.constant === 0;
}

function areEqual(a: Form, b: Form): boolean {
  return isZero(combine(a, b, -1));
}

class Determination {
  readonly #program: Program;
  readonly #ranges: readonly Range[];
  readonly #known: boolean[];
  readonly #distinct = new Map<number, boolean>();
  /** Relations by the witness and output tensors that they read. */
  readonly #readers = new Map<number, Set<RelationId>>();

  constructor(program: Program, ranges: readonly Range[]) {
    this.#program = program;
    this.#ranges = ranges;
    this.#known = program.tensors.map(({ role }) => role !== 'witness' && role !== 'output');
    for (const [id, relation] of program.relations.entries()) {
      const forms =
        relation.kind === 'lookup'
          ? relation.entries
          : [relation.form, ...relation.products.flatMap(({ left, right }) => [left, right])];
      for (const { terms } of forms) {
        for (const { tensor } of terms) {
          if (this.#known[tensor] === true) continue;
          const readers = this.#readers.get(tensor);
          if (readers === undefined) this.#readers.set(tensor, new Set([id]));
          else readers.add(id);
        }
      }
    }
  }

  /** The first relations that read a tensor: what bounds it stands near what produces it. */
  #readersOf(tensor: number): readonly RelationId[] {
    return [...(this.#readers.get(tensor) ?? [])].slice(0, MOST_READERS);
  }

  #isKnown(form: Form): boolean {
    return form.terms.every(({ tensor }) => this.#known[tensor] === true);
  }

  #areKnown(products: readonly Product[]): boolean {
    return products.every(({ left, right }) => this.#isKnown(left) && this.#isKnown(right));
  }

  /** The coefficient of the one term that reads a tensor in a form, if it reads all of it; null otherwise. */
  #coefficient(form: Form, dims: readonly number[], tensor: number): number | null {
    const [term, second] = form.terms.filter((t) => t.tensor === tensor);
    const shape = this.#program.tensors[tensor]?.shape ?? [];
    if (term === undefined || second !== undefined || term.sums.length > 0) return null;
    return wholeAxes(term.view, shape, dims) === null ? null : term.coefficient;
  }

  /**
   * How the relations enforce form >= 0: by its interval (no reason needed), by a lookup of it in a table of
   * such values, or by a relation that makes it a sum of such values; null if they do not. `tensor` is one of
   * those it reads.
   */
  #nonNegative(form: Form, dims: readonly number[], tensor: number): readonly Reason[] | null {
    const { tables, tensors } = this.#program;
    const reaches = (f: Form): number =>
      formRange(f, dims, tensors, this.#ranges)?.lo ?? Number.NEGATIVE_INFINITY;
    if (reaches(form) >= 0) return [];
    const isShort = ({ terms }: Form): boolean => terms.length <= form.terms.length + MOST_LIMBS;
    for (const id of this.#readersOf(tensor)) {
      const relation = this.#program.relations[id];
      if (relation === undefined || relation.dims.join() !== dims.join()) continue;
      if (relation.kind === 'lookup') {
        const columns = tables[relation.table]?.columns ?? [];
        const entry = relation.entries.findIndex((candidate, i) => {
          const column = columns[i];
          return (
            column !== undefined &&
            columnRange(column).lo >= 0 &&
            isShort(candidate) &&
            areEqual(candidate, form)
          );
        });
        if (entry >= 0) return [{ relation: id, entry }];
      } else if (relation.products.length === 0 && isShort(relation.form)) {
        // relation.form = 0, so that form = form − sign·relation.form
        for (const sign of [1, -1])
          if (reaches(combine(form, relation.form, -sign)) >= 0)
            return [{ relation: id, entry: null }];
      }
    }
    return null;
  }

  /** Σ c_i·d_i fixes the digits if each but the first is confined to |c_{i−1}/c_i| consecutive values. */
  #digits(step: StepOf<'digits'>): boolean {
    const relation = this.#program.relations[step.relation];
    if (relation?.kind !== 'zero' || !this.#areKnown(relation.products)) return false;
    const { dims, form } = relation;
    const outputs = new Set(step.outputs.map(({ tensor }) => tensor));
    const rest = form.terms.filter(({ tensor }) => !outputs.has(tensor));
    if (!this.#isKnown({ terms: rest, constant: 0 })) return false;
    let above: number | null = null;
    for (const { tensor } of step.outputs) {
      const coefficient = this.#coefficient(form, dims, tensor);
      const range = this.#ranges[tensor];
      if (coefficient === null || range === undefined) return false;
      if (above !== null) {
        const ratio = Math.abs(above / coefficient);
        if (!Number.isInteger(ratio) || range.hi - range.lo >= ratio) return false;
      }
      above = coefficient;
    }
    return true;
  }

  /** A row is fixed by its key. */
  #lookup(step: StepOf<'lookup'>): boolean {
    const relation = this.#program.relations[step.relation];
    if (relation?.kind !== 'lookup') return false;
    const table = this.#program.tables[relation.table];
    if (table === undefined) return false;
    const distinct = this.#distinct.get(relation.table) ?? hasDistinctKeys(table);
    this.#distinct.set(relation.table, distinct);
    // An output is not known: it is no key.
    return distinct && relation.entries.slice(0, table.keys).every((entry) => this.#isKnown(entry));
  }

  /** N = c·D·q + r with 0 <= r < c·D. */
  #divide(step: StepOf<'divide'>): readonly Reason[] | null {
    const relation = this.#program.relations[step.relation];
    const [product, second] = relation?.kind === 'zero' ? relation.products : [];
    if (relation?.kind !== 'zero' || product === undefined || second !== undefined) return null;
    const { dims, form } = relation;
    const { left, right } = product;
    const quotient = this.#coefficient(left, dims, step.quotient);
    const alone = left.terms.length === 1 && left.constant === 0 && product.sums.length === 0;
    if (quotient === null || !alone || !this.#isKnown(right)) return null;
    if (this.#coefficient(form, dims, step.remainder) !== 1) return null;
    const rest = form.terms.filter(({ tensor }) => tensor !== step.remainder);
    if (!this.#isKnown({ terms: rest, constant: 0 })) return null;
    const remainder: Form = {
      terms: form.terms.filter(({ tensor }) => tensor === step.remainder),
      constant: 1,
    };
    const divisor = combine(NOTHING, right, product.coefficient * quotient);
    if ((this.#ranges[step.remainder]?.lo ?? -1) < 0) return null;
    const below = this.#nonNegative(combine(divisor, remainder, -1), dims, step.remainder);
    return below === null ? null : [{ relation: step.relation, entry: null }, ...below];
  }

  /** b in {0, 1}, Σ b = 1, m = Σ b⊙x, m − x_j − Σ_{l>j} b_l >= 0: the first maximum. */
  #onehot(step: StepOf<'onehot'>): readonly Reason[] | null {
    const { output, axis, source } = step;
    const shape = this.#program.tensors[output]?.shape ?? [];
    const length = shape[axis] ?? 1;
    const { lo, hi } = this.#ranges[output] ?? { lo: -1, hi: -1 };
    if (lo < 0 || hi > 1 || !this.#isKnown(source)) return null;
    // One row: the other axes, then the row's own.
    const outer = shape.filter((_, a) => a !== axis);
    const inRow = (a: number): number =>
      a === axis ? outer.length : a > axis && a < shape.length ? a - 1 : a;
    const bit: Form = {
      terms: [{ tensor: output, coefficient: 1, view: identityView(shape), sums: [] }],
      constant: 0,
    };
    const bits = renameForm(bit, inRow);
    const total: Form = {
      terms: bits.terms.map((term) => ({ ...term, sums: [length] })),
      constant: -1,
    };
    const readers = this.#readersOf(output).flatMap((id) => {
      const relation = this.#program.relations[id];
      return relation?.kind === 'zero' && relation.dims.join() === outer.join()
        ? [{ id, relation }]
        : [];
    });
    const one = readers.find(
      ({ relation: { form, products } }) =>
        products.length === 0 && (areEqual(form, total) || isZero(combine(form, total, 1))),
    );
    if (one === undefined) return null;
    const isOne: Reason = { relation: one.id, entry: null };
    if (length === 1) return [isOne];
    const values = renameForm(source, inRow);
    for (const {
      id,
      relation: { form, products },
    } of readers) {
      const [selected, second] = products;
      const [maximum, more] = form.terms;
      if (selected === undefined || second !== undefined) continue;
      if (maximum === undefined || more !== undefined || form.constant !== 0) continue;
      const { left, right, sums } = selected;
      const selects =
        sums.length === 1 &&
        sums[0] === length &&
        ((areEqual(left, bits) && areEqual(right, values)) ||
          (areEqual(left, values) && areEqual(right, bits)));
      const defines =
        selected.coefficient === -maximum.coefficient &&
        Math.abs(maximum.coefficient) === 1 &&
        this.#coefficient(form, outer, maximum.tensor) !== null;
      if (!selects || !defines) continue;
      const spread = renameForm({ terms: [{ ...maximum, coefficient: 1 }], constant: 0 }, (a) =>
        a < axis ? a : a + 1,
      );
      const above = combine(spread, source, -1);
      for (const later of laterBits(bit, shape, axis)) {
        const first = this.#nonNegative(combine(above, later, -1), shape, output);
        if (first !== null) return [isOne, { relation: id, entry: null }, ...first];
      }
    }
    return null;
  }

  step(step: Step): Determined | null {
    switch (step.kind) {
      case 'digits':
      case 'lookup': {
        const holds = step.kind === 'digits' ? this.#digits(step) : this.#lookup(step);
        if (!holds) return null;
        const reasons = [{ relation: step.relation, entry: null }];
        return { tensors: step.outputs.map(({ tensor }) => tensor), reasons };
      }
      case 'divide': {
        const reasons = this.#divide(step);
        return reasons === null ? null : { tensors: [step.quotient, step.remainder], reasons };
      }
      case 'onehot': {
        const reasons = this.#onehot(step);
        return reasons === null ? null : { tensors: [step.output], reasons };
      }
    }
  }

  learn(tensors: readonly number[]): void {
    for (const tensor of tensors) this.#known[tensor] = true;
  }
}

/** The ways to write Σ_{l>j} b_l at position j of an axis: positions j + 1 + k, zero beyond the row. */
function laterBits(bit: Form, shape: readonly number[], axis: number): readonly Form[] {
  const length = shape[axis] ?? 1;
  const written = (sums: readonly number[]): Form => ({
    ...bit,
    terms: bit.terms.map((term) => ({
      ...term,
      sums,
      view: term.view.map((factor, a) =>
        a !== axis
          ? factor
          : {
              kind: 'affine' as const,
              offset: 1,
              strides: [axis, ...sums.map(() => shape.length)].map((at) => ({
                axis: at,
                stride: 1,
              })),
            },
      ),
    })),
  });
  return [...(length === 2 ? [written([])] : []), written([length - 1]), written([length])];
}

function firstOutput(step: Step): number {
  switch (step.kind) {
    case 'digits':
    case 'lookup':
      return step.outputs[0]?.tensor ?? -1;
    case 'divide':
      return step.quotient;
    case 'onehot':
      return step.output;
  }
}

/**
 * What fixes the tensors of each step, given those before it: digits confined to their radix, values that are
 * functions of keys, quotients with 0 <= r < divisor, first maxima. Relations may name tensors of later steps
 * (the maximum that a one-hot selects, the limbs of divisor − 1 − r): then the two are fixed together.
 *
 * Caller must: have enforced ranges and no wrapping (`deriveRanges`), so that relations hold over the
 * integers.   Errors: program/ambiguous.   Cost: linear in the program, and in the rows of tables
 * whose keys are not in order.
 */
export function determineSteps(
  program: Program,
  ranges: readonly Range[],
): Result<readonly Determined[], ProgramError> {
  const determination = new Determination(program, ranges);
  const found: Determined[] = [];
  for (const step of program.steps) {
    const determined = determination.step(step);
    if (determined === null) {
      const tensor = program.tensors[firstOutput(step)];
      const node = program.nodes[tensor?.node ?? -1]?.name ?? '?';
      return err({ kind: 'program/ambiguous', tensor: tensor?.name ?? '?', node, step: step.kind });
    }
    determination.learn(determined.tensors);
    found.push(determined);
  }
  return ok(found);
}

/**
 * Every tensor that a step produces is the only solution of the relations, given those before it
 * (`determineSteps`). So there is one run for each input, and a proof says what the outputs are.
 *
 * Caller must, errors, cost: as `determineSteps`.
 */
export function checkDetermined(
  program: Program,
  ranges: readonly Range[],
): Result<null, ProgramError> {
  const steps = determineSteps(program, ranges);
  return steps.ok ? ok(null) : steps;
}
