import { elementCount, type Program, type Step, type TensorId } from '@assay/program';
import { executionError, nodeLabel } from '../errors.ts';
import { planDigits, planDivide, planLookup } from '../step-plans.ts';
import { flatIndex, formAt, indices, type Values, zeroAt } from './evaluate.ts';
import { exactNumbers } from './ring.ts';
import { rowsByKey } from './tables.ts';

type StepOf<Kind extends Step['kind']> = Extract<Step, { kind: Kind }>;

/** Tensors that a step produces. */
type Produced = Map<TensorId, Int32Array>;

function allocate(program: Program, tensors: readonly TensorId[]): Produced {
  return new Map(
    tensors.map((id) => [id, new Int32Array(elementCount(program.tensors[id]?.shape ?? []))]),
  );
}

function store(
  program: Program,
  produced: Produced,
  node: number,
  id: TensorId,
  at: number,
  value: number,
): void {
  if (value < -(2 ** 31) || value >= 2 ** 31) {
    throw executionError(
      'ASSAY_VALUE_RANGE',
      program,
      id,
      node,
      `value ${value} at index ${at} leaves int32`,
    );
  }
  const data = produced.get(id);
  if (data !== undefined) data[at] = value;
}

/** Non-negative remainder. */
function modulo(n: number, modulus: number): number {
  const r = n % modulus;
  return r < 0 ? r + modulus : r + 0;
}

export function digits(values: Values, step: StepOf<'digits'>): Produced {
  const { program } = values;
  const plan = planDigits(program, step);
  const { relation, rest, sign } = plan;
  const ring = exactNumbers(nodeLabel(program, relation.node));
  const produced = allocate(
    program,
    plan.outputs.map((output) => output.tensor),
  );
  for (const index of indices(relation.dims)) {
    const known = zeroAt(values, ring, { ...relation, form: rest }, index);
    const at = flatIndex(index, relation.dims);
    // Σ (c_i/c_k)·digit_i = −known/c_k, and c_k = ±1.
    let t = -known * sign;
    for (const { tensor, low, ratio } of plan.outputs.toReversed()) {
      const digit = ratio === 0 ? t : low + modulo(ring.add(t, -low), Math.abs(ratio));
      store(program, produced, relation.node, tensor, at, digit);
      if (ratio !== 0) t = ring.add(t, -digit) / ratio;
    }
  }
  return produced;
}

export function divide(values: Values, step: StepOf<'divide'>): Produced {
  const { program } = values;
  const { relation, rest, divisor, factor } = planDivide(program, step);
  const ring = exactNumbers(nodeLabel(program, relation.node));
  const produced = allocate(program, [step.quotient, step.remainder]);
  for (const index of indices(relation.dims)) {
    const numerator = -formAt(values, ring, rest, relation.dims, index);
    const d = ring.multiply(factor, formAt(values, ring, divisor, relation.dims, index));
    const at = flatIndex(index, relation.dims);
    if (d < 1) {
      throw executionError(
        'ASSAY_DIVISOR',
        program,
        step.quotient,
        relation.node,
        `divisor ${d} at index ${at}`,
      );
    }
    const remainder = modulo(numerator, d);
    store(program, produced, relation.node, step.quotient, at, ring.add(numerator, -remainder) / d);
    store(program, produced, relation.node, step.remainder, at, remainder);
  }
  return produced;
}

export function lookup(values: Values, step: StepOf<'lookup'>): Produced {
  const { program } = values;
  const { relation, table } = planLookup(program, step);
  const ring = exactNumbers(nodeLabel(program, relation.node));
  const rows = rowsByKey(table);
  const produced = allocate(
    program,
    step.outputs.map((output) => output.tensor),
  );
  const keys = relation.entries.slice(0, table.keys);
  for (const index of indices(relation.dims)) {
    const key = keys.map((entry) => formAt(values, ring, entry, relation.dims, index)).join();
    const row = rows.get(key);
    const at = flatIndex(index, relation.dims);
    if (row === undefined) {
      const tensor = step.outputs[0]?.tensor ?? -1;
      const what = `key (${key}) at index ${at} is not in table "${table.name}"`;
      throw executionError('ASSAY_LOOKUP_MISS', program, tensor, relation.node, what);
    }
    for (const { column, tensor } of step.outputs) {
      store(program, produced, relation.node, tensor, at, row[column] as number);
    }
  }
  return produced;
}

export function onehot(values: Values, step: StepOf<'onehot'>): Produced {
  const { program } = values;
  const tensor = program.tensors[step.output];
  const shape = tensor?.shape ?? [];
  const node = tensor?.node ?? 0;
  const ring = exactNumbers(nodeLabel(program, node));
  const produced = allocate(program, [step.output]);
  const length = shape[step.axis] ?? 1;
  for (const start of indices(shape.with(step.axis, 1))) {
    let best = -Infinity;
    let at = 0;
    for (let i = 0; i < length; i++) {
      const index = start.with(step.axis, i);
      const value = formAt(values, ring, step.source, shape, index);
      if (value > best) {
        best = value;
        at = flatIndex(index, shape);
      }
    }
    store(program, produced, node, step.output, at, 1);
  }
  return produced;
}
