import { axisBits, totalBits } from '../shape/dimensions.ts';
import type { Product, Program, RelationId, ZeroRelation } from '../types.ts';
import { formAxes } from '../views/indexer.ts';

/**
 * One product of one relation, z[out] = Σ_sums left·right, as an instance of the batched sumcheck.
 * Axes are positions in dims ++ sums. Output axes that only one operand reads are bound to τ in it
 * beforehand; the sumcheck runs over the shared output axes (with eq), then the sum axes.
 */
export interface EinsumInstance {
  readonly relation: RelationId;
  readonly product: Product;
  /** Lengths of dims ++ sums. */
  readonly lengths: readonly number[];
  readonly outputAxes: number;
  /** Output axes bound in the left operand (also those that neither operand reads). */
  readonly left: readonly number[];
  readonly right: readonly number[];
  /** Output axes that both operands read. */
  readonly shared: readonly number[];
  /** Sumcheck variables: bits of shared and sum axes. */
  readonly variables: number;
  readonly sharedVariables: number;
  readonly degree: 2 | 3;
}

/** One product of a relation as an instance. */
export function einsumInstance(
  relation: ZeroRelation,
  id: RelationId,
  product: Product,
): EinsumInstance {
  const lengths = [...relation.dims, ...product.sums];
  const inLeft = formAxes(product.left);
  const inRight = formAxes(product.right);
  const left: number[] = [];
  const right: number[] = [];
  const shared: number[] = [];
  for (const axis of relation.dims.keys()) {
    if (inLeft.has(axis) && inRight.has(axis)) shared.push(axis);
    else if (inRight.has(axis)) right.push(axis);
    else left.push(axis);
  }
  const sharedVariables = totalBits(shared.map((axis) => lengths[axis] ?? 1));
  return {
    relation: id,
    product,
    lengths,
    outputAxes: relation.dims.length,
    left,
    right,
    shared,
    variables: sharedVariables + totalBits(product.sums),
    sharedVariables,
    degree: sharedVariables > 0 ? 3 : 2,
  };
}

export interface EinsumSystem {
  readonly instances: readonly EinsumInstance[];
  /** Coordinates of τ*: the largest output. */
  readonly outerVariables: number;
  /** Rounds of the batched sumcheck, coordinates of r*. */
  readonly innerVariables: number;
  readonly degree: 2 | 3;
}

/** The zero relations of a program as one batched sumcheck (`protocol.md` §4, S5). */
export function einsumSystem(program: Program): EinsumSystem {
  const instances: EinsumInstance[] = [];
  let outerVariables = 0;
  for (const [id, relation] of program.relations.entries()) {
    if (relation.kind !== 'zero') continue;
    outerVariables = Math.max(outerVariables, totalBits(relation.dims));
    for (const product of relation.products) instances.push(einsumInstance(relation, id, product));
  }
  return {
    instances,
    outerVariables,
    innerVariables: instances.reduce((max, i) => Math.max(max, i.variables), 0),
    degree: instances.some((i) => i.degree === 3) ? 3 : 2,
  };
}

/** First coordinate of each axis inside a point that ends with all of them, most significant first. */
export function axisOffsets(lengths: readonly number[], pointLength: number): readonly number[] {
  const offsets: number[] = [];
  let at = pointLength - totalBits(lengths);
  for (const length of lengths) {
    offsets.push(at);
    at += axisBits(length);
  }
  return offsets;
}
