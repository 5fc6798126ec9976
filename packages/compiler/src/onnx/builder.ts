/** Collects canonical nodes and values while a model is imported, evaluating what is constant. */
import { evaluateNode, constantTensor } from '../graph/evaluate/index.ts';
import { inferShape } from '../graph/infer.ts';
import type { Operator, OperatorAttributes } from '../graph/operators.ts';
import { showShape, sizeOf } from '../graph/shape.ts';
import type { DType, GraphNode, GraphValue, NodeOrigin, TensorData } from '../graph/types.ts';
import { NodeProblem, overLimit } from './errors.ts';
import type { ModelLimits } from './limits.ts';

const isFloat = (dtype: DType): boolean => dtype.startsWith('float');

export class GraphBuilder {
  readonly limits: ModelLimits;
  /** No node may be made by what the elements of a constant tensor are. */
  readonly privateWeights: boolean;
  readonly values: Map<string, GraphValue> = new Map();
  readonly nodes: GraphNode[] = [];
  readonly #reserved: ReadonlySet<string>;
  readonly #nodeNames = new Set<string>();
  /** Last number given to a made-up name, by base: many equal names must not cost a search each. */
  readonly #counters = new Map<string, number>();
  #work = 0;
  #folded = 0;
  #variable = 0;

  /** @param reserved - Names of the model's own values: made-up names avoid them. */
  constructor(limits: ModelLimits, reserved: ReadonlySet<string>, privateWeights: boolean) {
    this.limits = limits;
    this.privateWeights = privateWeights;
    this.#reserved = reserved;
  }

  /** A value name that neither the model nor the graph uses. */
  freshName(base: string): string {
    return this.#numbered(base, (name) => this.#reserved.has(name) || this.values.has(name));
  }

  addValue(value: GraphValue): GraphValue {
    this.#checkShape(value.shape);
    const size = sizeOf(value.shape);
    if (value.data === null && size === 0) {
      throw new NodeProblem('shape', `a tensor of shape ${showShape(value.shape)} has no elements`);
    }
    if (value.data === null) this.#variable += size;
    if (this.#variable > this.limits.maxVariableElements) {
      throw overLimit(
        `the model's tensors have more than ${this.limits.maxVariableElements} elements together`,
      );
    }
    this.values.set(value.name, value);
    return value;
  }

  #checkShape(shape: readonly number[]): void {
    const { maxRank, maxElements } = this.limits;
    if (shape.length > maxRank) {
      throw new NodeProblem('shape', `a tensor of ${shape.length} axes: the limit is ${maxRank}`);
    }
    if (!shape.every((d) => Number.isSafeInteger(d) && d >= 0)) {
      throw new NodeProblem('shape', `a tensor of shape ${showShape(shape)}`);
    }
    if (!(sizeOf(shape) <= maxElements)) {
      throw new NodeProblem(
        'shape',
        `a tensor of shape ${showShape(shape)} is larger than the limit of ${maxElements} elements`,
      );
    }
  }

  addConstant(base: string, shape: readonly number[], data: TensorData, dtype: DType): GraphValue {
    return this.addValue({ name: this.freshName(base), shape, dtype, data });
  }

  /** Adds a node, or the constant it evaluates to when all operands are constant. */
  addNode<O extends Operator>(
    origin: NodeOrigin,
    base: string,
    operator: O,
    attributes: OperatorAttributes[O],
    inputs: readonly GraphValue[],
    dtype: DType,
  ): GraphValue {
    const shape = inferOrProblem(
      operator,
      attributes,
      inputs.map((v) => v.shape),
    );
    this.#checkShape(shape);
    const output = this.freshName(base);
    const node = {
      name: this.#nodeName(origin.name),
      operator,
      attributes,
      inputs: inputs.map((v) => v.name),
      output,
      origin,
    } as unknown as GraphNode; // an operator with its own attributes is a member of the union
    if (inputs.every((v) => v.data !== null)) {
      this.#charge(node, inputs, shape);
      this.#nodeNames.delete(node.name);
      const { data } = evaluateNode(
        node,
        inputs.flatMap((v) => constantTensor(v) ?? []),
      );
      const kept = dtype === 'float32' || dtype === 'float16' ? Float32Array.from(data) : data;
      return this.addValue({ name: output, shape, dtype, data: kept });
    }
    const value = this.addValue({ name: output, shape, dtype, data: null });
    this.nodes.push(node);
    return value;
  }

  /** Gives a value made since `firstNode` the name that the model uses for it. */
  rename(value: GraphValue, name: string, firstNode: number): GraphValue {
    const renamed = { ...value, name };
    this.values.delete(value.name);
    this.values.set(name, renamed);
    for (let i = firstNode; i < this.nodes.length; i += 1) {
      const node = this.nodes[i];
      if (node === undefined || (node.output !== value.name && !node.inputs.includes(value.name)))
        continue;
      this.nodes[i] = {
        ...node,
        output: node.output === value.name ? name : node.output,
        inputs: node.inputs.map((input) => (input === value.name ? name : input)),
      };
    }
    return renamed;
  }

  #nodeName(base: string): string {
    const name = this.#numbered(base, (candidate) => this.#nodeNames.has(candidate));
    this.#nodeNames.add(name);
    return name;
  }

  #numbered(base: string, isTaken: (name: string) => boolean): string {
    if (!isTaken(base)) return base;
    let i = this.#counters.get(base) ?? 1;
    while (isTaken(`${base}.${i}`)) i += 1;
    this.#counters.set(base, i);
    return `${base}.${i}`;
  }

  /** Charges elements and multiply-adds to the folding budget, before any is spent. */
  #charge(node: GraphNode, inputs: readonly GraphValue[], shape: readonly number[]): void {
    let terms = 1;
    if (node.operator === 'MatMul')
      terms = inputs[0]?.shape.at(node.attributes.transposeA ? -2 : -1) ?? 1;
    if (node.operator === 'Conv') terms = sizeOf((inputs[1]?.shape ?? []).slice(1));
    if (node.operator === 'MaxPool' || node.operator === 'AveragePool')
      terms = sizeOf(node.attributes.kernel);
    const elements = sizeOf(shape);
    this.charge(inputs.reduce((n, v) => n + sizeOf(v.shape), 0) + elements * terms, elements);
  }

  /**
   * Before constants are computed: `work` elements are touched, `elements` are made.
   *
   * @throws {AssayError} `ASSAY_MODEL_LIMIT`
   */
  charge(work: number, elements: number): void {
    this.#work += work;
    this.#folded += elements;
    const { maxFoldingWork, maxFoldedElements } = this.limits;
    if (!(this.#work <= maxFoldingWork)) {
      throw overLimit(
        `evaluating the constant parts of the model takes more than ${maxFoldingWork} steps`,
      );
    }
    if (!(this.#folded <= maxFoldedElements)) {
      throw overLimit(
        `the constant parts of the model have more than ${maxFoldedElements} elements`,
      );
    }
  }
}

/** Type of the first float operand, or of the first operand. */
export const commonType = (inputs: readonly GraphValue[]): DType =>
  inputs.find((v) => isFloat(v.dtype))?.dtype ?? inputs[0]?.dtype ?? 'float32';

const inferOrProblem = <O extends Operator>(
  operator: O,
  attributes: OperatorAttributes[O],
  shapes: readonly (readonly number[])[],
): readonly number[] => {
  try {
    return inferShape({ operator, attributes }, shapes);
  } catch (cause) {
    if (cause instanceof RangeError) throw new NodeProblem('shape', cause.message);
    throw cause;
  }
};
