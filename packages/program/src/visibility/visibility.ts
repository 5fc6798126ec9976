import { multiplicityTensor } from '../layout/pseudo-tensors.ts';
import type { Port, Program, TensorId } from '../types.ts';

/**
 * What a proof says of an input or output: its values (public), a root that stands for them and that
 * other proofs may name too (committed), or nothing but what the relations imply (hidden). The tail
 * of a committed tensor's columns is random, and long enough for every opening of its root.
 */
export type PortVisibility =
  | { readonly kind: 'public' }
  | { readonly kind: 'hidden' }
  | { readonly kind: 'committed'; readonly tailRows: number };

/** Public: anyone may recompute the model's root. Hidden: a registration proof vouches for it. */
export type WeightsVisibility =
  | { readonly kind: 'public' }
  | { readonly kind: 'hidden'; readonly tailRows: number };

/**
 * A renewal (`renewalProgram`): the first half of the model tensors are under the key's root, the
 * second half under an earlier one. Both roots are a model's, or those of a tensor committed alone.
 */
export interface Renews {
  /** Tail of the earlier root's columns. */
  readonly tailRows: number;
  readonly of: 'model' | 'tensor';
}

/** What a proof shows and what it hides, by port. */
export interface Visibility {
  readonly inputs: readonly PortVisibility[];
  readonly outputs: readonly PortVisibility[];
  readonly weights: WeightsVisibility;
  readonly renews?: Renews | undefined;
}

/** Everything public: the plain profile. */
export function publicVisibility(program: Program): Visibility {
  return {
    inputs: program.inputs.map(() => ({ kind: 'public' })),
    outputs: program.outputs.map(() => ({ kind: 'public' })),
    weights: { kind: 'public' },
  };
}

/** Whether anything is hidden: then proofs are zero-knowledge, and the whole witness is secret. */
export function isHiding({ inputs, outputs, weights }: Visibility): boolean {
  return [...inputs, ...outputs, weights].some(({ kind }) => kind !== 'public');
}

function isSame(a: PortVisibility | WeightsVisibility, b: typeof a | undefined): boolean {
  const tail = (v: typeof a): number => ('tailRows' in v ? v.tailRows : 0);
  return b !== undefined && a.kind === b.kind && tail(a) === tail(b);
}

export function sameVisibility(a: Visibility, b: Visibility): boolean {
  return (
    a.inputs.length === b.inputs.length &&
    a.outputs.length === b.outputs.length &&
    isSame(a.weights, b.weights) &&
    a.renews?.tailRows === b.renews?.tailRows &&
    a.renews?.of === b.renews?.of &&
    a.inputs.every((v, i) => isSame(v, b.inputs[i])) &&
    a.outputs.every((v, i) => isSame(v, b.outputs[i]))
  );
}

/** Tensors of the ports of one side whose visibility is of one of these kinds, in port order. */
export function portTensors(
  ports: readonly Port[],
  visibilities: readonly PortVisibility[],
  kinds: readonly PortVisibility['kind'][],
): readonly TensorId[] {
  return ports.flatMap(({ tensor }, i) => {
    const visibility = visibilities[i];
    return visibility !== undefined && kinds.includes(visibility.kind) ? [tensor] : [];
  });
}

/** Inputs and outputs whose values the statement does not hold. */
export function concealedTensors(program: Program, visibility: Visibility): ReadonlySet<TensorId> {
  const kinds = ['hidden', 'committed'] as const;
  return new Set([
    ...portTensors(program.inputs, visibility.inputs, kinds),
    ...portTensors(program.outputs, visibility.outputs, kinds),
  ]);
}

/**
 * Tensors that a proof says nothing about besides what its relations imply: in the hiding profile
 * ports that are not public, the whole witness with its multiplicities, and hidden weights. Empty in
 * the plain profile, where nothing is covered.
 */
export function secretTensors(program: Program, visibility: Visibility): ReadonlySet<TensorId> {
  if (!isHiding(visibility)) return new Set();
  const secret = new Set(concealedTensors(program, visibility));
  for (const [id, { role }] of program.tensors.entries()) {
    if (role === 'witness' || (role === 'model' && visibility.weights.kind === 'hidden'))
      secret.add(id);
  }
  for (const table of program.tables.keys()) secret.add(multiplicityTensor(program, table));
  return secret;
}
