import { AssayError } from '@assay/core/errors';
import { checkModel, deriveRanges, describeProgramError, validateProgram, type Program, type Weights } from '@assay/program';
import { compileGraph, type QuantizationOptions } from './compile-graph.ts';
import { evaluateGraph, simplifyGraph, type DenseTensor, type FloatGraph } from './graph/index.ts';
import { importModel, type ImportOptions } from './onnx/index.ts';
import { observe } from './observe.ts';
import { reportOn, type Report } from './report/index.ts';

/** One input of the model: a tensor for each of its inputs. */
export type Sample = ReadonlyMap<string, DenseTensor>;

export interface CompileOptions extends QuantizationOptions, ImportOptions {}

export interface Compiled {
  readonly program: Program;
  readonly weights: Weights;
  readonly report: Report;
}

/** Our own lowering must pass what every verifier checks; anything else is a fault of the compiler. */
const assertSound = (program: Program, weights: Weights): void => {
  const refuse = (reason: string): never => {
    throw new AssayError({ code: 'ASSAY_COMPILE_UNSOUND', shortMessage: `compile: the program made from this model is not sound: ${reason}` });
  };
  const valid = validateProgram(program);
  if (!valid.ok) refuse(describeProgramError(valid.error));
  const ranges = deriveRanges(program);
  if (!ranges.ok) return refuse(describeProgramError(ranges.error));
  const model = checkModel(program, weights, ranges.value);
  if (!model.ok) refuse(describeProgramError(model.error));
};

/**
 * ONNX model and a few samples → integer program, its weights, and a report.
 *
 * Ranges come from the samples: what a tensor's values go beyond them later is clamped.
 *
 * @param modelBytes - a serialized ModelProto.
 * @param samples - at least one; the more like real inputs the better.
 * @throws {AssayError} ASSAY_MODEL_* (import), ASSAY_COMPILE_UNSUPPORTED, ASSAY_COMPILE_UNBOUNDED (all offending nodes),
 * ASSAY_COMPILE_SAMPLES.
 */
export const compile = async (modelBytes: Uint8Array, samples: readonly Sample[], options: CompileOptions = {}): Promise<Compiled> => {
  const graph: FloatGraph = simplifyGraph(importModel(modelBytes, options));
  if (samples.length === 0) {
    throw new AssayError({ code: 'ASSAY_COMPILE_SAMPLES', shortMessage: 'compile: expected at least one sample to take ranges from' });
  }
  const floats = samples.map((sample) => evaluateGraph(graph, sample));
  const lowered = compileGraph(graph, samples, observe(floats), options);
  assertSound(lowered.program, lowered.weights);
  return { program: lowered.program, weights: lowered.weights, report: reportOn(graph, lowered, samples, floats) };
};
