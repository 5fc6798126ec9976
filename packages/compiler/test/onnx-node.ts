/** ONNX's operator tests as graphs with one sample each. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import type { DenseTensor, FloatGraph } from '../src/graph/index.ts';
import { importModel, supportedOperators, UnsupportedModelError } from '../src/onnx/index.ts';
import {
  ModelProtoSchema,
  TensorProtoSchema,
  type ModelProto,
  type TensorProto,
} from '../src/onnx/proto/onnx_pb.js';
import { decodeTensor } from '../src/onnx/tensor.ts';
import { casePath, hasCases } from './cases.ts';

const folder = casePath('onnx-node/');

const readModel = (name: string): ModelProto =>
  fromBinary(ModelProtoSchema, readFileSync(`${folder}${name}/model.onnx`));

/** Names of the tests whose operators import knows. */
export const operatorTests = (): string[] =>
  (hasCases ? readdirSync(folder) : []).filter((name) =>
    (readModel(name).graph?.node ?? []).every(
      (n) => n.domain === '' && supportedOperators.includes(n.opType),
    ),
  );

export interface OperatorTest {
  readonly graph: FloatGraph;
  readonly sample: ReadonlyMap<string, DenseTensor>;
}

/**
 * A test as a graph whose data inputs stay inputs (shapes, axes and bounds become constants, as models
 * have them); null where import refuses it.
 */
export const operatorTest = (name: string): OperatorTest | null => {
  const model = readModel(name);
  const inputs = new Map<string, TensorProto>();
  for (const [k, { name: input }] of (model.graph?.input ?? []).entries()) {
    const path = `${folder}${name}/test_data_set_0/input_${k}.pb`;
    if (!existsSync(path)) continue;
    const tensor = fromBinary(TensorProtoSchema, readFileSync(path));
    tensor.name = input;
    inputs.set(input, tensor);
  }
  const [first] = inputs.keys();
  const choices: ((input: string, t: TensorProto) => boolean)[] = [
    () => false,
    (_, t) => t.dataType !== 1,
    (input) => input !== first,
  ];
  for (const choice of choices) {
    const copy = fromBinary(ModelProtoSchema, toBinary(ModelProtoSchema, model));
    for (const [input, t] of inputs) {
      if (choice(input, t) || t.dims.includes(0n)) copy.graph?.initializer.push(t);
    }
    try {
      const graph = importModel(toBinary(ModelProtoSchema, copy));
      const sample = new Map(
        graph.inputs.flatMap((input): [string, DenseTensor][] => {
          const tensor = inputs.get(input);
          const decoded = tensor === undefined ? null : decodeTensor(tensor, 1e7);
          if (decoded === null || !decoded.ok) return [];
          return [
            [input, { dims: decoded.value.dims, data: Float64Array.from(decoded.value.data) }],
          ];
        }),
      );
      return { graph, sample };
    } catch (error) {
      if (!(error instanceof UnsupportedModelError)) throw error;
    }
  }
  return null;
};
