/** One ONNX node while it is imported: its operands, attributes and the means to make canonical nodes. */
import type { Operator, OperatorAttributes } from '../graph/operators.ts';
import { sizeOf } from '../graph/shape.ts';
import type { DType, GraphValue, NodeOrigin, TensorData } from '../graph/types.ts';
import type { Attributes } from './attributes.ts';
import { commonType, type GraphBuilder } from './builder.ts';
import { NodeProblem } from './errors.ts';

/** Turns an ONNX node into canonical ones; returns the values of its outputs in order, null for those not used. */
export type Handler = (node: NodeContext) => GraphValue | readonly (GraphValue | null)[];

export type ConstantValue = GraphValue & { readonly data: TensorData };

/** Shapes, axes and bounds are lists of at most this length. */
const maxList = 4096;

export interface NodeContextInit {
  readonly builder: GraphBuilder;
  readonly origin: NodeOrigin;
  readonly opset: number;
  readonly attributes: Attributes;
  /** null where an optional operand is left out. */
  readonly inputs: readonly (GraphValue | null)[];
  /** Outputs that something uses. */
  readonly usedOutputs: readonly boolean[];
  /** Base of made-up names: the first output's name. */
  readonly base: string;
}

export class NodeContext {
  /** ONNX operator. */
  readonly operator: string;
  readonly opset: number;
  readonly attributes: Attributes;
  readonly inputs: readonly (GraphValue | null)[];
  readonly usedOutputs: readonly boolean[];
  readonly #init: NodeContextInit;
  readonly #read = new Set<number>();

  constructor(init: NodeContextInit) {
    this.operator = init.origin.operator;
    this.opset = init.opset;
    this.attributes = init.attributes;
    this.inputs = init.inputs;
    this.usedOutputs = init.usedOutputs;
    this.#init = init;
  }

  optional(i: number): GraphValue | null {
    this.#read.add(i);
    return this.inputs[i] ?? null;
  }

  /** Refuses operands and attributes that nobody read: their meaning would be lost. */
  finish(): void {
    this.attributes.finish();
    const unread = this.inputs.findIndex((value, i) => value !== null && !this.#read.has(i));
    if (unread >= 0) this.fail('operand', `operand ${unread} is not supported`);
  }

  input(i: number): GraphValue {
    return this.optional(i) ?? this.fail('operand', `operand ${i} is missing`);
  }

  /** All operands, none left out. */
  allInputs(): readonly GraphValue[] {
    return this.inputs.map((_, i) => this.input(i));
  }

  get maxElements(): number {
    return this.#init.builder.limits.maxElements;
  }

  get privateWeights(): boolean {
    return this.#init.builder.privateWeights;
  }

  /** An operand whose value decides the graph's structure. */
  constant(i: number, what: string): ConstantValue {
    const value = this.input(i);
    if (value.data === null) this.fail('operand', `${what} (operand ${i}) must be constant`);
    return value as ConstantValue;
  }

  /** A constant list of integers, or null where the operand is left out. */
  optionalInts(i: number, what: string): number[] | null {
    return this.optional(i) === null ? null : this.ints(i, what);
  }

  ints(i: number, what: string): number[] {
    const { data, shape } = this.constant(i, what);
    if (shape.length > 1 || data.length > maxList)
      this.fail('operand', `${what} (operand ${i}) is not a short list`);
    return Array.from(data, (v) =>
      Number.isInteger(v) ? v : this.fail('operand', `${what} (operand ${i}) has an element ${v}`),
    );
  }

  /** A constant scalar (or list of one), or the fallback where the operand is left out. */
  scalar(i: number, what: string, fallback: number): number {
    if (this.optional(i) === null) return fallback;
    const { data } = this.constant(i, what);
    const [value] = data;
    if (value === undefined || data.length > 1 || Number.isNaN(value)) {
      return this.fail('operand', `${what} (operand ${i}) is not one number`);
    }
    return value;
  }

  /** Non-negative axis below `rank`. */
  axis(axis: number, rank: number): number {
    if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
      this.fail('attribute', `axis ${axis} of a tensor with ${rank} axes`);
    }
    return axis < 0 ? axis + rank : axis;
  }

  /** Ascending, distinct, non-negative axes. */
  axes(axes: readonly number[], rank: number): number[] {
    const result = axes.map((a) => this.axis(a, rank)).sort((a, b) => a - b);
    if (new Set(result).size !== result.length)
      this.fail('attribute', `axes ${axes.join(', ')} repeat`);
    return result;
  }

  /** Adds a node; the result has the operands' type unless one is given. */
  emit<O extends Operator>(
    operator: O,
    attributes: OperatorAttributes[O],
    inputs: readonly GraphValue[],
    dtype: DType = commonType(inputs),
  ): GraphValue {
    const { builder, origin, base } = this.#init;
    return builder.addNode(
      origin,
      `${base}/${operator.toLowerCase()}`,
      operator,
      attributes,
      inputs,
      dtype,
    );
  }

  /** Reshapes unless the shape is the same already. */
  reshape(value: GraphValue, shape: readonly number[]): GraphValue {
    const same = shape.length === value.shape.length && shape.every((d, i) => d === value.shape[i]);
    return same ? value : this.emit('Reshape', { shape }, [value]);
  }

  /** Makes a constant. */
  make(
    shape: readonly number[],
    data: TensorData | readonly number[],
    dtype: DType = 'float64',
  ): ConstantValue {
    const { builder, base } = this.#init;
    builder.charge(data.length, data.length);
    const elements =
      data instanceof Float32Array || data instanceof Float64Array ? data : Float64Array.from(data);
    return builder.addConstant(`${base}/constant`, shape, elements, dtype) as ConstantValue;
  }

  /** x·c for every element; x itself if c is 1. */
  scale(x: GraphValue, c: number): GraphValue {
    return c === 1 ? x : this.emit('Mul', {}, [x, this.make([], [c], x.dtype)], x.dtype);
  }

  /** Before constants of these shapes are computed (each counts once as work and once as made). */
  charge(...shapes: readonly (readonly number[])[]): void {
    const elements = shapes.reduce((n, s) => n + sizeOf(s), 0);
    this.#init.builder.charge(elements, elements);
  }

  /** Before a constant's elements are looked at. */
  chargeReading(value: GraphValue): void {
    this.#init.builder.charge(sizeOf(value.shape), 0);
  }

  fail(kind: NodeProblem['kind'], reason: string): never {
    throw new NodeProblem(kind, reason);
  }
}
