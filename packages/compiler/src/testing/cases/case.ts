/**
 * One or more tiny graphs for every operator: compiled, executed and compared with the float evaluator in
 * this package; proven and forged against elsewhere.
 */
import type { QuantizationOptions } from '../../compile-graph.ts';
import type { DenseTensor, FloatGraph } from '../../graph/types.ts';
import type { NoAttributes } from '../../graph/operators.ts';
import { graphOf, randomTensor, seededRandom, type GraphSpec, type Random } from '../graphs.ts';

export interface OperatorCase {
  readonly name: string;
  readonly operator: string;
  readonly graph: FloatGraph;
  readonly samples: readonly ReadonlyMap<string, DenseTensor>[];
  readonly options: QuantizationOptions;
  /** Stated bound: largest error allowed, as a fraction of the output's span over the samples. */
  readonly bound: number;
  /** Small enough (4-bit values, few elements) to search all traces for a second solution. */
  readonly toy: boolean;
}

export interface CaseSpec extends GraphSpec {
  readonly operator: string;
  readonly lo?: number;
  readonly hi?: number;
  readonly options?: QuantizationOptions;
  readonly bound?: number;
  readonly toy?: boolean;
}

const SAMPLES = 24;

export const caseOf = (name: string, seed: number, spec: CaseSpec): OperatorCase => {
  const random = seededRandom(seed);
  const graph = graphOf(name, spec);
  const samples = Array.from(
    { length: SAMPLES },
    () =>
      new Map(
        Object.entries(spec.inputs).map(([input, dims]) => [
          input,
          randomTensor(random, dims, spec.lo ?? -1, spec.hi ?? 1),
        ]),
      ),
  );
  return {
    name,
    operator: spec.operator,
    graph,
    samples,
    options: spec.options ?? {},
    bound: spec.bound ?? 2 ** -7,
    toy: spec.toy ?? false,
  };
};

export const window2 = (
  kernel: number,
  stride: number,
  pad = 0,
  dilation = 1,
): {
  kernel: number[];
  strides: number[];
  dilations: number[];
  padsBegin: number[];
  padsEnd: number[];
} => ({
  kernel: [kernel, kernel],
  strides: [stride, stride],
  dilations: [dilation, dilation],
  padsBegin: [pad, pad],
  padsEnd: [pad, pad],
});

export const constants = (
  random: Random,
  shapes: Readonly<Record<string, readonly number[]>>,
): Record<string, DenseTensor> =>
  Object.fromEntries(
    Object.entries(shapes).map(([name, dims]) => [name, randomTensor(random, dims)]),
  );

export const none: NoAttributes = {};
