import type { Program, TensorId, Trace } from '@assay/program';
import { resume, type Toy } from '@assay/runtime/testing';
import type { Statement } from '@assay/verifier';
import type { ProvingKey, Witness } from '../src/index.ts';
import { countRows } from './rows.ts';

export interface Told {
  readonly statement: Statement;
  readonly witness: Witness;
}

/** A lie about some values, with the steps after it done honestly and its outputs in the statement. */
export function tell(
  key: ProvingKey,
  toy: Toy,
  honest: Trace,
  values: ReadonlyMap<TensorId, Int32Array>,
  after: number,
): Told {
  const { program } = toy;
  const all = resume(program, new Map([...key.weights, ...honest, ...values]), after);
  // What is said stays said.
  for (const [id, data] of values) all.set(id, data);
  const trace: Trace = new Map([...all].filter(([id]) => !key.weights.has(id)));
  const ports = (list: Program['inputs']): Map<string, Int32Array> =>
    new Map(list.map(({ name, tensor }) => [name, clamped(program, tensor, trace)]));
  const statement = {
    inputs: ports(program.inputs),
    outputs: ports(program.outputs),
    nonce: new Uint8Array(),
  };
  return { statement, witness: { trace, multiplicities: countRows(key, trace) } };
}

/** Public values are inside their ranges or not shown at all. */
function clamped(program: Program, tensor: TensorId, trace: Trace): Int32Array {
  const { lo, hi } = program.tensors[tensor]?.range ?? { lo: 0, hi: 0 };
  return (trace.get(tensor) ?? new Int32Array()).map((v) => Math.min(Math.max(v, lo), hi));
}
