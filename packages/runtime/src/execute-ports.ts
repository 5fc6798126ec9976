import type { Program, Trace, Weights } from '@assay/program';
import { execute } from './execute.ts';
import type { MatmulEngine } from './products/matmul.ts';

/** A run by the names of its ports. */
export interface PortRun {
  readonly outputs: ReadonlyMap<string, Int32Array>;
  readonly trace: Trace;
}

/** `execute` on integers by input port name; an input that is missing is one without elements, and refused as such. */
export function executePorts(
  program: Program,
  weights: Weights,
  inputs: ReadonlyMap<string, Int32Array>,
  engine: MatmulEngine | null,
): PortRun {
  const none = new Int32Array(0);
  const byTensor = new Map(
    program.inputs.map((port) => [port.tensor, inputs.get(port.name) ?? none]),
  );
  const trace = execute(program, weights, byTensor, engine);
  const outputs = new Map(
    program.outputs.map((port) => [port.name, trace.get(port.tensor) ?? none]),
  );
  return { outputs, trace };
}
