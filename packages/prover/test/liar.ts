import type { Engine } from '@assay/core/engine';
import type { TensorId, Trace } from '@assay/program';
import { resume } from '@assay/runtime/testing';
import type { Statement } from '@assay/verifier';
import type { ProvingKey, Witness } from '../src/index.ts';
import { countRows } from './rows.ts';
import { stated } from './toy-key.ts';

export interface Told {
  readonly statement: Statement;
  readonly witness: Witness;
}

/** A run as a proof of it is made, whether it breaks relations or not. */
export function claimedRun(engine: Engine, key: ProvingKey, trace: Trace, seed?: number): Told {
  const { statement, ports } = stated(engine, key, trace, seed);
  return { statement, witness: { trace, ports, multiplicities: countRows(key, trace) } };
}

/** A lie about some values, with the steps after it done honestly and its outputs in the statement. */
export function tell(
  engine: Engine,
  key: ProvingKey,
  honest: Trace,
  values: ReadonlyMap<TensorId, Int32Array>,
  after: number,
): Told {
  const { program } = key.argument.system;
  const all = resume(program, new Map([...key.weights, ...honest, ...values]), after);
  // What is said stays said.
  for (const [id, data] of values) all.set(id, data);
  const trace: Trace = new Map([...all].filter(([id]) => !key.weights.has(id)));
  return claimedRun(engine, key, trace);
}
