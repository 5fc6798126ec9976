import { LIST, type TensorRef } from '../types.ts';
import { boundCost, type CostBound, type Depths, depthsOf } from './cost.ts';
import { exactCost, totalReads } from './exact.ts';
import type { TableReader } from './patterns.ts';
import type { TraceProgram } from './types.ts';

/** What the dearest check of one relation needs. */
export interface Dearest extends CostBound {
  readonly relation: number;
  /** Every element was looked at; otherwise a bound that no element exceeds. */
  readonly exact: boolean;
}

/** Reads of a relation up to which its elements are looked at one by one. */
const EXACT_READS = 2 ** 22;

/** Values of gather tables, which are listed. */
export function tableReader(trace: Pick<TraceProgram, 'lists'>): TableReader {
  return (ref: TensorRef) => {
    const origin = trace.lists[LIST.constant][ref.index]?.origin;
    return origin?.kind === 'listed' ? origin.values : [];
  };
}

export function traceDepths(trace: Pick<TraceProgram, 'lists' | 'relations'>): Depths {
  const [constants, inputs, traces, outputs] = trace.lists;
  return depthsOf(trace.relations.length, [
    constants.length,
    inputs.length,
    traces.length,
    outputs.length,
  ]);
}

/**
 * What the dearest check of each relation needs: products and terms, leaves, and calldata of the transaction that
 * proves it (ABI encoding of parameters, relation, paths, leaves, hashes).
 *
 * @param exactReads - relations that read no more elements in all are looked at element by element; for the others
 * a bound is given that holds for every element.
 */
export function dearest(trace: TraceProgram, exactReads: number = EXACT_READS): readonly Dearest[] {
  const depths = traceDepths(trace);
  const readTable = tableReader(trace);
  return trace.relations.map((relation, index) => {
    const exact = totalReads(relation) <= exactReads;
    const cost = exact
      ? exactCost(relation, depths, readTable)
      : boundCost(relation, depths, readTable);
    return { relation: index, exact, ...cost };
  });
}
