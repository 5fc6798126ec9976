import { hasDistinctKeys } from '../../tables/keys.ts';
import type { Program } from '../../types.ts';
import type { TraceError } from '../errors.ts';
import { TRACE_LIMITS } from '../limits.ts';
import { checkRelation, mentions, tensorKey } from '../structure.ts';
import {
  LIST,
  type TensorRef,
  type TraceForm,
  type TraceRelation,
  type TraceView,
} from '../types.ts';
import { boundCost } from './cost.ts';
import { CHALLENGE_LEAVES, challengeLeaves } from './coverage.ts';
import { tableReader, traceDepths } from './dearest.ts';
import { exactCost, totalReads } from './exact.ts';
import { tableBox } from './tables.ts';
import type { DerivedTensor, TraceProgram } from './types.ts';

/** A view that reads each element of its tensor at one index of a domain. */
function isWhole({ tensor, factors }: TraceView, domain: readonly number[]): boolean {
  const seen = new Set<number>();
  for (const [position, factor] of factors.entries()) {
    const length = tensor.dims[position] ?? 1;
    if (factor.kind === 'reshape') return isWholeReshape(factors, tensor, domain);
    if (factor.kind !== 'affine' || factor.offset !== 0 || factor.strides.length > 1) return false;
    const [stride] = factor.strides;
    if (stride === undefined) {
      if (length !== 1) return false;
      continue;
    }
    if (stride.stride !== 1 || domain[stride.axis] !== length || seen.has(stride.axis))
      return false;
    seen.add(stride.axis);
  }
  return domain.every((length, axis) => length === 1 || seen.has(axis));
}

/** One reshape from all axes of the domain to all of the tensor. */
function isWholeReshape(
  [factor, second]: TraceView['factors'],
  tensor: TensorRef,
  domain: readonly number[],
): boolean {
  return (
    second === undefined &&
    factor?.kind === 'reshape' &&
    factor.storageAxes === tensor.dims.length &&
    domain.every((length, axis) => length === 1 || factor.axes.includes(axis)) &&
    new Set(factor.axes).size === factor.axes.length
  );
}

/** The forms of a relation that are over its domain. */
function formsOf(relation: TraceRelation): readonly TraceForm[] {
  switch (relation.kind) {
    case 'linear':
    case 'range':
      return [relation.form];
    case 'einsum':
      return [relation.claim];
    case 'lookup':
      return [relation.value];
  }
}

/** ±tensor + rest = 0 at every element, and the rest does not read it. */
function isDirect(relation: TraceRelation, key: string): boolean {
  if (relation.kind !== 'linear' && relation.kind !== 'einsum') return false;
  const named = mentions(relation).filter((tensor) => tensorKey(tensor) === key);
  const [form] = formsOf(relation);
  const term = form?.terms.find(({ view }) => tensorKey(view.tensor) === key);
  return (
    named.length === 1 &&
    term !== undefined &&
    Math.abs(term.coefficient) === 1 &&
    isWhole(term.view, relation.domain)
  );
}

/** All of the tensor is read, element by element. */
function isWholeIn(relation: TraceRelation, key: string): boolean {
  if (relation.kind === 'range') return false;
  const views = formsOf(relation).flatMap(({ terms }) => terms.map(({ view }) => view));
  const operands = relation.kind === 'einsum' ? [relation.x, relation.y] : [];
  const axes = relation.kind === 'einsum' ? [...relation.domain, ...relation.sum] : relation.domain;
  return (
    views.some((view) => tensorKey(view.tensor) === key && isWhole(view, relation.domain)) ||
    operands.some((view) => tensorKey(view.tensor) === key && isWhole(view, axes))
  );
}

/** Elements read by a relation that are looked at one by one where a bound is not enough. */
const EXACT_READS = 2 ** 22;

class Lint {
  readonly #program: Program;
  readonly #trace: TraceProgram;
  readonly #tensors = new Map<string, DerivedTensor>();

  constructor(program: Program, trace: TraceProgram) {
    this.#program = program;
    this.#trace = trace;
    for (const list of trace.lists)
      for (const tensor of list) this.#tensors.set(tensorKey(tensor), tensor);
  }

  #refuse(node: number, tensor: string, reason: string): TraceError {
    const name = this.#program.nodes[node]?.name ?? '?';
    return { kind: 'trace/refused', node: name, tensor, reason };
  }

  /** Each tensor of the submission in one group; groups read only what is before them and themselves. */
  groups(): TraceError | null {
    const { lists, groups, relations } = this.#trace;
    const defined = new Set<string>();
    const prefixes = this.#prefixes();
    let next = 0;
    for (const group of groups) {
      for (const tensor of group.tensors) {
        // The leftmost difference in the Trace list is then in the first group that has one.
        if (tensor.list === LIST.trace && tensor.index !== next++)
          return this.#refuse(0, tensorKey(tensor), 'is not numbered by its group');
        const key = tensorKey(tensor);
        const found = this.#tensors.get(key);
        if (found === undefined || defined.has(key))
          return this.#refuse(found?.node ?? 0, found?.name ?? key, 'is defined twice');
        defined.add(key);
      }
      for (const id of group.relations) {
        const relation = relations[id];
        if (relation === undefined) continue;
        for (const tensor of this.#fixing(relation, group.tensors.map(tensorKey), prefixes)) {
          const inSubmission = tensor.list === LIST.trace || tensor.list === LIST.output;
          const found = this.#tensors.get(tensorKey(tensor));
          if (inSubmission && !defined.has(tensorKey(tensor)))
            return this.#refuse(
              found?.node ?? 0,
              found?.name ?? '?',
              'is read before it is defined',
            );
        }
      }
    }
    for (const tensor of [...lists[LIST.trace], ...lists[LIST.output]])
      if (!defined.has(tensorKey(tensor)))
        return this.#refuse(tensor.node, tensor.name, 'is in no definition group');
    return null;
  }

  /** Derived tensors are ±1 times the rest of a relation of their group, or prefix sums; the others are all read. */
  definitions(): TraceError | null {
    const { groups, relations } = this.#trace;
    for (const group of groups) {
      const own = group.relations.flatMap((id) => relations[id] ?? []);
      for (const ref of group.tensors) {
        const key = tensorKey(ref);
        const tensor = this.#tensors.get(key);
        const derived = tensor?.origin.kind !== 'tensor';
        const holds = own.some((relation) => {
          if (tensor?.origin.kind === 'prefix')
            return (
              relation.kind === 'einsum' &&
              relation.partials !== null &&
              tensorKey(relation.partials) === key &&
              [relation.x, relation.y].every((view) => tensorKey(view.tensor) !== key)
            );
          return derived ? isDirect(relation, key) : isWholeIn(relation, key);
        });
        if (!holds)
          return this.#refuse(
            tensor?.node ?? 0,
            tensor?.name ?? '?',
            'is not defined by its group',
          );
      }
    }
    return null;
  }

  #prefixes(): ReadonlySet<string> {
    const prefixes = new Set<string>();
    for (const relation of this.#trace.relations)
      if (relation.kind === 'einsum' && relation.partials !== null)
        prefixes.add(tensorKey(relation.partials));
    return prefixes;
  }

  /** Prefix sums are fixed by all chunks but the last, which alone reads the claim. */
  #fixing(
    relation: TraceRelation,
    own: readonly string[],
    prefixes: ReadonlySet<string>,
  ): ReturnType<typeof mentions> {
    if (relation.kind !== 'einsum' || !own.every((key) => prefixes.has(key)))
      return mentions(relation);
    return mentions({ ...relation, claim: { bias: 0, terms: [] } });
  }

  /** A Range over every input, trace and output tensor. */
  ranges(): TraceError | null {
    const ranged = new Set<string>();
    for (const relation of this.#trace.relations) {
      if (relation.kind !== 'range') continue;
      const [term, second] = relation.form.terms;
      if (term === undefined || second !== undefined || relation.form.bias !== 0) continue;
      const { tensor, factors } = term.view;
      const found = this.#tensors.get(tensorKey(tensor));
      const whole =
        term.coefficient === 1 &&
        relation.domain.join() === tensor.dims.join() &&
        factors.every(
          (factor, axis) =>
            factor.kind === 'affine' &&
            factor.offset === 0 &&
            factor.strides.length === 1 &&
            factor.strides[0]?.axis === axis &&
            factor.strides[0].stride === 1,
        );
      if (whole && found?.range.lo === relation.lo && found.range.hi === relation.hi)
        ranged.add(tensorKey(tensor));
    }
    const { lists } = this.#trace;
    for (const list of [lists[LIST.input], lists[LIST.trace], lists[LIST.output]])
      for (const tensor of list)
        if (!ranged.has(tensorKey(tensor)))
          return this.#refuse(tensor.node, tensor.name, 'has no range');
    return null;
  }

  /** Tables of lookups have one value for each key, and whole rows are looked for where keys have gaps. */
  lookups(): TraceError | null {
    const { relations, nodes } = this.#trace;
    const { tables } = this.#program;
    const distinct = new Map<number, boolean>();
    for (const [id, relation] of relations.entries()) {
      if (relation.kind !== 'lookup') continue;
      const found = this.#tensors.get(tensorKey(relation.table));
      const origin = found?.origin;
      const table = origin?.kind === 'table' ? tables[origin.table] : undefined;
      if (found === undefined || origin?.kind !== 'table' || table === undefined)
        return this.#refuse(nodes[id] ?? 0, found?.name ?? '?', 'is looked up and is no table');
      const isFunction = distinct.get(origin.table) ?? hasDistinctKeys(table);
      distinct.set(origin.table, isFunction);
      const box = tableBox(table);
      if (!isFunction || box === null || box.dims.join() !== relation.table.dims.join())
        return this.#refuse(nodes[id] ?? 0, found.name, 'is no function of its keys');
      if (!box.partial || origin.column === 'member') continue;
      const keys = JSON.stringify(relation.coordinates);
      const member = relations.some((other) => {
        if (other.kind !== 'lookup' || JSON.stringify(other.coordinates) !== keys) return false;
        const rows = this.#tensors.get(tensorKey(other.table))?.origin;
        return rows?.kind === 'table' && rows.table === origin.table && rows.column === 'member';
      });
      if (!member)
        return this.#refuse(nodes[id] ?? 0, found.name, 'is looked up at keys that it may lack');
    }
    return null;
  }

  /** Every relation is what a contract accepts, and no check exceeds the budget. */
  budget(): TraceError | null {
    const { relations, nodes } = this.#trace;
    const depths = traceDepths(this.#trace);
    const readTable = tableReader(this.#trace);
    for (const [id, relation] of relations.entries()) {
      const node = nodes[id] ?? 0;
      const checked = checkRelation(relation);
      if (!checked.ok) {
        const { error } = checked;
        const reason = error.kind === 'trace/structure' ? `${error.where}: ${error.reason}` : '';
        return this.#refuse(node, `of relation ${id}`, reason);
      }
      let cost = boundCost(relation, depths, readTable);
      const tooDear = (): boolean => cost.bytes > TRACE_LIMITS.proofBytes;
      if (tooDear() && totalReads(relation) <= EXACT_READS)
        cost = exactCost(relation, depths, readTable);
      if (tooDear()) {
        const what = `of relation ${id} (${relation.kind})`;
        const reason = `needs ${cost.bytes} bytes to check element ${cost.element}, more than ${TRACE_LIMITS.proofBytes}`;
        return this.#refuse(node, what, reason);
      }
    }
    return null;
  }

  /** A withheld group can be asked for. */
  coverage(): TraceError | null {
    const { groups, relations } = this.#trace;
    const readTable = tableReader(this.#trace);
    for (const group of groups) {
      const leaves = challengeLeaves(group, relations, readTable);
      if (leaves !== null && leaves <= CHALLENGE_LEAVES) continue;
      const tensor = this.#tensors.get(tensorKey(group.tensors[0] ?? { list: 0, index: 0 }));
      const many = leaves === null ? 'more leaves than can be followed' : `${leaves} leaves`;
      return this.#refuse(
        tensor?.node ?? 0,
        tensor?.name ?? '?',
        `belongs to a group of ${many} around one element, more than a challenge can ask for`,
      );
    }
    return null;
  }
}

/**
 * What a derived trace must be for each wrong element to be provable: all of it follows from how it is derived, and
 * is looked at again. First thing wrong, or null.
 */
export function lintTrace(program: Program, trace: TraceProgram): TraceError | null {
  const lint = new Lint(program, trace);
  return (
    lint.groups() ??
    lint.definitions() ??
    lint.ranges() ??
    lint.lookups() ??
    lint.budget() ??
    lint.coverage()
  );
}
