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
  readonly values: Map<string, GraphValue> = new Map();
  readonly nodes: GraphNode[] = [];
  readonly #reserved: ReadonlySet<string>;
  readonly #nodeNames = new Set<string>();
  #work = 0;

  /** @param reserved - Names of the model's own values: made-up names avoid them. */
  constructor(limits: ModelLimits, reserved: ReadonlySet<string>) {
    this.limits = limits;
    this.#reserved = reserved;
  }

  /** A value name that neither the model nor the graph uses. */
  freshName(base: string): string {
    let name = base;
    for (let i = 1; this.#reserved.has(name) || this.values.has(name); i += 1) name = `${base}.${i}`;
    return name;
  }

  addValue(value: GraphValue): GraphValue {
    const size = sizeOf(value.shape);
    if (!(size <= this.limits.maxElements)) {
      throw new NodeProblem('shape', `a tensor of shape ${showShape(value.shape)} is larger than the limit of ${this.limits.maxElements} elements`);
    }
    if (value.data === null && size === 0) {
      throw new NodeProblem('shape', `a tensor of shape ${showShape(value.shape)} has no elements`);
    }
    this.values.set(value.name, value);
    return value;
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
    const output = this.freshName(base);
    const node = {
      name: this.#nodeName(origin.name),
      operator,
      attributes,
      inputs: inputs.map((v) => v.name),
      output,
      origin,
    } as unknown as GraphNode; // an operator with its own attributes is a member of the union
    const constants = inputs.map(constantTensor);
    if (constants.every((c) => c !== null)) {
      this.#charge(node, inputs, shape);
      this.#nodeNames.delete(node.name);
      const { data } = evaluateNode(node, constants);
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
      if (node === undefined || (node.output !== value.name && !node.inputs.includes(value.name))) continue;
      this.nodes[i] = {
        ...node,
        output: node.output === value.name ? name : node.output,
        inputs: node.inputs.map((input) => (input === value.name ? name : input)),
      };
    }
    return renamed;
  }

  #nodeName(base: string): string {
    let name = base;
    for (let i = 1; this.#nodeNames.has(name); i += 1) name = `${base}.${i}`;
    this.#nodeNames.add(name);
    return name;
  }

  /** Charges elements and multiply-adds to the folding budget, before any is spent. */
  #charge(node: GraphNode, inputs: readonly GraphValue[], shape: readonly number[]): void {
    const elements = sizeOf(shape);
    if (!(elements <= this.limits.maxElements)) return; // addValue will refuse it
    let terms = 1;
    if (node.operator === 'MatMul') terms = inputs[0]?.shape.at(node.attributes.transposeA ? -2 : -1) ?? 1;
    if (node.operator === 'Conv') terms = sizeOf((inputs[1]?.shape ?? []).slice(1));
    if (node.operator === 'MaxPool' || node.operator === 'AveragePool') terms = sizeOf(node.attributes.kernel);
    this.charge(inputs.reduce((n, v) => n + sizeOf(v.shape), 0) + elements * terms);
  }

  /** For handlers that compute constants themselves. */
  charge(work: number): void {
    this.#work += work;
    if (!(this.#work <= this.limits.maxFoldingWork)) {
      throw overLimit(`evaluating the constant parts of the model takes more than ${this.limits.maxFoldingWork} steps`);
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

