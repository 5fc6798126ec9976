import { mulF, P, powF, toF } from '@assay/core/field';
import {
  columnValues,
  multiplicityTensor,
  type Program,
  type Step,
  type TensorId,
  type Trace,
} from '@assay/program';
import { Evaluator } from '@assay/runtime';
import type { ProvingKey } from '../src/index.ts';

/**
 * Counts how often each row is looked up, as far as looked up tuples are rows: the best that a prover
 * can do whose trace breaks a lookup.
 */
export function countRows({ argument, weights }: ProvingKey, trace: Trace): Trace {
  const { program } = argument.system;
  const evaluator = new Evaluator(program, new Map([...weights, ...trace]));
  const rows = program.tables.map(({ columns }) => {
    const values = columns.map(columnValues);
    const found = new Map<string, number>();
    for (let row = 0; row < (values[0]?.length ?? 0); row++)
      found.set(values.map((column) => column[row]).join(), row);
    return found;
  });
  const counts = program.tables.map((table) => new Int32Array(table.rows));
  for (const relation of program.relations) {
    if (relation.kind !== 'lookup') continue;
    const entries = relation.entries.map((e) =>
      evaluator.evaluate(e, relation.dims, relation.node),
    );
    const count = counts[relation.table];
    for (let i = 0; i < relation.dims.reduce((a, b) => a * b, 1); i++) {
      const row = rows[relation.table]?.get(entries.map((e) => e[i]).join());
      if (count !== undefined && row !== undefined) count[row] = (count[row] ?? 0) + 1;
    }
  }
  return new Map(counts.map((count, table) => [multiplicityTensor(program, table), count]));
}

export function changedAt(values: Int32Array, index: number, value: number): Int32Array {
  const out = values.slice();
  out[index] = value;
  return out;
}

/** Index of the step that produces a tensor. */
export function stepOf(program: Program, tensor: TensorId): number {
  return program.steps.findIndex((step) => producedBy(step).includes(tensor));
}

export function producedBy(step: Step): readonly TensorId[] {
  switch (step.kind) {
    case 'digits':
    case 'lookup':
      return step.outputs.map(({ tensor }) => tensor);
    case 'divide':
      return [step.quotient, step.remainder];
    case 'onehot':
      return [step.output];
  }
}

/** a/b mod p as the integer nearest to zero, if it is not a/b itself: the quotient that is right mod p alone. */
export function quotientModP(a: number, b: number): number {
  const q = mulF(toF(a), powF(toF(b), P - 2));
  return q > (P - 1) / 2 ? q - P : q;
}
