/** ONNX's own operator tests (`shared/cases/onnx-node`), as models that a user could have. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Sample } from '@assay/compiler';
import type { DenseTensor } from '@assay/compiler/graph';
import { importModel, supportedOperators, UnsupportedModelError } from '@assay/compiler/onnx';
import {
  type ModelProto,
  ModelProtoSchema,
  type TensorProto,
  TensorProtoSchema,
} from '@assay/compiler/onnx/proto';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { decodeTensor } from '../../../compiler/src/onnx/tensor.ts';

const folder = fileURLToPath(new URL('../../../../../shared/cases/onnx-node/', import.meta.url));

/** Whether they are there. Where CI is set they must be, and their absence fails. */
export const available: boolean = existsSync(folder);
export const required: boolean = process.env['CI'] === 'true';

/** A test's model with those of its inputs as initializers that a model would have so: shapes, axes, bounds. */
export interface OperatorTest {
  readonly model: Uint8Array;
  readonly sample: Sample;
  readonly expected: ReadonlyMap<string, DenseTensor>;
}

const readModel = (name: string): ModelProto =>
  fromBinary(ModelProtoSchema, readFileSync(`${folder}${name}/model.onnx`));

const readTensor = (path: string): TensorProto => fromBinary(TensorProtoSchema, readFileSync(path));

const dense = (proto: TensorProto): DenseTensor => {
  const tensor = decodeTensor(proto, 1e7);
  if (!tensor.ok) throw new Error(tensor.error);
  return { dims: tensor.value.dims, data: Float64Array.from(tensor.value.data) };
};

/** Tests whose operators import registers. */
export const operatorTests = (): string[] =>
  (available ? readdirSync(folder) : []).filter((name) =>
    (readModel(name).graph?.node ?? []).every(
      ({ domain, opType }) => domain === '' && supportedOperators.includes(opType),
    ),
  );

const inputsOf = (name: string, model: ModelProto): Map<string, TensorProto> =>
  new Map(
    (model.graph?.input ?? []).flatMap(({ name: input }, k) => {
      const path = `${folder}${name}/test_data_set_0/input_${k}.pb`;
      if (!existsSync(path)) return [];
      const tensor = readTensor(path);
      tensor.name = input;
      return [[input, tensor] as const];
    }),
  );

/** Tried in turn: all inputs stay inputs; only float32 ones do; only the first; none. */
const choices: readonly ((name: string, t: TensorProto, first: string) => boolean)[] = [
  () => false,
  (_, t) => t.dataType !== 1,
  (name, _, first) => name !== first,
  () => true,
];

/** The test as far as import takes it; else the refusal. */
export const operatorTest = (name: string): OperatorTest | UnsupportedModelError => {
  const model = readModel(name);
  const inputs = inputsOf(name, model);
  const [first = ''] = inputs.keys();
  let refusal = new UnsupportedModelError([]);
  for (const choice of choices) {
    const copy = fromBinary(ModelProtoSchema, toBinary(ModelProtoSchema, model));
    for (const [input, tensor] of inputs) {
      if (choice(input, tensor, first) || tensor.dims.includes(0n))
        copy.graph?.initializer.push(tensor);
    }
    const bytes = toBinary(ModelProtoSchema, copy);
    try {
      const graph = importModel(bytes);
      const sample = new Map(
        graph.inputs.flatMap((input) => {
          const tensor = inputs.get(input);
          return tensor === undefined ? [] : [[input, dense(tensor)] as const];
        }),
      );
      const expected = new Map(
        graph.outputs.map((output, k) => {
          const path = `${folder}${name}/test_data_set_0/output_${k}.pb`;
          return [output, dense(readTensor(path))] as const;
        }),
      );
      return { model: bytes, sample, expected };
    } catch (error) {
      if (!(error instanceof UnsupportedModelError)) throw error;
      refusal = error;
    }
  }
  return refusal;
};
