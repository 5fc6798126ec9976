import { AssayError } from '@assay/core/errors';
import { checkProgram, describeProgramError, type Program, type Weights } from '@assay/program';
import { compileGraph, type QuantizationOptions } from './compile-graph.ts';
import { RangeObserver } from './float/index.ts';
import { FloatModel, type Values } from './float-model.ts';
import { simplifyGraph, type FloatGraph } from './graph/index.ts';
import { checkInputPorts } from './link/index.ts';
import { importModel, type ImportOptions } from './onnx/index.ts';
import { Reporter, type Report } from './report/index.ts';

/** One input of the model: a tensor for each of its inputs. */
export type Sample = Values;

export interface CompileOptions extends QuantizationOptions, ImportOptions {
  /**
   * For each sample, the integers that the programs of `inputPorts` give, by input name: the report is then of
   * the chain, from their inputs on. @default the samples' own values, rounded
   */
  readonly sourceOutputs?: readonly ReadonlyMap<string, Int32Array>[];
  /** Stages as they begin, and how much of each is done. */
  readonly onProgress?: (
    stage: 'observe' | 'lower' | 'check' | 'report',
    done: number,
    total: number,
  ) => void;
  /** Looked at between samples. @throws ASSAY_ABORTED */
  readonly signal?: AbortSignal;
}

export interface Compiled {
  readonly program: Program;
  readonly weights: Weights;
  readonly report: Report;
}

/** Our own lowering must pass what every verifier checks; anything else is a fault of the compiler. */
const assertSound = (program: Program, weights: Weights): void => {
  const system = checkProgram(program, weights);
  if (system.ok) return;
  throw new AssayError({
    code: 'ASSAY_COMPILE_UNSOUND',
    shortMessage: `compile: the program made from this model is not sound: ${describeProgramError(system.error)}`,
  });
};

const abortIfAsked = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted === true)
    throw new AssayError({
      code: 'ASSAY_ABORTED',
      shortMessage: 'compilation was aborted',
      cause: signal.reason,
    });
};

/** Bits of activations to try in turn, until the program agrees with the float model on the samples. */
const ACTIVATION_BITS = [10, 11, 12];

/**
 * ONNX model and a few samples → integer program, its weights, and a report.
 *
 * Ranges come from the samples: what a tensor's values go beyond them later is clamped. Without
 * `activationBits` the fewest bits are taken with which outputs agree with onnxruntime on the samples
 * (`Report.agrees`), as far as there are such.
 *
 * @param modelBytes - a serialized ModelProto.
 * @param samples - at least one; the more like real inputs the better.
 * @throws {AssayError} ASSAY_MODEL_* (import), ASSAY_COMPILE_UNSUPPORTED, ASSAY_COMPILE_UNBOUNDED (all offending nodes),
 * ASSAY_COMPILE_SAMPLES, ASSAY_COMPILE_PORT (`inputPorts` that do not fit), ASSAY_FLOAT_* (onnxruntime), ASSAY_ABORTED.
 */
export const compile = async (
  modelBytes: Uint8Array,
  samples: readonly Sample[],
  options: CompileOptions = {},
): Promise<Compiled> => {
  const progress = options.onProgress ?? ((): void => undefined);
  if (samples.length === 0) {
    throw new AssayError({
      code: 'ASSAY_COMPILE_SAMPLES',
      shortMessage: 'compile: expected at least one sample to take ranges from',
    });
  }
  const { sourceOutputs } = options;
  if (sourceOutputs !== undefined && sourceOutputs.length !== samples.length)
    throw new RangeError(
      `compile: expected sourceOutputs for ${samples.length} samples, got ${sourceOutputs.length}`,
    );
  const graph: FloatGraph = simplifyGraph(importModel(modelBytes, options), options.privateWeights);
  checkInputPorts(graph, options.inputPorts ?? new Map());
  const float = await FloatModel.create(modelBytes, graph);
  try {
    const observer = new RangeObserver();
    for (const [i, sample] of samples.entries()) {
      abortIfAsked(options.signal);
      observer.add(await float.run(sample));
      progress('observe', i + 1, samples.length);
    }
    const observed = observer.ranges();
    const choices =
      options.activationBits === undefined ? ACTIVATION_BITS : [options.activationBits];
    for (const [i, activationBits] of choices.entries()) {
      progress('lower', i, choices.length);
      const lowered = compileGraph(graph, samples, observed, { ...options, activationBits });
      progress('check', i, choices.length);
      assertSound(lowered.program, lowered.weights);
      const reporter = new Reporter(graph, lowered, options.inputPorts);
      for (const [j, sample] of samples.entries()) {
        abortIfAsked(options.signal);
        reporter.add(sample, await float.run(sample), sourceOutputs?.[j]);
        progress('report', j + 1, samples.length);
      }
      const report = reporter.report();
      if (i + 1 === choices.length || report.agrees)
        return { program: lowered.program, weights: lowered.weights, report };
    }
    throw new TypeError('compile: expected a choice of bits');
  } finally {
    await float.release();
  }
};
