import type { Step } from '@assay/program';
import { executionError } from '../errors.ts';
import { planLookup } from '../step-plans.ts';
import { allocate, type Produced, type StepContext } from './context.ts';
import { tableIndex } from './table-index.ts';

/** Step 'lookup': value columns of the rows whose keys are the given entries. */
export function lookup(context: StepContext, step: Extract<Step, { kind: 'lookup' }>): Produced {
  const { evaluator } = context;
  const { relation, table } = planLookup(evaluator.program, step);
  const { columns, rowAt } = tableIndex(table);
  const keys = relation.entries
    .slice(0, table.keys)
    .map((entry) => evaluator.evaluate(entry, relation.dims, relation.node));
  const count = keys[0]?.length ?? 0;
  const rows = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const row = rowAt(keys, i);
    if (row < 0) {
      const tensor = step.outputs[0]?.tensor ?? -1;
      const what = `key (${keys.map((key) => key[i]).join()}) at index ${i} is not in table "${table.name}"`;
      throw executionError('ASSAY_LOOKUP_MISS', evaluator.program, tensor, relation.node, what);
    }
    rows[i] = row;
  }
  return step.outputs.map(({ column, tensor }) => {
    const values = columns[column] as Int32Array;
    const output = allocate(context, tensor);
    for (let i = 0; i < count; i++) output[i] = values[rows[i] as number] as number;
    return [tensor, output] as const;
  });
}
