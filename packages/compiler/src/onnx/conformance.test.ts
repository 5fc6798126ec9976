/** ONNX's own operator tests: import and the float64 evaluator against the published outputs. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { evaluateGraph } from '../graph/index.ts';
import type { DenseTensor, FloatGraph } from '../graph/index.ts';
import { casePath, casesReason, hasCases } from '../../test/cases.ts';
import { importModel, supportedOperators, UnsupportedModelError } from './index.ts';
import {
  ModelProtoSchema,
  TensorProtoSchema,
  type ModelProto,
  type TensorProto,
} from './proto/onnx_pb.js';
import { decodeTensor } from './tensor.ts';

const folder = casePath('onnx-node/');

/** What import refuses on purpose although it knows the operator. */
const refused =
  /element type|cast to|training mode|its second output, the (mask|indices)|opset 1: 7 to 24 are supported/;

const readModel = (name: string): ModelProto =>
  fromBinary(ModelProtoSchema, readFileSync(`${folder}${name}/model.onnx`));

const readTensor = (path: string): TensorProto => fromBinary(TensorProtoSchema, readFileSync(path));

const dense = (proto: TensorProto): DenseTensor => {
  const tensor = decodeTensor(proto, 1e7);
  if (!tensor.ok) throw new Error(tensor.error);
  return { dims: tensor.value.dims, data: Float64Array.from(tensor.value.data) };
};

/** The inputs' values by name; null where the test leaves an optional one out. */
const readInputs = (name: string, model: ModelProto): Map<string, TensorProto> =>
  new Map(
    (model.graph?.input ?? []).flatMap(({ name: input }, k) => {
      const path = `${folder}${name}/test_data_set_0/input_${k}.pb`;
      if (!existsSync(path)) return [];
      const tensor = readTensor(path);
      tensor.name = input;
      return [[input, tensor]];
    }),
  );

/**
 * The tests give shapes, axes and bounds as inputs; models have them as constants. Tries the model as it
 * is (but for empty inputs), then with all but the float inputs constant, then all but the first, then all.
 */
const importWithConstants = (
  model: ModelProto,
  inputs: ReadonlyMap<string, TensorProto>,
): FloatGraph | UnsupportedModelError => {
  const [first] = inputs.keys();
  const choices: ((name: string, t: TensorProto) => boolean)[] = [
    () => false,
    (_, t) => t.dataType !== 1,
    (name) => name !== first,
    () => true,
  ];
  let refusal: UnsupportedModelError | null = null;
  for (const choice of choices) {
    const copy = fromBinary(ModelProtoSchema, toBinary(ModelProtoSchema, model));
    copy.graph?.initializer.push(
      ...[...inputs].flatMap(([name, t]) => (choice(name, t) || t.dims.includes(0n) ? [t] : [])),
    );
    try {
      return importModel(toBinary(ModelProtoSchema, copy));
    } catch (error) {
      if (!(error instanceof UnsupportedModelError)) throw error;
      refusal = error;
    }
  }
  return refusal ?? new UnsupportedModelError([]);
};

const usesHalf = (model: ModelProto): boolean =>
  [
    ...(model.graph?.input ?? []),
    ...(model.graph?.output ?? []),
    ...(model.graph?.valueInfo ?? []),
  ].some(({ type }) => type?.value.case === 'tensorType' && type.value.value.elemType === 10);

/** Equal up to float32 (or float16) rounding of outputs and intermediate values. */
const expectClose = (actual: DenseTensor, expected: DenseTensor, tolerance: number): void => {
  expect(actual.dims).toEqual(expected.dims);
  const wrong = actual.data.findIndex((a, i) => {
    const e = expected.data[i] ?? 0;
    const same = a === e || (Number.isNaN(a) && Number.isNaN(e));
    return !same && !(Math.abs(a - e) <= tolerance * Math.max(1, Math.abs(e)));
  });
  expect(
    wrong < 0 ? '' : `element ${wrong}: ${actual.data[wrong]}, expected ${expected.data[wrong]}`,
  ).toBe('');
};

const names = hasCases ? readdirSync(folder) : [];

const relevant = names.filter((name) =>
  (readModel(name).graph?.node ?? []).every(
    (n) => n.domain === '' && supportedOperators.includes(n.opType),
  ),
);

describe.skipIf(!hasCases)(`ONNX operator tests${casesReason}`, () => {
  let passed = 0;

  test.each(relevant)('%s', (name) => {
    const model = readModel(name);
    const inputs = readInputs(name, model);
    const graph = importWithConstants(model, inputs);
    if (graph instanceof UnsupportedModelError) {
      for (const { reason } of graph.problems) expect(reason).toMatch(refused);
      return;
    }
    const feeds = new Map(
      graph.inputs.flatMap((input) => {
        const tensor = inputs.get(input);
        return tensor === undefined ? [] : [[input, dense(tensor)] as const];
      }),
    );
    const values = evaluateGraph(graph, feeds);
    for (const [k, output] of graph.outputs.entries()) {
      const expected = dense(readTensor(`${folder}${name}/test_data_set_0/output_${k}.pb`));
      const actual = values.get(output);
      if (actual === undefined) throw new Error(`no value for ${output}`);
      expectClose(actual, expected, usesHalf(model) ? 1e-3 : 1e-5);
    }
    passed += 1;
  });

  test('most of them are evaluated, few refused', () => {
    expect(passed).toBeGreaterThanOrEqual(435);
  });
});
