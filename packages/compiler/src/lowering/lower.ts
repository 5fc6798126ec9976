import { elementCount, type Program, type Weights } from '@assay/program';
import type { FloatGraph } from '../graph/index.ts';
import type { Target } from '../quantize/index.ts';
import { ProgramBuilder, type NodeCost } from './builder.ts';
import { isLabel, Lowering, type LoweringOptions, type PublicConstant } from './context.ts';
import { compileError, LoweringError, type NodeProblem } from './errors.ts';
import { lowerInput } from './input.ts';
import { lowerNode } from './registry.ts';
import { materialise, type Value } from './value.ts';

export interface LoweredGraph {
  readonly program: Program;
  readonly weights: Weights;
  /** Values by tensor name of the graph, for comparison with the float model. */
  readonly values: ReadonlyMap<string, Value>;
  /** By index of `program.nodes`. */
  readonly costs: readonly NodeCost[];
  /** Of private weights: what stands in the program of the model's constants. Null: weights are public. */
  readonly publicConstants: readonly PublicConstant[] | null;
}

const withElements = (shape: readonly number[]): readonly number[] => {
  if (shape.includes(0))
    throw new LoweringError('unsupported', `a tensor without elements (${shape.join('×')})`);
  return shape;
};

/**
 * FloatGraph → Program: every node by its lowering, in order.
 *
 * Errors: AssayError ASSAY_COMPILE_UNSUPPORTED or ASSAY_COMPILE_UNBOUNDED listing every node that has no
 * lowering or no bound; nodes that depend on one of those are left out of the list.
 */
export const lowerGraph = (
  graph: FloatGraph,
  targets: (name: string) => Target | null,
  options: LoweringOptions,
): LoweredGraph => {
  const builder = new ProgramBuilder(graph.name, options.privateSteps);
  const ctx = new Lowering(graph, builder, targets, options);
  const problems: NodeProblem[] = [];
  const failed = new Set<string>();
  const attempt = (
    node: { readonly name: string; readonly operator: string },
    index: number,
    output: string,
    add: () => void,
  ): void => {
    try {
      builder.within(index, add);
    } catch (error) {
      if (!(error instanceof LoweringError)) throw error;
      problems.push({
        node: node.name,
        operator: node.operator,
        tensor: output,
        failure: error.failure,
        reason: error.message,
      });
      failed.add(output);
    }
  };
  for (const name of graph.inputs) {
    const node = { name, operator: 'Input' };
    attempt(node, builder.addNode(node), name, () => {
      withElements(ctx.shape(name));
      lowerInput(ctx, name);
    });
  }
  for (const node of graph.nodes) {
    if (node.inputs.some((name) => failed.has(name))) {
      failed.add(node.output);
      continue;
    }
    const origin = { name: node.name, operator: node.operator };
    attempt(
      { name: node.origin.name, operator: node.origin.operator },
      builder.addNode(origin),
      node.output,
      () => {
        withElements(ctx.shape(node.output));
        lowerNode(node, ctx);
      },
    );
  }
  const taken = new Set<number>();
  for (const name of graph.outputs) {
    if (failed.has(name)) continue;
    const node = { name, operator: 'Output' };
    attempt(node, builder.addNode(node), name, () => {
      withElements(ctx.shape(name));
      let value = ctx.output(name);
      const tensorOf = (v: Value): number => v.form.terms[0]?.tensor ?? -1;
      if (taken.has(tensorOf(value))) value = materialise(builder, value, 'output', value.range);
      taken.add(tensorOf(value));
      builder.port('output', {
        name,
        tensor: tensorOf(value),
        shape: ctx.shape(name),
        scale: value.scale,
        zero: 0,
        meaning: isLabel(graph, name) ? 'label' : 'number',
      });
    });
  }
  if (problems.length > 0) throw compileError(problems);
  const program = builder.build();
  for (const [id, data] of builder.weights) {
    const shape = program.tensors[id]?.shape ?? [];
    if (data.length !== elementCount(shape))
      throw new TypeError(
        `lowerGraph: expected ${elementCount(shape)} values of tensor ${id}, got ${data.length}`,
      );
  }
  return {
    program,
    weights: builder.weights,
    values: ctx.settled(),
    costs: builder.costs,
    publicConstants: ctx.isPrivate ? ctx.publicConstants() : null,
  };
};
