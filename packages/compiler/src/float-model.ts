import { FloatSession } from './float/index.ts';
import { evaluateGraph, type DenseTensor, type FloatGraph } from './graph/index.ts';

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

  /** Every tensor of the graph for one sample. */
  async run(sample: Values): Promise<Map<string, DenseTensor>> {
    const values = evaluateGraph(this.graph, sample);
    const observed = await this.session.run(sample);
    for (const [name, tensor] of observed) {
      const own = values.get(name);
      if (own !== undefined && own.data.length === tensor.data.length)
        values.set(name, { dims: own.dims, data: tensor.data });
    }
    return values;
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}
