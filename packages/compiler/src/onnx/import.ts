/** ONNX models as float graphs. */
import type { FloatGraph, GraphValue, NodeOrigin } from '../graph/types.ts';
import { removeUnused } from '../graph/rewrites/unused.ts';
import { Attributes } from './attributes.ts';
import { GraphBuilder } from './builder.ts';
import { NodeContext, type Handler } from './context.ts';
import {
  malformed,
  NodeProblem,
  overLimit,
  UnsupportedModelError,
  type ModelProblem,
} from './errors.ts';
import { constantHandlers } from './handlers/constant.ts';
import { elementwiseHandlers } from './handlers/elementwise.ts';
import { linearHandlers } from './handlers/linear.ts';
import { reduceHandlers } from './handlers/reduce.ts';
import { viewHandlers } from './handlers/view.ts';
import { Declarations, opsetOf, realInputs, type Dimensions } from './interface.ts';
import { defaultModelLimits, type ModelLimits } from './limits.ts';
import {
  ModelProtoSchema,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type ValueInfoProto,
} from './proto/onnx_pb.js';
import { sortNodes } from './sort.ts';
import { decodeTensor } from './tensor.ts';
import { decodeMessage } from './wire.ts';

export interface ImportOptions {
  /** Lengths of symbolic axes: by symbolic name, or by `input:axis`. First axes are 1 if not given. */
  readonly dimensions?: Dimensions | undefined;
  readonly limits?: Partial<ModelLimits> | undefined;
  /** The graph must not depend on what the elements of constant tensors are, where it need not. @default false */
  readonly privateWeights?: boolean | undefined;
}

export const minOpset = 7;
export const maxOpset = 24;

const handlers: ReadonlyMap<string, Handler> = new Map([
  ...Object.entries(constantHandlers),
  ...Object.entries(elementwiseHandlers),
  ...Object.entries(linearHandlers),
  ...Object.entries(reduceHandlers),
  ...Object.entries(viewHandlers),
]);

/** ONNX operators that import knows, some of them only with constant operands. */
export const supportedOperators: readonly string[] = [...handlers.keys()].sort();

const isOnnxDomain = (domain: string): boolean => domain === '' || domain === 'ai.onnx';

/** The state of one import. */
class Importer {
  readonly #model: ModelProto;
  readonly #graph: GraphProto;
  readonly #builder: GraphBuilder;
  readonly #problems: ModelProblem[] = [];
  /** The graph's value for each name of the model. */
  readonly #resolved = new Map<string, GraphValue>();
  /** Names of the values in `#resolved`: those have their final name. */
  readonly #claimed = new Set<string>();
  /** Names that the model defines, whether or not they could be imported. */
  readonly #declared: ReadonlySet<string>;
  /** Names that the main graph reads or returns. */
  readonly #used: ReadonlySet<string>;
  readonly #limits: ModelLimits;
  readonly #inputs = new Set<string>();
  readonly #declarations: Declarations;
  /** Intermediate values whose shape the file tells. */
  readonly #declaredValues: ReadonlyMap<string, ValueInfoProto>;

  constructor(
    model: ModelProto,
    graph: GraphProto,
    limits: ModelLimits,
    { dimensions = {}, privateWeights = false }: ImportOptions,
  ) {
    this.#declarations = new Declarations(graph, dimensions);
    this.#declaredValues = new Map(graph.valueInfo.map((v) => [v.name, v]));
    this.#model = model;
    this.#graph = graph;
    this.#limits = limits;
    this.#used = new Set([
      ...graph.node.flatMap((n) => n.input),
      ...graph.output.map((o) => o.name),
    ]);
    this.#declared = new Set([
      ...graph.input.map((v) => v.name),
      ...graph.initializer.map((t) => t.name),
      ...graph.sparseInitializer.map((t) => t.values?.name ?? ''),
      ...graph.node.flatMap((n) => n.output),
    ]);
    this.#builder = new GraphBuilder(limits, this.#declared, privateWeights);
  }

  run(): FloatGraph {
    const opset = opsetOf(this.#model, '');
    if (opset !== null && (opset < minOpset || opset > maxOpset)) {
      this.#problem(
        'operator',
        'model',
        'model',
        opset,
        `opset ${opset}: ${minOpset} to ${maxOpset} are supported`,
      );
    }
    const inputs = realInputs(this.#graph);
    for (const input of inputs) {
      this.#inputs.add(input.name);
      this.#define(
        input.name,
        this.#guard(
          () => this.#builder.addValue(this.#declarations.read(input)),
          'input',
          input.name,
        ),
      );
    }
    this.#initializers();
    const nodes = this.#graph.node;
    for (const i of sortNodes(nodes)) {
      const node = nodes[i];
      if (node !== undefined) this.#node(node, `${node.opType}_${i}`);
    }
    const outputs = this.#graph.output.map((o) => this.#output(o.name));
    if (new Set(outputs).size !== outputs.length) throw malformed('two outputs have the same name');
    this.#checkConstants();
    if (this.#problems.length > 0) throw new UnsupportedModelError(this.#problems);
    if (outputs.length === 0) throw malformed('the model has no outputs');
    return removeUnused({
      name: this.#graph.name,
      inputs: inputs.map((v) => v.name),
      outputs,
      values: this.#builder.values,
      nodes: this.#builder.nodes,
    });
  }

  #define(name: string, value: GraphValue | null): void {
    if (this.#resolved.has(name)) throw malformed(`value "${name}" is defined twice`);
    if (value === null) return;
    this.#resolved.set(name, value);
    this.#claimed.add(value.name);
  }

  #problem(
    kind: ModelProblem['kind'],
    node: string,
    operator: string,
    opset: number | null,
    reason: string,
  ): void {
    this.#problems.push({ kind, node, operator, opset, reason });
  }

  /** Runs `f`; a problem is recorded under the given node and gives null. */
  #guard<T>(f: () => T, operator = 'model', node = 'model', domain = ''): T | null {
    try {
      return f();
    } catch (cause) {
      if (!(cause instanceof NodeProblem)) throw cause;
      this.#problem(cause.kind, node, operator, opsetOf(this.#model, domain), cause.message);
      return null;
    }
  }

  #initializers(): void {
    for (const sparse of this.#graph.sparseInitializer) {
      this.#problem(
        'dtype',
        sparse.values?.name ?? '',
        'initializer',
        null,
        'sparse tensors are not supported',
      );
    }
    for (const proto of this.#graph.initializer) {
      if (!this.#used.has(proto.name)) continue;
      const value = this.#guard(
        () => {
          const tensor = decodeTensor(proto, this.#limits.maxElements);
          if (!tensor.ok) throw new NodeProblem('dtype', tensor.error);
          const { dims, dtype, data } = tensor.value;
          return this.#builder.addValue({ name: proto.name, shape: dims, dtype, data });
        },
        'initializer',
        proto.name,
      );
      this.#define(proto.name, value);
    }
  }

  #node(node: NodeProto, madeUpName: string): void {
    const onnx = isOnnxDomain(node.domain);
    const name = node.name === '' ? madeUpName : node.name;
    const operator = onnx ? node.opType : `${node.domain}.${node.opType}`;
    const opset = opsetOf(this.#model, node.domain);
    const handler = onnx ? handlers.get(node.opType) : undefined;
    if (handler === undefined) {
      this.#problem('operator', name, operator, opset, 'unsupported operator');
      this.#continueAfter(node);
      return;
    }
    if (opset === null) throw malformed('the model declares no opset of the default domain');
    const missing = node.input.find((input) => input !== '' && !this.#resolved.has(input));
    if (missing !== undefined) {
      this.#checkKnown(missing);
      this.#continueAfter(node); // the value's source has been reported
      return;
    }
    const done = this.#guard(
      () => this.#convert(node, handler, { name, operator }, opset),
      operator,
      name,
      node.domain,
    );
    if (done === null) this.#continueAfter(node);
  }

  /** After a problem, takes a node's outputs from the file's declarations, to find the problems behind it. */
  #continueAfter(node: NodeProto): void {
    for (const name of node.output) {
      const info = this.#declaredValues.get(name);
      if (info === undefined || this.#resolved.has(name)) continue;
      try {
        this.#define(name, this.#builder.addValue(this.#declarations.read(info)));
      } catch (cause) {
        if (!(cause instanceof NodeProblem)) throw cause;
      }
    }
  }

  /** A name that nothing defines is an error of the file, not of a node that could not be imported. */
  #checkKnown(name: string): void {
    if (!this.#declared.has(name) || this.#problems.length === 0)
      throw malformed(`nothing defines value "${name}"`);
  }

  #convert(node: NodeProto, handler: Handler, origin: NodeOrigin, opset: number): true {
    const attributes = new Attributes(node);
    const firstNode = this.#builder.nodes.length;
    const context = new NodeContext({
      builder: this.#builder,
      origin,
      opset,
      attributes,
      inputs: node.input.map((input) =>
        input === '' ? null : (this.#resolved.get(input) ?? null),
      ),
      usedOutputs: node.output.map((output) => output !== '' && this.#used.has(output)),
      base: node.output.find((output) => output !== '') ?? origin.name,
    });
    const result = handler(context);
    context.finish();
    const outputs = Array.isArray(result)
      ? (result as readonly (GraphValue | null)[])
      : [result as GraphValue];
    const renamed = new Map<string, GraphValue>();
    for (const [i, name] of node.output.entries()) {
      const value = outputs[i] ?? null;
      if (name === '' || value === null) continue;
      // A value made here takes the model's name; one that existed gets a second name.
      const earlier = renamed.get(value.name);
      const own = earlier === undefined && !this.#claimed.has(value.name);
      const final = own ? this.#builder.rename(value, name, firstNode) : (earlier ?? value);
      if (own) renamed.set(value.name, final);
      this.#define(name, final);
    }
    return true;
  }

  /** The graph's output must have the model's name for it, and be no input. */
  #output(name: string): string {
    const value = this.#resolved.get(name);
    if (value === undefined) {
      this.#checkKnown(name);
      return name;
    }
    if (value.name === name) {
      if (this.#inputs.has(name))
        this.#problem('operator', name, 'output', null, 'it is an input of the model');
      return name;
    }
    if (value.data !== null) {
      this.#builder.values.set(name, { ...value, name });
      return name;
    }
    const origin = { name, operator: 'Identity' };
    const copy = this.#builder.addNode(
      origin,
      `${name}/copy`,
      'Identity',
      {},
      [value],
      value.dtype,
    );
    this.#builder.rename(copy, name, this.#builder.nodes.length - 1);
    return name;
  }

  /** Constants that remain must be numbers: no table or scale exists for the others. */
  #checkConstants(): void {
    const seen = new Set<string>();
    for (const node of this.#builder.nodes) {
      for (const input of node.inputs) {
        const data = this.#builder.values.get(input)?.data ?? null;
        if (data === null || seen.has(input)) continue;
        seen.add(input);
        const index = data.findIndex((v: number) => !Number.isFinite(v));
        if (index >= 0) {
          const { name, operator } = node.origin;
          this.#problem(
            'operand',
            name,
            operator,
            opsetOf(this.#model, ''),
            `constant "${input}" has the element ${data[index]} at index ${index}`,
          );
        }
      }
    }
  }
}

/**
 * Imports a model: checks it whole, gives every node its canonical form (`graph/operators.ts`) with all
 * shapes known, and evaluates its constant parts.
 *
 * The bytes must not change afterwards as long as `decodeMessage`'s messages live (not beyond this call).
 * Cost: linear in the file, plus at most `limits.maxFoldingWork` steps.
 *
 * @throws {AssayError} `ASSAY_MODEL_MALFORMED` (no valid model), `ASSAY_MODEL_LIMIT` (too large),
 *   `ASSAY_MODEL_UNSUPPORTED` (an `UnsupportedModelError` that lists every offending node).
 */
export const importModel = (bytes: Uint8Array, options: ImportOptions = {}): FloatGraph => {
  const limits = { ...defaultModelLimits, ...options.limits };
  const dimensions = options.dimensions ?? {};
  for (const [name, length] of Object.entries(dimensions)) {
    if (!Number.isSafeInteger(length) || length < 1) {
      throw new RangeError(
        `importModel: expected a positive length for dimension "${name}", got ${length}`,
      );
    }
  }
  const model = decodeMessage(ModelProtoSchema, bytes, limits);
  const graph = model.graph;
  if (graph === undefined) throw malformed('the file holds no graph');
  if (graph.node.length > limits.maxNodes) {
    throw overLimit(`the model has ${graph.node.length} nodes, the limit is ${limits.maxNodes}`);
  }
  return new Importer(model, graph, limits, options).run();
};
