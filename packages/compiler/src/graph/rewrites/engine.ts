/** Applies local rules to a float graph until none matches. */
import { evaluateNode, constantTensor } from '../evaluate/index.ts';
import { inferShape } from '../infer.ts';
import type { Operator, OperatorAttributes } from '../operators.ts';
import { sameShape } from '../shape.ts';
import type { DenseTensor, FloatGraph, GraphNode, GraphValue, NodeOf } from '../types.ts';
import { removeUnused } from './unused.ts';

/**
 * What a rule makes of a node: nodes in order, the last of which has the old node's output; or the name of
 * a value that the output equals; or null where the rule does not apply.
 */
export type Replacement = readonly GraphNode[] | { readonly alias: string } | null;

/** Looks at a node and those before it. Every replacement must keep the output's values and shape. */
export type Rule = (node: GraphNode, scope: Scope) => Replacement;

/** Elements that rules may still compute. A model made to waste time is left as it is once they are spent. */
interface Budget {
  left: number;
}

/** What a rule may ask and make while the nodes are visited in order. */
export class Scope {
  readonly #values: Map<string, GraphValue>;
  readonly #producers = new Map<string, GraphNode>();
  readonly #uses = new Map<string, number>();
  readonly #names = new Set<string>();
  readonly #counters = new Map<string, number>();
  readonly #outputs: ReadonlySet<string>;
  readonly #budget: Budget;

  constructor(graph: FloatGraph, budget: Budget) {
    this.#budget = budget;
    this.#values = new Map(graph.values);
    this.#outputs = new Set(graph.outputs);
    for (const name of [
      ...graph.outputs,
      ...graph.outputs,
      ...graph.nodes.flatMap((n) => n.inputs),
    ]) {
      this.#uses.set(name, (this.#uses.get(name) ?? 0) + 1); // an output counts twice: it must stay
    }
    for (const node of graph.nodes) this.#names.add(node.name);
  }

  get values(): ReadonlyMap<string, GraphValue> {
    return this.#values;
  }

  value(name: string | undefined): GraphValue {
    const value = this.#values.get(name ?? '');
    if (value === undefined)
      throw new RangeError(`Scope.value: expected a value's name, got "${name}"`);
    return value;
  }

  isOutput(name: string): boolean {
    return this.#outputs.has(name);
  }

  /** Node that makes a value, or undefined for inputs and constants. */
  producer(name: string | undefined): GraphNode | undefined {
    return this.#producers.get(name ?? '');
  }

  /** The value's producer if it is an `operator` whose output nothing else reads. */
  soleProducer<O extends Operator>(
    name: string | undefined,
    ...operators: readonly O[]
  ): { readonly [P in O]: NodeOf<P> }[O] | null {
    const node = this.producer(name);
    const matches =
      node !== undefined &&
      operators.some((o) => o === node.operator) &&
      this.#uses.get(node.output) === 1;
    return matches ? (node as { readonly [P in O]: NodeOf<P> }[O]) : null;
  }

  /** A constant's elements, or null for a value that is not constant. */
  constant(name: string | undefined): DenseTensor | null {
    return name === undefined ? null : constantTensor(this.value(name));
  }

  /** Adds a float64 constant; the name tells what it was made from. */
  addConstant(base: string, tensor: DenseTensor): string {
    const name = this.#freshName(base);
    this.#values.set(name, { name, shape: tensor.dims, dtype: 'float64', data: tensor.data });
    return name;
  }

  /** A node with a new value as output. */
  addNode<O extends Operator>(
    from: GraphNode,
    operator: O,
    attributes: OperatorAttributes[O],
    inputs: readonly string[],
  ): NodeOf<O> {
    const output = this.#freshName(`${from.output}/${operator.toLowerCase()}`);
    const name = this.#numbered(`${from.name}/${operator.toLowerCase()}`, (n) =>
      this.#names.has(n),
    );
    this.#names.add(name);
    const shape = inferShape(
      { operator, attributes },
      inputs.map((i) => this.value(i).shape),
    );
    this.#values.set(output, {
      name: output,
      shape,
      dtype: this.value(from.output).dtype,
      data: null,
    });
    return { name, operator, attributes, inputs, output, origin: from.origin };
  }

  /** Evaluates an operator on constants. */
  evaluate<O extends Operator>(
    operator: O,
    attributes: OperatorAttributes[O],
    inputs: readonly DenseTensor[],
  ): DenseTensor {
    const node = {
      name: '',
      operator,
      attributes,
      inputs: [],
      output: '',
      origin: { name: '', operator },
    };
    const result = evaluateNode(node as unknown as GraphNode, inputs);
    this.#budget.left -= inputs.reduce((n, x) => n + x.data.length, result.data.length);
    return result;
  }

  /** Called by the engine once a node is final. */
  settle(node: GraphNode): void {
    this.#producers.set(node.output, node);
  }

  /** Called by the engine: `after` takes the place of `before`. */
  replace(before: GraphNode, after: readonly GraphNode[]): void {
    for (const name of after.flatMap((n) => n.inputs))
      this.#uses.set(name, (this.#uses.get(name) ?? 0) + 1);
    this.#release(before.inputs);
  }

  /** Called by the engine: whoever reads the node's output will read `alias`. */
  redirect(node: GraphNode, alias: string): void {
    this.#uses.set(alias, (this.#uses.get(alias) ?? 0) + (this.#uses.get(node.output) ?? 0));
    this.#uses.set(node.output, 0);
    this.#release(node.inputs);
  }

  /** One use less; what nobody uses any more uses nothing itself. */
  #release(names: readonly string[]): void {
    const pending = [...names];
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      const left = (this.#uses.get(name) ?? 0) - 1;
      this.#uses.set(name, left);
      if (left === 0) pending.push(...(this.#producers.get(name)?.inputs ?? []));
    }
  }

  /** Never a name that the model could have used for another tensor: those are observed by name. */
  #freshName(base: string): string {
    return this.#numbered(base, (name) => this.#values.has(name));
  }

  /** base~n with the next free number; names made of made-up names do not grow. */
  #numbered(base: string, isTaken: (name: string) => boolean): string {
    const stem = base.replace(/~\d+$/, '');
    let n = this.#counters.get(stem) ?? 1;
    while (isTaken(`${stem}~${n}`)) n += 1;
    this.#counters.set(stem, n);
    return `${stem}~${n}`;
  }
}

const sameShapeOrThrow = (node: GraphNode, scope: Scope): void => {
  const shape = inferShape(
    node,
    node.inputs.map((i) => scope.value(i).shape),
  );
  if (!sameShape(shape, scope.value(node.output).shape)) {
    throw new RangeError(
      `rewrite: expected the shape of "${node.output}" to stay, got ${shape.join('×')}`,
    );
  }
};

/** One visit of all nodes; the same graph if no rule matched. */
const sweep = (graph: FloatGraph, rules: readonly Rule[], budget: Budget): FloatGraph => {
  const scope = new Scope(graph, budget);
  const aliases = new Map<string, string>();
  const nodes: GraphNode[] = [];
  let changed = false;
  for (const original of graph.nodes) {
    let pending: GraphNode[] = [
      { ...original, inputs: original.inputs.map((i) => aliases.get(i) ?? i) },
    ];
    while (pending.length > 0) {
      const [node, ...rest] = pending;
      if (node === undefined) break;
      const replacement =
        budget.left > 0
          ? rules.reduce<Replacement>((found, rule) => found ?? rule(node, scope), null)
          : null;
      if (replacement === null) {
        sameShapeOrThrow(node, scope);
        scope.settle(node);
        nodes.push(node);
        pending = rest;
      } else if ('alias' in replacement) {
        changed = true;
        if (scope.isOutput(node.output)) {
          const { name, output, origin } = node;
          const copy: GraphNode = {
            name,
            operator: 'Identity',
            attributes: {},
            inputs: [replacement.alias],
            output,
            origin,
          };
          scope.replace(node, [copy]);
          scope.settle(copy);
          nodes.push(copy);
        } else {
          scope.redirect(node, replacement.alias);
          aliases.set(node.output, replacement.alias);
        }
        pending = rest.map((n) => ({ ...n, inputs: n.inputs.map((i) => aliases.get(i) ?? i) }));
      } else {
        changed = true;
        scope.replace(node, replacement);
        pending = [...replacement, ...rest];
      }
    }
  }
  return changed ? removeUnused({ ...graph, nodes, values: scope.values }) : graph;
};

/** Rules undo nothing of each other, so this ends after a few sweeps; the bound only guards against a rule that does. */
const maxSweeps = 100;

export const applyRules = (
  graph: FloatGraph,
  rules: readonly Rule[],
  maxWork: number = 2 ** 31,
): FloatGraph => {
  const budget = { left: maxWork };
  let current = graph;
  for (let i = 0; i < maxSweeps; i += 1) {
    const next = sweep(current, rules, budget);
    if (next === current) return current;
    current = next;
  }
  throw new RangeError(
    'applyRules: expected the rules to come to an end, got none after 100 sweeps',
  );
};
