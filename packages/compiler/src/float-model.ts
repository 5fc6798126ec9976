import { FloatSession } from './float/index.ts';
import { constantTensor } from './graph/evaluate/index.ts';
import { evaluateNode, sizeOf, type DenseTensor, type FloatGraph } from './graph/index.ts';

export type Values = ReadonlyMap<string, DenseTensor>;

/**
 * The float model: onnxruntime on the model's own tensors, and the float64 evaluator for tensors that
 * rewrites made.
 */
export class FloatModel {
  private readonly graph: FloatGraph;
  private readonly session: FloatSession;

  private constructor(graph: FloatGraph, session: FloatSession) {
    this.graph = graph;
    this.session = session;
  }

  /** @throws {AssayError} ASSAY_FLOAT_RUNTIME where onnxruntime does not load the model. */
  static async create(modelBytes: Uint8Array, graph: FloatGraph): Promise<FloatModel> {
    return new FloatModel(graph, await FloatSession.create(modelBytes));
  }

  /** Every tensor of the graph for one sample. Nodes whose output onnxruntime gives are not evaluated again. */
  async run(sample: Values): Promise<Map<string, DenseTensor>> {
    const observed = await this.session.run(sample);
    const values = new Map<string, DenseTensor>(sample);
    for (const [name, value] of this.graph.values) {
      const constant = constantTensor(value);
      if (constant !== null) values.set(name, constant);
    }
    for (const node of this.graph.nodes) {
      const dims = this.graph.values.get(node.output)?.shape ?? [];
      const given = observed.get(node.output);
      if (given?.data.length === sizeOf(dims)) {
        values.set(node.output, { dims, data: given.data });
        continue;
      }
      const operands = node.inputs.map((name) => {
        const tensor = values.get(name);
        if (tensor === undefined)
          throw new TypeError(`FloatModel: expected value ${name} before ${node.name}`);
        return tensor;
      });
      values.set(node.output, evaluateNode(node, operands));
    }
    return values;
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}
