import type { DenseTensor, FloatGraph } from './graph/types.ts';
import { lowerGraph, type LoweredGraph } from './lowering/lower.ts';
import { planTargets, type Interval } from './quantize/index.ts';

export interface QuantizationOptions {
  /** Bits of activations. @default 10 */
  readonly activationBits?: number;
  /** Bits of inputs. @default 10 */
  readonly inputBits?: number;
  /** Bits of operands of softmax, log-softmax and argmax, and of outputs behind a table. @default 12 */
  readonly fineBits?: number;
  /** log2 of the remainder of a rescale, wherever weights then fit 16 bits. @default activationBits + 3 */
  readonly shift?: number;
  /** Observed ranges are widened by this factor. @default 1 */
  readonly margin?: number;
}

/** Smallest and largest element seen of each tensor of the graph. */
export type Observations = ReadonlyMap<string, Interval>;

/** Lowers a float graph with ranges that were observed on samples. */
export const compileGraph = (
  graph: FloatGraph,
  samples: readonly ReadonlyMap<string, DenseTensor>[],
  observed: Observations,
  options: QuantizationOptions = {},
): LoweredGraph => {
  const activationBits = options.activationBits ?? 10;
  const integral = new Set(
    graph.inputs.filter((name) => samples.length > 0 && samples.every((s) => s.get(name)?.data.every((v) => Number.isInteger(v)) ?? false)),
  );
  const targets = planTargets(graph, observed, integral, {
    activationBits,
    inputBits: options.inputBits ?? 10,
    fineBits: options.fineBits ?? 12,
    margin: options.margin ?? 1,
  });
  return lowerGraph(graph, targets, { shift: options.shift ?? activationBits + 3 });
};

