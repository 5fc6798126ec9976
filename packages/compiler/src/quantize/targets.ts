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
  /** Observed ranges are widened by this factor. */
  readonly margin: number;
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
 * `integral`: tensors whose observed elements are all integers; they keep scale 1 where that fits.
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
  const include = (name: string, interval: Interval): void => {
    const root = classes.find(name);
    const known = hulls.get(root);
    hulls.set(
      root,
      known === undefined
        ? interval
        : { lo: Math.min(known.lo, interval.lo), hi: Math.max(known.hi, interval.hi) },
    );
  };
  for (const [name, interval] of observed) {
    if (isConstant(name)) continue;
    sizes.set(classes.find(name), (sizes.get(classes.find(name)) ?? 0) + 1);
    include(name, { lo: interval.lo * options.margin, hi: interval.hi * options.margin });
  }
  const inputs = new Set<string>(graph.inputs.map((name) => classes.find(name)));
  for (const node of graph.nodes) {
    if (!movesElements(node)) continue;
    for (const input of node.inputs) {
      // Constant parts of a class (concatenated, padded, compared) must fit in too.
      const data = graph.values.get(input)?.data ?? null;
      if (data === null) continue;
      let lo = 0;
      let hi = 0;
      for (const v of data) {
        if (v < lo) lo = v;
        if (v > hi) hi = v;
      }
      include(node.output, { lo, hi });
    }
    if (node.operator === 'Pad')
      include(node.output, {
        lo: Math.min(0, node.attributes.value),
        hi: Math.max(0, node.attributes.value),
      });
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
    const bits = isInput ? options.inputBits : precise ? options.fineBits : options.activationBits;
    const interval = roundInterval(hull);
    const q = quantizeInterval(interval, bits);
    const whole =
      isInput && graph.inputs.some((input) => classes.find(input) === root && integral.has(input));
    const counts = wholeRange(hull);
    if (whole && rowsWithin(counts, bits)) return { scale: 1, range: counts, flexible: false };
    return { ...q, flexible: !isInput && (sizes.get(root) ?? 1) === 1 };
  };
};
