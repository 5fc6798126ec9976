import { compileGraph } from '../compile-graph.ts';
import { evaluateGraph, type DenseTensor } from '../graph/index.ts';
import type { LoweredGraph } from '../lowering/lower.ts';
import { RangeObserver } from '../float/observe.ts';
import type { OperatorCase } from './cases/index.ts';

export interface CompiledCase extends LoweredGraph {
  /** Values of the float graph, sample by sample. */
  readonly floats: readonly ReadonlyMap<string, DenseTensor>[];
}

/** Compiles a case with ranges observed on its own samples. */
export const compileCase = ({ graph, samples, options }: OperatorCase): CompiledCase => {
  const floats = samples.map((sample) => evaluateGraph(graph, sample));
  const observer = new RangeObserver();
  for (const values of floats) observer.add(values);
  return { ...compileGraph(graph, samples, observer.ranges(), options), floats };
};
