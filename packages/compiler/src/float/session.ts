/**
 * The float model: onnxruntime on the model's own bytes, with every intermediate tensor as an output.
 * It is the reference that accuracy is measured against; the evaluator of `graph/` is ours.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import { AssayError } from '@assay/core/errors';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { DenseTensor } from '../graph/types.ts';
import { realInputs } from '../onnx/interface.ts';
import { defaultModelLimits, type ModelLimits } from '../onnx/limits.ts';
import { ModelProtoSchema, ValueInfoProtoSchema, type GraphProto } from '../onnx/proto/onnx_pb.js';
import { dtypeName } from '../onnx/tensor.ts';
import { decodeMessage } from '../onnx/wire.ts';
import { fromRuntime, toRuntime } from './convert.ts';

export interface FloatSessionOptions {
  /** Whether `run` returns every node's outputs, or the graph's outputs only. @default true */
  readonly intermediates?: boolean | undefined;
  /** Threads of one run. @default 1, which makes results reproducible */
  readonly threads?: number | undefined;
  readonly limits?: Partial<ModelLimits> | undefined;
}

const failed = (shortMessage: string, cause: unknown): AssayError =>
  new AssayError({
    code: 'ASSAY_FLOAT_RUNTIME',
    shortMessage,
    details: cause instanceof Error ? cause.message : undefined,
    cause,
  });

/** Adds every node's outputs to the graph's. Constants are left out: they are not observed. */
const exposeIntermediates = (graph: GraphProto): void => {
  const outputs = new Set(graph.output.map((o) => o.name));
  for (const node of graph.node) {
    if (node.opType === 'Constant') continue;
    for (const name of node.output) {
      if (name === '' || outputs.has(name)) continue;
      outputs.add(name);
      graph.output.push(create(ValueInfoProtoSchema, { name }));
    }
  }
};

export class FloatSession {
  readonly #session: InferenceSession;
  /** Element types of the inputs, by name. */
  readonly #inputs: ReadonlyMap<string, string>;
  /** Names of the model's own outputs, in its order. */
  readonly outputs: readonly string[];

  private constructor(
    session: InferenceSession,
    inputs: ReadonlyMap<string, string>,
    outputs: readonly string[],
  ) {
    this.#session = session;
    this.#inputs = inputs;
    this.outputs = outputs;
  }

  /**
   * @throws {AssayError} `ASSAY_MODEL_MALFORMED`, `ASSAY_MODEL_LIMIT`, and `ASSAY_FLOAT_RUNTIME` where
   *   onnxruntime does not load the model.
   */
  static async create(bytes: Uint8Array, options: FloatSessionOptions = {}): Promise<FloatSession> {
    const model = decodeMessage(ModelProtoSchema, bytes, {
      ...defaultModelLimits,
      ...options.limits,
    });
    const graph = model.graph;
    const outputs = graph?.output.map((o) => o.name) ?? [];
    const inputs = new Map(
      (graph === undefined ? [] : realInputs(graph)).map(({ name, type }) => [
        name,
        dtypeName(type?.value.case === 'tensorType' ? type.value.value.elemType : 0),
      ]),
    );
    const intermediates = options.intermediates ?? true;
    if (graph !== undefined && intermediates) exposeIntermediates(graph);
    const threads = options.threads ?? 1;
    try {
      const session = await InferenceSession.create(
        intermediates ? toBinary(ModelProtoSchema, model) : bytes,
        {
          // Fused nodes would hide what is to be observed.
          graphOptimizationLevel: intermediates ? 'disabled' : 'all',
          intraOpNumThreads: threads,
          interOpNumThreads: 1,
          logSeverityLevel: 4,
        },
      );
      return new FloatSession(session, inputs, outputs);
    } catch (cause) {
      throw failed('onnxruntime does not load the model', cause);
    }
  }

  /**
   * One run; tensors of all element types as float64 (sequences and strings are left out).
   *
   * @throws {AssayError} `ASSAY_INPUT_SHAPE` when an input is missing, `ASSAY_FLOAT_RUNTIME` when the run fails.
   */
  async run(inputs: ReadonlyMap<string, DenseTensor>): Promise<Map<string, DenseTensor>> {
    const feeds: Record<string, Tensor> = {};
    for (const [name, dtype] of this.#inputs) {
      const tensor = inputs.get(name);
      if (tensor === undefined) {
        throw new AssayError({
          code: 'ASSAY_INPUT_SHAPE',
          shortMessage: `input "${name}" is missing`,
        });
      }
      feeds[name] = toRuntime(name, dtype, tensor);
    }
    let results: InferenceSession.ReturnType;
    try {
      results = await this.#session.run(feeds);
    } catch (cause) {
      throw failed('onnxruntime cannot run the model on this input', cause);
    }
    const values = new Map<string, DenseTensor>();
    for (const [name, result] of Object.entries(results)) {
      const tensor = fromRuntime(result);
      if (tensor !== null) values.set(name, tensor);
    }
    return values;
  }

  /** Frees the runtime's memory; the session cannot run afterwards. */
  async release(): Promise<void> {
    await this.#session.release();
  }
}
