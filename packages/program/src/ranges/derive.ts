import { err, ok, type Result } from '@assay/core/errors';
import { P } from '@assay/core/field';
import type { ProgramError } from '../errors.ts';
import { elementCount } from '../shape/dimensions.ts';
import { columnRange } from '../tables/columns.ts';
import type {
  Form,
  LookupRelation,
  Program,
  Range,
  TensorId,
  Term,
  ZeroRelation,
} from '../types.ts';
import { concealedTensors, publicVisibility, type Visibility } from '../visibility/visibility.ts';
import { wholeAxes } from '../views/indexer.ts';
import { formRange } from './form-range.ts';
import { addIntervals, type Interval, multiplyIntervals, scaleInterval } from './intervals.ts';

/** The tensor that a form is, if it is one whole tensor with coefficient 1. */
function bareTensor(program: Program, form: Form, dims: readonly number[]): number | null {
  const term = form.terms[0];
  if (form.terms.length !== 1 || term === undefined || form.constant !== 0) return null;
  return term.coefficient === 1 && isWhole(program, term, dims) ? term.tensor : null;
}

function isWhole(program: Program, term: Term, dims: readonly number[]): boolean {
  const tensor = program.tensors[term.tensor];
  return (
    tensor !== undefined &&
    term.sums.length === 0 &&
    wholeAxes(term.view, tensor.shape, dims) !== null
  );
}

function isModel(program: Program, tensor: number): boolean {
  return program.tensors[tensor]?.role === 'model';
}

/** Interval of form + Σ products, leaving out the term at index `skip`. */
function relationRange(
  program: Program,
  relation: ZeroRelation,
  ranges: readonly (Range | null)[],
  skip: number,
): Interval {
  const { declared } = relation;
  const terms = relation.form.terms.filter(
    (term, i) => i !== skip && (declared === null || !isModel(program, term.tensor)),
  );
  let total = formRange(
    { terms, constant: relation.form.constant },
    relation.dims,
    program.tensors,
    ranges,
  );
  if (declared !== null) return addIntervals(total, declared);
  for (const product of relation.products) {
    const axes = [...relation.dims, ...product.sums];
    const left = formRange(product.left, axes, program.tensors, ranges);
    const right = formRange(product.right, axes, program.tensors, ranges);
    const sum = scaleInterval(multiplyIntervals(left, right), elementCount(product.sums));
    total = addIntervals(total, scaleInterval(sum, product.coefficient));
  }
  return total;
}

function inside(interval: Interval): boolean {
  return interval !== null && interval.lo > -P && interval.hi < P;
}

/** A witness tensor that is a whole entry of a lookup is what the table's column holds. */
function boundByLookup(
  program: Program,
  relation: LookupRelation,
  columns: readonly Range[],
  ranges: (Range | null)[],
): void {
  for (const [i, entry] of relation.entries.entries()) {
    const id = bareTensor(program, entry, relation.dims);
    const values = columns[i];
    if (id === null || values === undefined) continue;
    const known = ranges[id] ?? null;
    if (known === null) ranges[id] = values;
    // Both name one class mod p; they name one integer if no two of their values can differ by p.
    else if (known.lo - values.hi > -P && known.hi - values.lo < P) {
      const lo = Math.max(known.lo, values.lo);
      const hi = Math.min(known.hi, values.hi);
      if (lo <= hi) ranges[id] = { lo, hi };
    }
  }
}

/**
 * A witness tensor with coefficient ±1 in a zero relation is the rest of it, if all of the rest is
 * bounded. That holds for a declared interval too: it follows from the ranges of the operands, and a
 * tensor that is an operand of its own definition would be bounded by itself.
 */
function boundByDefinition(
  program: Program,
  relation: ZeroRelation,
  ranges: (Range | null)[],
): void {
  const isOpen = ({ tensor }: Term): boolean => ranges[tensor] === null;
  const open = relation.form.terms.flatMap((term, i) => (isOpen(term) ? [{ term, i }] : []));
  const [only] = open;
  if (only === undefined || open.length !== 1) return;
  if (relation.products.some(({ left, right }) => [...left.terms, ...right.terms].some(isOpen)))
    return;
  const { term, i } = only;
  if (Math.abs(term.coefficient) !== 1 || !isWhole(program, term, relation.dims)) return;
  const rest = scaleInterval(relationRange(program, relation, ranges, i), -term.coefficient);
  if (rest !== null && inside(rest)) ranges[term.tensor] = rest;
}

/**
 * A port that nobody shows, with coefficient ±1 in a zero relation whose rest is bounded, is that
 * rest; in several such relations it is all of them, if no two of their values differ by p.
 */
function confinePorts(
  program: Program,
  relation: ZeroRelation,
  concealed: ReadonlySet<TensorId>,
  ranges: (Range | null)[],
): void {
  // A declared interval may follow from the port's own range.
  if (relation.declared !== null) return;
  for (const [i, term] of relation.form.terms.entries()) {
    const { tensor: id } = term;
    if (!concealed.has(id)) continue;
    if (![1, -1].includes(term.coefficient) || !isWhole(program, term, relation.dims)) continue;
    const rest = scaleInterval(relationRange(program, relation, ranges, i), -term.coefficient);
    if (rest === null || !inside(rest)) continue;
    const known = ranges[id] ?? null;
    if (known === null) ranges[id] = rest;
    else if (known.lo - rest.hi > -P && known.hi - rest.lo < P) {
      const lo = Math.max(known.lo, rest.lo);
      const hi = Math.min(known.hi, rest.hi);
      if (lo <= hi) ranges[id] = { lo, hi };
    }
  }
}

/**
 * What the relations enforce on each tensor, null where they enforce nothing. Declared ranges are
 * enforced by others: the verifier checks public values, `checkModel` or a registration weights.
 * Those of concealed ports are not.
 */
export function enforcedRanges(
  program: Program,
  concealed: ReadonlySet<TensorId>,
): (Range | null)[] {
  const ranges = program.tensors.map(({ range }, id) => (concealed.has(id) ? null : range));
  const columns = program.tables.map((table) => table.columns.map(columnRange));
  const zeros: ZeroRelation[] = [];
  for (const relation of program.relations) {
    if (relation.kind === 'lookup')
      boundByLookup(program, relation, columns[relation.table] ?? [], ranges);
    else zeros.push(relation);
  }
  if (concealed.size > 0) {
    for (const relation of zeros) confinePorts(program, relation, concealed, ranges);
  }
  for (const relation of zeros) boundByDefinition(program, relation, ranges);
  return ranges;
}

/** An output that no relation has to agree with: its declared range says nothing about what it is. */
function freeOutput(program: Program): number | null {
  for (const step of program.steps) {
    if (step.kind !== 'onehot' || program.tensors[step.output]?.role !== 'output') continue;
    const looked = program.relations.some(
      (r) =>
        r.kind === 'lookup' &&
        r.entries.some((e) => bareTensor(program, e, r.dims) === step.output),
    );
    if (!looked) return step.output;
  }
  return null;
}

/**
 * The enforced-range pass and the no-wrap rule (NW).
 *
 * Range of a tensor: declared for public inputs and outputs (the verifier checks their values),
 * constants (listed) and model tensors (checked at registration); for witness tensors and ports that
 * are not public what a lookup of all their elements allows, or the rest of a zero relation in which
 * they have coefficient ±1 — in program order, a range before its uses. Then every relation, as an
 * integer form over these ranges, must lie strictly inside (−p, p): so it vanishes over the integers
 * if it vanishes mod p. An input that is not public must be confined to its declared range.
 *
 * Holds for every input and every prover. Errors: a tensor without range, a relation that can wrap.
 */
export function deriveRanges(
  program: Program,
  visibility: Visibility = publicVisibility(program),
): Result<readonly Range[], ProgramError> {
  const concealed = concealedTensors(program, visibility);
  const ranges = enforcedRanges(program, concealed);
  const columns = program.tables.map((table) => table.columns.map(columnRange));
  const nodeName = (node: number): string => program.nodes[node]?.name ?? '?';
  const unbounded = (id: number): Result<never, ProgramError> => {
    const tensor = program.tensors[id];
    return err({
      kind: 'program/unbounded',
      tensor: tensor?.name ?? '?',
      node: nodeName(tensor?.node ?? -1),
    });
  };
  const free = freeOutput(program);
  if (free !== null) return unbounded(free);
  const enforced: Range[] = [];
  for (const [id, range] of ranges.entries()) {
    if (range === null) return unbounded(id);
    enforced.push(range);
  }
  for (const id of concealed) {
    const { role, range: declared = null } = program.tensors[id] ?? {};
    const range = enforced[id];
    if (role !== 'input' || declared === null || range === undefined) continue;
    if (range.lo < declared.lo || range.hi > declared.hi) return unbounded(id);
  }
  for (const [id, relation] of program.relations.entries()) {
    const wrap = (what: string, at: Interval): Result<never, ProgramError> =>
      err({
        kind: 'program/wrap',
        relation: id,
        node: nodeName(relation.node),
        what,
        lo: at?.lo ?? Number.NEGATIVE_INFINITY,
        hi: at?.hi ?? Number.POSITIVE_INFINITY,
      });
    if (relation.kind === 'zero') {
      const interval = relationRange(program, relation, enforced, -1);
      if (!inside(interval)) return wrap('the value', interval);
      for (const product of relation.products) {
        const axes = [...relation.dims, ...product.sums];
        for (const [what, operand] of [
          ['the left operand', product.left],
          ['the right operand', product.right],
        ] as const) {
          const operandRange = formRange(operand, axes, program.tensors, enforced);
          if (!inside(operandRange)) return wrap(what, operandRange);
        }
      }
      continue;
    }
    for (const [i, entry] of relation.entries.entries()) {
      const values = columns[relation.table]?.[i];
      if (values === undefined) continue;
      const interval = formRange(entry, relation.dims, program.tensors, enforced);
      const difference = addIntervals(interval, { lo: -values.hi, hi: -values.lo });
      if (!inside(difference)) return wrap(`entry ${i} minus its table column`, difference);
    }
  }
  return ok(enforced);
}
