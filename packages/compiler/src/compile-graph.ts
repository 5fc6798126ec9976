import { lookupTree, storedElements, type Program } from '@assay/program';
import type { DenseTensor, FloatGraph } from './graph/types.ts';
import { checkInputPorts, type SourcePort } from './link/index.ts';
import type { LoweringOptions } from './lowering/context.ts';
import { lowerGraph, type LoweredGraph } from './lowering/lower.ts';
import { planTargets, type Interval } from './quantize/index.ts';

export interface QuantizationOptions {
  /** Bits of activations. @default 10; `compile` takes more where outputs need it */
  readonly activationBits?: number;
  /** Bits of inputs. @default activationBits */
  readonly inputBits?: number;
  /** Bits of operands of softmax, log-softmax and argmax, and of outputs behind a table. @default activationBits + 2 */
  readonly fineBits?: number;
  /** log2 of the remainder of a rescale, wherever weights then fit 16 bits. @default activationBits + 2 */
  readonly shift?: number;
  /** Remainders longer than this are committed in limbs. @default whichever costs less */
  readonly limbBits?: number;
  /** Whether wide clamps are tables or split in blocks. @default whichever costs less */
  readonly clamps?: 'tables' | 'blocks';
  /**
   * Bits of outputs that are numbers: they are rescaled to their observed range, as a value inside the model is.
   * For outputs that another program takes over. @default outputs are as fine as their sums (up to 30 bits)
   */
  readonly outputBits?: number;
  /**
   * Inputs, by name, that take an output of another program as the same integers (`sourcePort`). One that
   * ranges over more than `fineBits` is rescaled first, as part of the program.
   */
  readonly inputPorts?: ReadonlyMap<string, SourcePort>;
  /**
   * Weights are to stay private: intervals and scales that follow from them are rounded outward to few bits, and
   * constants are committed rather than listed. `LoweredGraph.publicConstants` says what the program shows even so.
   * @default false
   */
  readonly privateWeights?: boolean | undefined;
  /** Observed ranges are widened by this factor: few samples do not show the largest values. @default 1.25 */
  readonly margin?: number;
}

/** Significant bits of observed ranges where weights are private. */
const PRIVATE_RANGE_BITS = 4;
/**
 * Tables of private weights are cut at powers of two; in eighths of them where that saves more than a part of the
 * proving time.
 */
const PRIVATE_STEPS = { coarse: 1, fine: 8 } as const;
const MOST_FOR_COARSE = 1 + 1 / 16;

/** Most bits that outputs are rescaled to: a clamp to them is one table, or blocks with one. */
const MOST_OUTPUT_BITS = 16;

/** Smallest and largest element seen of each tensor of the graph. */
export type Observations = ReadonlyMap<string, Interval>;

/** Clamps by one table while its rows pay, or by blocks of keys. */
const CLAMP_ROWS = {
  tables: { perElement: 4, free: 4096 },
  blocks: { perElement: 2, free: 0 },
} as const;

/**
 * What proving time follows, in committed elements: fractions of the lookup argument count eight times (a
 * fraction is some forty products in the extension, an element its share of encoding and hashing).
 */
export const provingCost = (program: Program): number => {
  const { variables, total } = lookupTree(program);
  return 8 * Math.max(2 ** variables, total) + storedElements(program).witness;
};

interface Candidate {
  readonly lowered: LoweredGraph;
  readonly cost: number;
}

/** Lowers a float graph with ranges that were observed on samples. */
export const compileGraph = (
  graph: FloatGraph,
  samples: readonly ReadonlyMap<string, DenseTensor>[],
  observed: Observations,
  options: QuantizationOptions = {},
): LoweredGraph => {
  const activationBits = options.activationBits ?? 10;
  const fineBits = options.fineBits ?? activationBits + 2;
  const outputBits = options.outputBits ?? null;
  const privateWeights = options.privateWeights ?? false;
  if (
    outputBits !== null &&
    !(Number.isInteger(outputBits) && outputBits >= 2 && outputBits <= MOST_OUTPUT_BITS)
  )
    throw new RangeError(
      `compileGraph: expected outputBits from 2 to ${MOST_OUTPUT_BITS}, got ${outputBits}`,
    );
  const inputPorts = options.inputPorts ?? new Map<string, SourcePort>();
  checkInputPorts(graph, inputPorts);
  const linked = new Set(inputPorts.keys());
  const integral = new Set(
    graph.inputs.filter(
      (name) =>
        !linked.has(name) &&
        samples.length > 0 &&
        samples.every((s) => s.get(name)?.data.every((v) => Number.isInteger(v)) ?? false),
    ),
  );
  const targets = planTargets(graph, observed, integral, {
    activationBits,
    inputBits: options.inputBits ?? activationBits,
    fineBits,
    outputBits,
    linked,
    margin: options.margin ?? 1.25,
    ...(privateWeights ? { rangeBits: PRIVATE_RANGE_BITS } : {}),
  });
  const shift = options.shift ?? activationBits + 2;
  const ports = { inputPorts, widestInput: 2 ** fineBits, outputBits };
  const candidates: Omit<LoweringOptions, 'privateSteps'>[] = [];
  for (const limbBits of options.limbBits === undefined
    ? [...new Set([shift, Math.ceil(shift / 2)])]
    : [options.limbBits]) {
    for (const clamps of options.clamps === undefined
      ? (['tables', 'blocks'] as const)
      : [options.clamps]) {
      candidates.push({ shift, limbBits, clampRows: CLAMP_ROWS[clamps], ...ports });
    }
  }
  const cheapest = (privateSteps: number | null): Candidate => {
    let best: Candidate | null = null;
    for (const candidate of candidates) {
      const lowered = lowerGraph(graph, targets, { ...candidate, privateSteps });
      const cost = provingCost(lowered.program);
      if (best === null || cost < best.cost) best = { lowered, cost };
    }
    if (best === null) throw new TypeError('compileGraph: expected a candidate');
    return best;
  };
  if (!privateWeights) return cheapest(null).lowered;
  const coarse = cheapest(PRIVATE_STEPS.coarse);
  const fine = cheapest(PRIVATE_STEPS.fine);
  return (coarse.cost <= MOST_FOR_COARSE * fine.cost ? coarse : fine).lowered;
};
