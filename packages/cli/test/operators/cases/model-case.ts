/** Small ONNX models around one operator each. */
import type { CompileOptions, Sample } from '@assay/compiler';
import {
  type AttributeSpec,
  encodeModel,
  type ModelSpec,
  type NodeSpec,
  type TensorSpec,
} from '@assay/compiler/onnx';
import { randomTensor, seededRandom } from '@assay/compiler/testing';

export interface ModelCase {
  readonly name: string;
  /** The operator that the case is about. */
  readonly operator: string;
  /** Operators of the model's nodes. */
  readonly nodes: readonly string[];
  readonly opset: number;
  readonly model: Uint8Array;
  readonly samples: readonly Sample[];
  readonly options: CompileOptions;
  /** Stated bound: largest error against onnxruntime, as a part of the output's span over the samples. */
  readonly bound: number;
  /** Few values of few elements: all traces can be tried. */
  readonly toy: boolean;
}

export interface CaseSpec {
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly constants?: Readonly<Record<string, TensorSpec>>;
  readonly nodes: readonly NodeSpec[];
  /** @default y */
  readonly outputs?: readonly string[];
  readonly opset?: number;
  readonly lo?: number;
  readonly hi?: number;
  readonly bound?: number;
  readonly options?: CompileOptions;
  readonly inputType?: ModelSpec['inputs'][number]['dtype'];
}

const SAMPLES = 20;
/** 10 bits hold every value to 2^-10 of its range; some layers of them, and functions that grow, lose two or three. */
const BOUND = 2 ** -7;
const OPSET = 17;

/** Of a name: cases keep their samples when others are added. */
const seedOf = (name: string): number =>
  Buffer.from(name).reduce((hash, byte) => (Math.imul(hash, 31) + byte) >>> 0, 7);

const caseOf = (name: string, operator: string, spec: CaseSpec, toy: boolean): ModelCase => {
  const { inputs, constants, nodes, outputs = ['y'], opset = OPSET, lo = -1, hi = 1 } = spec;
  const model = encodeModel({
    name,
    opset,
    inputs: Object.entries(inputs).map(([input, shape]) => ({
      name: input,
      shape,
      dtype: spec.inputType,
    })),
    outputs,
    initializers: constants,
    nodes,
  });
  const random = seededRandom(seedOf(name));
  const samples = Array.from(
    { length: SAMPLES },
    () =>
      new Map(
        Object.entries(inputs).map(([input, dims]) => [input, randomTensor(random, dims, lo, hi)]),
      ),
  );
  const options = toy ? { ...TOY, ...spec.options } : { activationBits: 10, ...spec.options };
  return {
    name,
    operator,
    nodes: nodes.map((node) => node.operator),
    opset,
    model,
    samples,
    options,
    bound: spec.bound ?? BOUND,
    toy,
  };
};

/** Options under which every trace of a few elements can be tried. */
const TOY: CompileOptions = {
  activationBits: 3,
  inputBits: 3,
  fineBits: 3,
  shift: 2,
  limbBits: 2,
  clamps: 'tables',
};

/** A case of useful size: 10-bit activations. */
export const model = (name: string, operator: string, spec: CaseSpec): ModelCase =>
  caseOf(name, operator, spec, false);

/** 3-bit values of few elements. Its accuracy is what 3 bits give. */
export const toy = (operator: string, spec: CaseSpec, what = ''): ModelCase =>
  caseOf(`toy ${operator}${what}`, operator, { bound: 1, ...spec }, true);

export const op = (
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes: Readonly<Record<string, AttributeSpec>> = {},
): NodeSpec => ({ operator, inputs, outputs: [output], attributes });

/** Weights in [−1, 1), the same everywhere. */
export const weights = (seed: number, ...dims: number[]): TensorSpec =>
  randomTensor(seededRandom(seed), dims);

export const list = (...data: number[]): TensorSpec => ({
  dims: [data.length],
  data,
  dtype: 'int64',
});

export const scalar = (value: number): TensorSpec => ({ dims: [], data: [value] });

export const vector = (...data: number[]): TensorSpec => ({ dims: [data.length], data });

/** Views and the like are looked at through a Relu: an output alone would be the input. */
export const relu = (input: string, output = 'y'): NodeSpec => op('Relu', [input], output);
