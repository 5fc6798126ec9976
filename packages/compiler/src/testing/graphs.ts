/** Small float graphs written in code. */
import { inferShape } from '../graph/index.ts';
import type { Operator, OperatorAttributes } from '../graph/operators.ts';
import { sizeOf } from '../graph/shape.ts';
import type { DenseTensor, FloatGraph, GraphNode, GraphValue } from '../graph/types.ts';

/** Uniform in [0, 1), by a seeded xorshift: the same cases everywhere. */
export type Random = () => number;

export const seededRandom = (seed: number): Random => {
  let state = Math.max(1, (seed * 2654435761 + 1) >>> 0);
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
};

export const randomTensor = (
  random: Random,
  dims: readonly number[],
  lo = -1,
  hi = 1,
): DenseTensor => ({
  dims,
  data: Float64Array.from({ length: sizeOf(dims) }, () => lo + (hi - lo) * random()),
});

type NodeSpec = {
  readonly [O in Operator]: readonly [
    operator: O,
    attributes: OperatorAttributes[O],
    inputs: readonly string[],
    output: string,
  ];
}[Operator];

export interface GraphSpec {
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly constants?: Readonly<Record<string, DenseTensor>>;
  readonly nodes: readonly NodeSpec[];
  /** @default the last node's output */
  readonly outputs?: readonly string[];
}

/** A FloatGraph with inferred shapes. */
export const graphOf = (name: string, spec: GraphSpec): FloatGraph => {
  const values = new Map<string, GraphValue>();
  for (const [input, shape] of Object.entries(spec.inputs))
    values.set(input, { name: input, shape, dtype: 'float32', data: null });
  for (const [constant, { dims, data }] of Object.entries(spec.constants ?? {}))
    values.set(constant, { name: constant, shape: dims, dtype: 'float32', data });
  const nodes = spec.nodes.map(([operator, attributes, inputs, output], i) => {
    const node = {
      name: `${operator}_${i}`,
      operator,
      attributes,
      inputs,
      output,
      origin: { name: `${operator}_${i}`, operator },
    } as GraphNode;
    const shape = inferShape(
      node,
      inputs.map((input) => values.get(input)?.shape ?? []),
    );
    values.set(output, {
      name: output,
      shape,
      dtype: operator === 'ArgMax' ? 'int64' : 'float32',
      data: null,
    });
    return node;
  });
  return {
    name,
    inputs: Object.keys(spec.inputs),
    outputs: spec.outputs ?? [nodes.at(-1)?.output ?? ''],
    values,
    nodes,
  };
};
