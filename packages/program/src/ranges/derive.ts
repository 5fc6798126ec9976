import { err, ok, type Result } from '@assay/core/errors';
import { P } from '@assay/core/field';
import type { ProgramError } from '../errors.ts';
import { elementCount } from '../shape/dimensions.ts';
import { columnRange } from '../tables/columns.ts';
import type { Form, LookupRelation, Program, Range, Term, ZeroRelation } from '../types.ts';
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
 * Range of a tensor: declared for inputs, outputs (the verifier checks public values), constants
 * (listed) and model tensors (checked at registration); for witness tensors what a lookup of all its
 * elements allows, or the rest of a zero relation in which it has coefficient ±1 — in program order,
 * a range before its uses. Then every relation, as an integer form over these ranges, must lie
 * strictly inside (−p, p): so it vanishes over the integers if it vanishes mod p.
 *
 * Holds for every input and every prover. Errors: a tensor without range, a relation that can wrap.
 */
export function deriveRanges(program: Program): Result<readonly Range[], ProgramError> {
  const ranges: (Range | null)[] = program.tensors.map((tensor) => tensor.range);
  const nodeName = (node: number): string => program.nodes[node]?.name ?? '?';
  const columns = program.tables.map((table) => table.columns.map(columnRange));
  for (const relation of program.relations) {
    if (relation.kind === 'lookup')
      boundByLookup(program, relation, columns[relation.table] ?? [], ranges);
  }
  for (const relation of program.relations) {
    if (relation.kind === 'zero') boundByDefinition(program, relation, ranges);
  }
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
