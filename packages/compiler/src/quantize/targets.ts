import type { Range } from '@assay/program';
import type { FloatGraph, GraphNode } from '../graph/index.ts';
import { quantizeInterval, roundInterval, type Interval, type Quantization } from './ranges.ts';

/** The integers that a tensor of the graph is to be quantized to. */
export interface Target extends Quantization {
  /** The scale may be enlarged a little where that makes a coefficient exact. */
  readonly flexible: boolean;
}

export interface TargetOptions {
  /** Bits of activations. */
  readonly activationBits: number;
  /** Bits of what only a softmax, an argmax or the reader of the outputs sees. */
  readonly fineBits: number;
  /** Bits of inputs. */
  readonly inputBits: number;
  /** Bits of the graph's outputs; null where they may have as many as anything like them. */
  readonly outputBits: number | null;
  /** Inputs that come as the integers of another program: where they need bits of their own, as any value. */
  readonly linked: ReadonlySet<string>;
  /** Observed ranges are widened by this factor. */
  readonly margin: number;
  /** Significant bits of observed ranges: what the program's scales say of weights and samples. @default 8 */
  readonly rangeBits?: number;
}

/** Integers as they are, with as much room again above what was observed; indicators have none. */
const wholeRange = ({ lo, hi }: Interval): Range => {
  const top = (x: number): number =>
    x <= 1 ? Math.max(0, Math.ceil(x)) : 2 ** (Math.ceil(Math.log2(x + 1)) + 1) - 1;
  return { lo: -top(-lo) + 0, hi: Math.max(1, top(hi)) };
};

const rowsWithin = ({ lo, hi }: Range, bits: number): boolean => hi - lo < 2 ** bits;

/** Nodes whose outputs are some of their inputs' elements: one scale for all of them. */
const movesElements = (node: GraphNode): boolean => {
  switch (node.operator) {
    case 'Identity':
    case 'Reshape':
    case 'Transpose':
    case 'Slice':
    case 'Gather':
    case 'Expand':
    case 'Concat':
    case 'Pad':
    case 'MaxPool':
    case 'ReduceMax':
    case 'ReduceMin':
    case 'Max':
    case 'Min':
      return true;
    default:
      return false;
  }
};

const hullOf = (a: Interval | undefined, b: Interval): Interval =>
  a === undefined ? b : { lo: Math.min(a.lo, b.lo), hi: Math.max(a.hi, b.hi) };

/** Union-find over tensor names. */
class Classes {
  private readonly parent: Map<string, string> = new Map();

  find(name: string): string {
    let root = name;
    for (let next = this.parent.get(root); next !== undefined; next = this.parent.get(root))
      root = next;
    if (root !== name) this.parent.set(name, root);
    return root;
  }

  union(a: string, b: string): void {
    const [x, y] = [this.find(a), this.find(b)];
    if (x !== y) this.parent.set(x, y);
  }
}

/**
 * Target of every non-constant tensor: tensors that share elements share a scale, chosen for the hull of
 * what was observed on any of them.
 *
 * `integral`: inputs whose observed elements are all integers; they keep scale 1 where that fits.
 */
export const planTargets = (
  graph: FloatGraph,
  observed: ReadonlyMap<string, Interval>,
  integral: ReadonlySet<string>,
  options: TargetOptions,
): ((name: string) => Target | null) => {
  const classes = new Classes();
  const isConstant = (name: string): boolean => (graph.values.get(name)?.data ?? null) !== null;
  for (const node of graph.nodes) {
    if (!movesElements(node)) continue;
    for (const input of node.inputs) if (!isConstant(input)) classes.union(input, node.output);
  }
  const hulls = new Map<string, Interval>();
  const sizes = new Map<string, number>();
  /** Hulls without a margin. */
  const exact = new Map<string, Interval>();
  /** Classes with an element that need not be an integer. */
  const fractional = new Set<string>();
  const include = (name: string, interval: Interval, margin: number): void => {
    const root = classes.find(name);
    exact.set(root, hullOf(exact.get(root), interval));
    const wide = { lo: interval.lo * margin, hi: interval.hi * margin };
    hulls.set(root, hullOf(hulls.get(root), wide));
  };
  for (const [name, interval] of observed) {
    if (isConstant(name)) continue;
    sizes.set(classes.find(name), (sizes.get(classes.find(name)) ?? 0) + 1);
    include(name, interval, options.margin);
  }
  const inputs = new Set<string>(
    graph.inputs.filter((name) => !options.linked.has(name)).map((name) => classes.find(name)),
  );
  const outputs = new Set<string>(graph.outputs.map((name) => classes.find(name)));
  for (const name of graph.inputs) if (!integral.has(name)) fractional.add(classes.find(name));
  /** Constants of a class (concatenated, padded, compared) must fit in too. */
  const includeConstants = (name: string, data: ArrayLike<number>): void => {
    let lo = 0;
    let hi = 0;
    for (let i = 0; i < data.length; i += 1) {
      const v = data[i] ?? 0;
      if (v < lo) lo = v;
      if (v > hi) hi = v;
      if (!Number.isInteger(v)) fractional.add(classes.find(name));
    }
    include(name, { lo, hi }, 1);
  };
  for (const node of graph.nodes) {
    if (!movesElements(node)) {
      fractional.add(classes.find(node.output));
      continue;
    }
    for (const input of node.inputs) {
      const data = graph.values.get(input)?.data ?? null;
      if (data !== null) includeConstants(node.output, data);
    }
    if (node.operator === 'Pad') includeConstants(node.output, [node.attributes.value]);
  }
  const fine = new Set<string>();
  const coarse = new Set<string>();
  for (const name of graph.outputs) fine.add(classes.find(name));
  for (const node of graph.nodes) {
    if (movesElements(node)) continue;
    const row =
      node.operator === 'Softmax' || node.operator === 'LogSoftmax' || node.operator === 'ArgMax';
    for (const input of node.inputs) (row ? fine : coarse).add(classes.find(input));
  }
  return (name) => {
    const root = classes.find(name);
    const hull = hulls.get(root);
    if (hull === undefined) return null;
    const isInput = inputs.has(root);
    const precise = fine.has(root) && !coarse.has(root);
    const ample = isInput ? options.inputBits : precise ? options.fineBits : options.activationBits;
    const { outputBits } = options;
    const bits =
      outputBits === null || isInput || !outputs.has(root)
        ? ample
        : coarse.has(root)
          ? Math.min(ample, outputBits)
          : outputBits;
    const q = quantizeInterval(roundInterval(hull, options.rangeBits), bits);
    const range = wholeRange(exact.get(root) ?? hull);
    if (isInput && !fractional.has(root) && rowsWithin(range, bits)) {
      return { scale: 1, range, flexible: false };
    }
    return { ...q, flexible: !isInput && (sizes.get(root) ?? 1) === 1 };
  };
};
