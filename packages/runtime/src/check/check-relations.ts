import { P } from '@assay/core/field';
import {
  columnValues,
  elementCount,
  type Program,
  type Relation,
  type Table,
  type TensorId,
  type Trace,
  type Weights,
} from '@assay/program';
import { Evaluator, type Ints } from '../forms/evaluator.ts';
import { EXACT } from '../forms/interval.ts';
import type { MatmulEngine } from '../products/matmul.ts';
import { evaluateSum, planSum } from '../products/zero.ts';
import { coordinates, formAt, indices, zeroAt } from '../reference/evaluate.ts';
import { BIG_INTEGERS } from '../reference/ring.ts';
import { tableIndex } from '../steps/table-index.ts';
import type { Violation } from './violation.ts';

type RelationOf<Kind extends Relation['kind']> = Extract<Relation, { kind: Kind }>;
type Report = (violation: Violation) => void;

export interface CheckOptions {
  /** For large products; results are the same without. */
  readonly engine?: MatmulEngine | null;
  /** Stop after this many violations. @default 100 */
  readonly limit?: number;
}

const MODULUS = BigInt(P);

function modP(n: bigint): bigint {
  const r = n % MODULUS;
  return r < 0n ? r + MODULUS : r;
}

/** Rows of a table mod p. */
function rowsModP(table: Table): Set<string> {
  const columns = table.columns.map(columnValues);
  const rows = new Set<string>();
  for (let row = 0; row < table.rows; row++) {
    rows.add(columns.map((column) => modP(BigInt(column[row] as number))).join());
  }
  return rows;
}

/** Weights, constants and the trace's inputs, witness and outputs, with the right numbers of elements. */
function collect(program: Program, weights: Weights, trace: Trace): Map<TensorId, Int32Array> {
  const tensors = new Map<TensorId, Int32Array>();
  program.tensors.forEach((tensor, id) => {
    const given = tensor.role === 'model' ? weights.get(id) : trace.get(id);
    const data = tensor.role === 'constant' ? Int32Array.from(tensor.data ?? []) : given;
    const expected = elementCount(tensor.shape);
    if (data === undefined || data.length !== expected) {
      throw new RangeError(
        `checkRelations: expected ${expected} values of tensor ${tensor.name}, got ${data?.length ?? 'none'}`,
      );
    }
    tensors.set(id, data);
  });
  return tensors;
}

function checkRanges(
  program: Program,
  tensors: ReadonlyMap<TensorId, Int32Array>,
  report: Report,
): void {
  program.tensors.forEach(({ range, shape, node }, id) => {
    if (range === null) return;
    tensors.get(id)?.forEach((value, i) => {
      if (value >= range.lo && value <= range.hi) return;
      report({ kind: 'range', tensor: id, index: coordinates(i, shape), node, value });
    });
  });
}

function checkZero(
  evaluator: Evaluator,
  engine: MatmulEngine | null,
  relation: RelationOf<'zero'>,
  id: number,
  report: Report,
): void {
  const { dims, node } = relation;
  const check = (residual: bigint, index: readonly number[]): void => {
    if (residual === 0n) return;
    report({ kind: 'zero', relation: id, index, node, residual, wraps: modP(residual) === 0n });
  };
  const plan = planSum(evaluator, relation);
  if (plan.exact) {
    const values = evaluateSum(evaluator, engine, relation, plan);
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      if (value !== 0) check(BigInt(value), coordinates(i, dims));
    }
    return;
  }
  for (const index of indices(dims)) check(zeroAt(evaluator, BIG_INTEGERS, relation, index), index);
}

function checkLookup(
  evaluator: Evaluator,
  relation: RelationOf<'lookup'>,
  id: number,
  report: Report,
): void {
  const { dims, node, entries } = relation;
  const table = evaluator.program.tables[relation.table];
  if (table === undefined) throw new RangeError(`checkRelations: relation ${id} names no table`);
  const { rowAt, columns } = tableIndex(table);
  let modular: Set<string> | undefined;
  const reject = (values: readonly bigint[], index: readonly number[]): void => {
    modular ??= rowsModP(table);
    const wraps = modular.has(values.map(modP).join());
    report({ kind: 'lookup', relation: id, index, node, entries: values, wraps });
  };
  const isRow = (values: readonly ArrayLike<number>[], i: number): boolean => {
    const row = rowAt(values, i);
    if (row < 0) return false;
    for (let c = table.keys; c < columns.length; c++) {
      if (values[c]?.[i] !== columns[c]?.[row]) return false;
    }
    return true;
  };
  if (entries.every((entry) => evaluator.interval(entry).largest < EXACT)) {
    const values: Ints[] = entries.map((entry) => evaluator.evaluate(entry, dims, node));
    const count = elementCount(dims);
    for (let i = 0; i < count; i++) {
      if (!isRow(values, i))
        reject(
          values.map((v) => BigInt(v[i] as number)),
          coordinates(i, dims),
        );
    }
    return;
  }
  for (const index of indices(dims)) {
    const values = entries.map((entry) => formAt(evaluator, BIG_INTEGERS, entry, dims, index));
    // Beyond 2^53 a number is no table value either.
    if (
      !isRow(
        values.map((v) => [Number(v)]),
        0,
      )
    )
      reject(values, index);
  }
}

/**
 * Evaluates every relation over the integers on a trace: all of them, at every index, and the declared ranges.
 * A trace without violations is what `execute` gives, and what a proof proves.
 *
 * @param trace - inputs, witness and outputs; weights and constants are taken from the other arguments.
 * @throws {RangeError} a tensor is missing or has the wrong number of elements.
 */
export function checkRelations(
  program: Program,
  weights: Weights,
  trace: Trace,
  options: CheckOptions = {},
): Violation[] {
  const limit = options.limit ?? 100;
  const violations: Violation[] = [];
  const report: Report = (violation) => {
    if (violations.length < limit) violations.push(violation);
  };
  const tensors = collect(program, weights, trace);
  const evaluator = new Evaluator(program, tensors);
  checkRanges(program, tensors, report);
  for (const [id, relation] of program.relations.entries()) {
    if (violations.length >= limit) break;
    if (relation.kind === 'zero')
      checkZero(evaluator, options.engine ?? null, relation, id, report);
    else checkLookup(evaluator, relation, id, report);
  }
  return violations;
}
