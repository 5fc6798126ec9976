import type { Program, Visibility } from '@assay/program';
import type { PortKind, Shown } from '@assay/prover';

/**
 * What proofs of a measured model show. Outputs are public in all of them.
 *
 *   plain       everything
 *   zk          not the inputs
 *   zk-private  neither inputs nor weights: these are registered at setup
 */
export const profileNames = ['plain', 'zk', 'zk-private'] as const;

export type ProfileName = (typeof profileNames)[number];

/** What `setup` is told for a profile. */
export function shownIn(profile: ProfileName, { inputs }: Program): Shown {
  if (profile === 'plain') return {};
  return {
    weights: profile === 'zk-private' ? 'hidden' : 'public',
    inputs: new Map(inputs.map(({ name }) => [name, 'hidden' as PortKind])),
  };
}

/** What a visibility hides, in words: "input", "weights". */
export function hiddenParts({ weights, inputs, outputs }: Visibility): string[] {
  const some = (kinds: readonly { readonly kind: string }[]): boolean =>
    kinds.some(({ kind }) => kind !== 'public');
  return [
    ...(some(inputs) ? ['input'] : []),
    ...(some(outputs) ? ['output'] : []),
    ...(some([weights]) ? ['weights'] : []),
  ];
}

/** What hiding may cost, as multiples of the plain profile of the same model. */
export interface CostTargets {
  readonly prove: number;
  readonly verify: number;
  readonly proof: number;
}

const LARGE_MODEL = 1_000_000;

/** @param parameters - Weights of the model. */
export function costTargets(parameters: number): CostTargets {
  return { prove: parameters < LARGE_MODEL ? 1.5 : 1.35, verify: 2, proof: 1.3 };
}
