import {
  type Program,
  type Range,
  rangeTable,
  type Relation,
  type Table,
  type TensorId,
  type Trace,
  identityView,
} from '@assay/program';
import { planDigits } from '../step-plans.ts';

/** Rows of a table that a range may take. */
const MOST_ROWS = 2 ** 20;

/**
 * A program with a range lookup of every tensor that its steps produce: digits in their radix, all else as far as its
 * values in one run. Null: the ranges are too wide, or there are quotients or maxima, which no relation of such a program fixes.
 */
export function boundedProgram(program: Program, run: Trace): Program | null {
  const tables: Table[] = [...program.tables];
  const relations: Relation[] = [...program.relations];
  const bound = (tensor: TensorId, range: Range): boolean => {
    const { shape = [], node = 0 } = program.tensors[tensor] ?? {};
    if (range.hi - range.lo >= MOST_ROWS) return false;
    const name = `range ${range.lo} ${range.hi}`;
    let table = tables.findIndex((t) => t.name === name);
    if (table < 0) table = tables.push(rangeTable(name, range)) - 1;
    const view = identityView(shape);
    const entry = { terms: [{ tensor, coefficient: 1, view, sums: [] }], constant: 0 };
    relations.push({ kind: 'lookup', dims: shape, table, entries: [entry], node });
    return true;
  };
  const seen = (tensor: TensorId): Range => {
    let lo = 0;
    let hi = 0;
    for (const value of run.get(tensor) ?? []) {
      lo = Math.min(lo, value);
      hi = Math.max(hi, value);
    }
    return { lo, hi };
  };
  for (const step of program.steps) {
    switch (step.kind) {
      case 'digits':
        for (const [i, { tensor, low, ratio }] of planDigits(program, step).outputs.entries()) {
          const radix = { lo: low, hi: low + Math.abs(ratio) - 1 };
          if (!bound(tensor, i === 0 ? seen(tensor) : radix)) return null;
        }
        break;
      case 'lookup':
        break;
      default:
        return null;
    }
  }
  return { ...program, tables, relations };
}
