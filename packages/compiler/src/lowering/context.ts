import { coarseAbove, type Range } from '@assay/program';
import type { FloatGraph, TensorData } from '../graph/index.ts';
import {
  quantizeInterval,
  roundHalfUp,
  type Quantization,
  type Target,
} from '../quantize/index.ts';
import type { SourcePort } from '../link/index.ts';
import type { ProgramBuilder } from './builder.ts';
import { LoweringError } from './errors.ts';
import { asValue, linearOf, type Linear } from './linear.ts';
import {
  fullClamp,
  settle,
  settleOutput,
  type Activation,
  type RescaleOptions,
} from './rescale/index.ts';
import { rowsOf } from './tables.ts';
import { materialise, plainDims, wholeTensor, type Value } from './value.ts';
import { same } from './views.ts';

export interface ConstantTensor {
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** Integers as they are, other constants in 16 bits. */
const ownQuantization = ({ data }: ConstantTensor, isPrivate: boolean): Quantization => {
  let lo = 0;
  let hi = 0;
  for (const v of data) {
    if (v < lo) lo = v;
    if (v > hi) hi = v;
  }
  if (isPrivate) {
    hi = coarseAbove(Math.max(hi, -lo));
    lo = -hi + 0;
  }
  const whole = data.every((v: number) => Number.isInteger(v)) && Math.max(-lo, hi) < 2 ** 24;
  return whole ? { scale: 1, range: { lo, hi } } : quantizeInterval({ lo, hi }, 16);
};

export interface LoweringOptions extends RescaleOptions {
  /** Inputs that take outputs of other programs, by name. */
  readonly inputPorts: ReadonlyMap<string, SourcePort>;
  /** Integers that such an input may range over without a rescale. */
  readonly widestInput: number;
  /** Outputs that are numbers are rescaled to this many bits; null leaves them as they come. */
  readonly outputBits: number | null;
  /**
   * Weights are private: constants are committed with the model wherever they can be, and seen only rounded; intervals
   * that tables are cut at to so many numbers from one power of two to the next. Null: weights are public.
   */
  readonly privateSteps: number | null;
}

/** A constant of the model that stands in the program. */
export interface PublicConstant {
  /** Index into `Program.nodes`. */
  readonly node: number;
  readonly what: string;
}

/** A tensor of the graph: a sum that nothing has committed yet, until someone asks for its value. */
interface Entry {
  readonly linear: Linear | null;
  /** Program node that a rescale belongs to. */
  readonly node: number;
  value: Value | null;
}

/** Whether a tensor holds indices or classes. */
export const isLabel = (graph: FloatGraph, name: string): boolean => {
  const dtype = graph.values.get(name)?.dtype;
  return dtype === 'int64' || dtype === 'int32';
};

/** What operators lower with: the graph's tensors as values, sums or constants, and where results go. */
export class Lowering {
  readonly graph: FloatGraph;
  readonly builder: ProgramBuilder;
  readonly options: LoweringOptions;
  private readonly targets: (name: string) => Target | null;
  private readonly entries: Map<string, Entry> = new Map();
  private readonly consumers: Map<string, number> = new Map();
  private readonly outputs: ReadonlySet<string>;
  private readonly shown: Map<string, PublicConstant> = new Map();

  constructor(
    graph: FloatGraph,
    builder: ProgramBuilder,
    targets: (name: string) => Target | null,
    options: LoweringOptions,
  ) {
    this.graph = graph;
    this.builder = builder;
    this.targets = targets;
    this.options = options;
    this.outputs = new Set(graph.outputs);
    for (const node of graph.nodes) {
      for (const input of node.inputs)
        this.consumers.set(input, (this.consumers.get(input) ?? 0) + 1);
    }
  }

  shape(name: string): readonly number[] {
    return this.graph.values.get(name)?.shape ?? [];
  }

  constant(name: string): ConstantTensor | null {
    const value = this.graph.values.get(name);
    return value === undefined || value.data === null
      ? null
      : { shape: value.shape, data: value.data };
  }

  get isPrivate(): boolean {
    return this.options.privateSteps !== null;
  }

  /** Notes that the program shows a constant of the current node. */
  show(what: string, value?: number): void {
    const { node } = this.builder;
    const said = value === undefined ? what : `${what} ${value}`;
    this.shown.set(`${node} ${said}`, { node, what: said });
  }

  /** What the program shows of constants, node by node. */
  publicConstants(): readonly PublicConstant[] {
    return [...this.shown.values()];
  }

  target(name: string): Target {
    const target = this.targets(name);
    if (target === null)
      throw new LoweringError('unbounded', `no range was observed for tensor ${name}`);
    if (!Number.isFinite(target.scale))
      throw new LoweringError('unbounded', `tensor ${name} reaches infinity on the samples`);
    return target;
  }

  isOutput(name: string): boolean {
    return this.outputs.has(name);
  }

  /** Whether an operator reads the tensor. */
  isRead(name: string): boolean {
    return (this.consumers.get(name) ?? 0) > 0;
  }

  /** Whether the tensor is an output that integers of this range can be. */
  isOutputOf(name: string, range: Range): boolean {
    const { outputBits } = this.options;
    return this.isOutput(name) && (outputBits === null || rowsOf(range) <= 2 ** outputBits);
  }

  has(name: string): boolean {
    return this.entries.has(name) || this.constant(name) !== null;
  }

  /** Values settled so far, by tensor name. */
  settled(): Map<string, Value> {
    const values = new Map<string, Value>();
    for (const [name, { value }] of this.entries) if (value !== null) values.set(name, value);
    return values;
  }

  set(name: string, value: Value): void {
    this.entries.set(name, { linear: null, node: this.builder.node, value });
  }

  setLinear(name: string, linear: Linear): void {
    const value = asValue(linear);
    this.entries.set(name, {
      linear: value === null ? linear : null,
      node: this.builder.node,
      value,
    });
  }

  private entry(name: string): Entry {
    const entry = this.entries.get(name);
    if (entry !== undefined) return entry;
    const constant = this.constant(name);
    if (constant === null) throw new LoweringError('unsupported', `tensor ${name} has no value`);
    const created: Entry = {
      linear: null,
      node: this.builder.node,
      value: this.constantValue(
        constant,
        this.targets(name) ?? ownQuantization(constant, this.isPrivate),
      ),
    };
    this.entries.set(name, created);
    return created;
  }

  /** The tensor as a committed value, at its target's scale if it has to be settled for that. */
  value(name: string): Value {
    const entry = this.entry(name);
    entry.value ??= this.builder.within(entry.node, () => this.settleEntry(name, entry));
    return entry.value;
  }

  private settleEntry(name: string, entry: Entry): Value {
    if (entry.linear === null)
      throw new TypeError(`Lowering: tensor ${name} is neither a sum nor a value`);
    const output = this.isOutput(name);
    const raw =
      output && !this.isRead(name) && this.options.outputBits === null
        ? settleOutput(this.builder, entry.linear, this.options)
        : null;
    return (
      raw ?? settle(this.builder, entry.linear, this.target(name), fullClamp, this.options, output)
    );
  }

  /** A sum that only this consumer reads and that nothing has committed; null if there is a value. */
  pending(name: string): Linear | null {
    const entry = this.entry(name);
    const sole = (this.consumers.get(name) ?? 0) === 1 && !this.isOutput(name);
    return entry.value === null && sole ? entry.linear : null;
  }

  /** The tensor as an operand of a sum. */
  linear(name: string): Linear {
    return this.pending(name) ?? linearOf(this.value(name));
  }

  /** Commits a sum through an activation as the tensor `name`; `from` is the tensor whose node it belongs to. */
  activate(linear: Linear, name: string, activation: Activation, from: string): Value {
    const node = this.entries.get(from)?.node ?? this.builder.node;
    return this.builder.within(node, () =>
      settle(
        this.builder,
        linear,
        this.target(name),
        activation,
        this.options,
        this.isOutput(name),
      ),
    );
  }

  /** Commits a sum at the target of `name` here, as part of the current node. */
  settle(linear: Linear, name: string, activation: Activation): Value {
    return settle(this.builder, linear, this.target(name), activation, this.options, false);
  }

  /** The value at another quantization. */
  requantize(value: Value, target: Quantization): Value {
    if (
      value.scale === target.scale &&
      value.range.lo >= target.range.lo &&
      value.range.hi <= target.range.hi
    )
      return value;
    return settle(
      this.builder,
      linearOf(value),
      { ...target, flexible: false },
      fullClamp,
      this.options,
      false,
    );
  }

  /** One number everywhere, as a value that stands in the program. */
  numberValue(shape: readonly number[], real: number, { scale, range }: Quantization): Value {
    const constant = Math.min(Math.max(roundHalfUp(real / scale), range.lo), range.hi);
    const form = { terms: [], constant };
    return { dims: plainDims(shape), form, scale, range: { lo: constant, hi: constant } };
  }

  /** Constants as a value: committed with the model, or in the form where all are equal and need not stay private. */
  constantValue({ shape, data }: ConstantTensor, { scale, range }: Quantization): Value {
    if (!Number.isFinite(scale))
      throw new LoweringError('unsupported', 'a constant holds infinities that reach an output');
    const integers = Int32Array.from(data, (v) =>
      Math.min(Math.max(roundHalfUp(v / scale), range.lo), range.hi),
    );
    const dims = plainDims(shape);
    const atoms = dims.flat();
    const first = integers[0] ?? 0;
    let bounds: Range = { lo: first, hi: first };
    for (const v of integers) bounds = { lo: Math.min(bounds.lo, v), hi: Math.max(bounds.hi, v) };
    if (bounds.lo === bounds.hi && !this.isPrivate)
      return { dims, form: { terms: [], constant: first }, scale, range: bounds };
    const tensor = this.builder.model('constant', atoms, integers);
    return {
      dims,
      form: {
        terms: [{ tensor, coefficient: 1, view: atoms.map((_, a) => same(a)), sums: [] }],
        constant: 0,
      },
      scale,
      range: this.isPrivate ? this.builder.modelRange(integers) : bounds,
    };
  }

  /** What an output is rescaled to that has too many bits; one that is an input too has a target of more. */
  private outputTarget(name: string): Quantization {
    const { scale, range } = this.target(name);
    const bits = this.options.outputBits ?? Number.POSITIVE_INFINITY;
    return rowsOf(range) <= 2 ** bits
      ? { scale, range }
      : quantizeInterval({ lo: scale * range.lo, hi: scale * range.hi }, bits);
  }

  /** An output of the graph as a tensor of the program: where it is not one already, a copy. */
  output(name: string): Value {
    const value = this.value(name);
    const tensor = wholeTensor(this.builder, value);
    if (tensor !== null && this.builder.tensors[tensor]?.role === 'output') return value;
    const node = this.entries.get(name)?.node ?? this.builder.node;
    return this.builder.within(node, () =>
      this.isOutputOf(name, value.range) || isLabel(this.graph, name)
        ? materialise(this.builder, value, 'output', value.range)
        : settle(
            this.builder,
            linearOf(value),
            { ...this.outputTarget(name), flexible: true },
            fullClamp,
            this.options,
            true,
          ),
    );
  }
}
