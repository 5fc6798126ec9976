import { AssayError } from '@assay/core/errors';
import {
  columnValues,
  multiplicityTensor,
  type Program,
  type Table,
  type TensorId,
} from '@assay/program';
import type { Evaluator } from '@assay/runtime';

/** Row of a table by its key columns, or −1. */
function rowFinder(table: Table): (keys: readonly ArrayLike<number>[], index: number) => number {
  const first = table.columns[0];
  const segment =
    first?.kind === 'segments' && first.segments.length === 1 ? first.segments[0] : undefined;
  if (table.keys === 1 && segment !== undefined && segment.slope === 1) {
    return (keys, index) => {
      const row = (keys[0]?.[index] ?? 0) - segment.start;
      return row >= 0 && row < segment.rows ? row : -1;
    };
  }
  const columns = table.columns.slice(0, table.keys).map(columnValues);
  const rows = new Map<string, number>();
  for (let row = 0; row < table.rows; row++)
    rows.set(columns.map((column) => column[row]).join(), row);
  return (keys, index) => rows.get(keys.map((key) => key[index]).join()) ?? -1;
}

/**
 * How often each row of each table is looked up, as pseudo tensors of the witness.
 * @throws {AssayError} ASSAY_WITNESS_LOOKUP when a key is in no row: the trace is not one of this program.
 */
export function countMultiplicities(
  program: Program,
  evaluator: Evaluator,
): Map<TensorId, Int32Array> {
  const counts = program.tables.map((table) => new Int32Array(table.rows));
  const finders = program.tables.map(rowFinder);
  for (const relation of program.relations) {
    if (relation.kind !== 'lookup') continue;
    const table = program.tables[relation.table];
    const count = counts[relation.table];
    const find = finders[relation.table];
    if (table === undefined || count === undefined || find === undefined) continue;
    const keys = relation.entries
      .slice(0, table.keys)
      .map((entry) => evaluator.evaluate(entry, relation.dims, relation.node));
    const length = relation.dims.reduce((product, n) => product * n, 1);
    for (let i = 0; i < length; i++) {
      const row = find(keys, i);
      if (row < 0) {
        throw new AssayError({
          code: 'ASSAY_WITNESS_LOOKUP',
          shortMessage: `node ${program.nodes[relation.node]?.name ?? '?'}: (${keys.map((key) => key[i]).join(', ')}) at ${i} is in no row of table ${table.name}`,
        });
      }
      count[row] = (count[row] ?? 0) + 1;
    }
  }
  return new Map(counts.map((count, table) => [multiplicityTensor(program, table), count]));
}
