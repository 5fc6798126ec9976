import { err, ok, type Result } from '@assay/core/errors';
import { topVariables } from '@assay/core/lookup';
import { type PadShape, padCount } from '@assay/core/linear';
import { totalVariables, type WhirParameters } from '@assay/core/pcs';
import { type ArgumentSizes, freshTailRows, securityBits } from '@assay/core/security';
import {
  axisBits,
  checkLayout,
  deriveSystem,
  type Layout,
  layoutProgram,
  type PortVisibility,
  type ProgramError,
  type System,
  type Visibility,
} from '@assay/program';
import type { VerifyingKey } from '../key/index.ts';
import { padShape } from './pads.ts';

/** What prover and verifier share before a proof starts: derived from the verifying key alone. */
export interface Argument {
  readonly key: VerifyingKey;
  readonly system: System;
  readonly layout: Layout;
  readonly sizes: ArgumentSizes;
  readonly pads: PadShape;
  /** Hidden weights: their registration proof has been verified. */
  readonly registered: boolean;
}

export type ArgumentError =
  | { readonly kind: 'argument/program'; readonly error: ProgramError }
  | {
      readonly kind: 'argument/layout';
      readonly field: string;
      readonly expected: number;
      readonly actual: number;
    }
  /** One tensor is shown in two ways, or committed twice: what one port says would not bind the other. */
  | { readonly kind: 'argument/ports'; readonly port: string }
  /** The weights are not shown the way they were committed. */
  | { readonly kind: 'argument/visibility' }
  /** No parameters reach the key's target with its column length and rate. */
  | { readonly kind: 'argument/infeasible'; readonly reason: string }
  | {
      readonly kind: 'argument/security';
      readonly targetBits: number;
      readonly actualBits: number;
    };

/** Coordinates of β: its eq table has a coefficient for each component of a tuple, and one for the table's id. */
export function fingerprintVariables(width: number): number {
  return axisBits(width + 1);
}

/** Out-of-domain samples of each kind that become claims. */
export interface Samples {
  /** Of each registered root: the model's and those of committed ports. */
  readonly registered: number;
  /** Of the witness columns. */
  readonly fresh: number;
}

/** Counts that enter the error terms. */
export function argumentSizes(system: System, samples: Samples): ArgumentSizes {
  const { lookups, einsums, program, hiding, visibility } = system;
  const zeros = program.relations.filter((relation) => relation.kind === 'zero').length;
  const ports = [...visibility.inputs, ...visibility.outputs];
  const roots =
    1 +
    ports.filter(({ kind }) => kind === 'committed').length +
    (visibility.renews === undefined ? 0 : 1);
  const batched = einsums.instances.length > 0 ? 1 : 0;
  return {
    fractions: lookups.total,
    fingerprintDegree: 1 + fingerprintVariables(lookups.width),
    topVariables: hiding ? 0 : topVariables(lookups.variables),
    outputVariables: einsums.outerVariables,
    // The powers of λ: one for each relation that has products.
    einsums: einsums.instances.length,
    sumcheckDegree: einsums.degree,
    claims:
      samples.registered * roots +
      samples.fresh +
      3 +
      zeros +
      2 * einsums.instances.length +
      (hiding ? 1 : 0),
    products: padShape(system).products,
    // A check for each layer of LogUp and one for the sumcheck wait for the opening.
    checks: hiding ? (lookups.total > 0 ? lookups.variables : 0) + batched : 0,
  };
}

/** Rows that a fresh column's tail must have: what the opening shows of it (`docs/zero-knowledge.md`). */
export function freshTail(whir: WhirParameters): number {
  return freshTailRows(whir.queries[0] ?? 0, whir.oodSamples[0] ?? 0, whir.foldings[0] ?? 0);
}

/**
 * Derives the relations and checks that the key's parameters are parameters for them: that they
 * describe this program's layout, and that they are worth the bits they promise.
 *
 * Rejects: every `argument/…` kind.   Soundness: at least `key.parameters.targetBits` round by round.
 */
export function prepareArgument(key: VerifyingKey): Result<Argument, ArgumentError> {
  const { parameters, visibility } = key;
  const { whir, tailRows } = parameters;
  const mismatch = (
    field: string,
    expected: number,
    actual: number,
  ): Result<never, ArgumentError> => err({ kind: 'argument/layout', field, expected, actual });
  // Tails are bounded by the column before anything is laid out.
  for (const rows of [tailRows, ...staticTails(visibility)]) {
    if (rows >= 2 ** whir.logRows) return mismatch('tail rows', 2 ** whir.logRows - 1, rows);
  }
  const twice = portShownTwice(key);
  if (twice !== null) return err({ kind: 'argument/ports', port: twice });
  const derived = deriveSystem(key.program, visibility);
  if (!derived.ok) return err({ kind: 'argument/program', error: derived.error });
  const system = derived.value;
  const { hiding } = system;
  if (hiding !== (whir.blinding !== null)) {
    return mismatch('blinding', Number(hiding), Number(whir.blinding !== null));
  }
  // Too short a tail would show hidden values: that no honest prover uses such a key is checked here.
  const least = hiding ? freshTail(whir) : 0;
  if (hiding ? tailRows < least : tailRows !== 0) return mismatch('tailRows', least, tailRows);
  const opened = (whir.queries[0] ?? 0) + 5 * parameters.registeredSamples;
  for (const rows of staticTails(visibility)) {
    if (rows < opened) return mismatch('static tail rows', opened, rows);
  }
  const pads = padShape(system);
  const profile = { visibility, tailRows, pads: padCount(pads) };
  const bounded = hiding ? checkLayout(system.program, whir.logRows, profile) : ok(null);
  if (!bounded.ok) return err({ kind: 'argument/program', error: bounded.error });
  const layout = layoutProgram(system.program, whir.logRows, profile);
  const columns = layout.witness.firstColumn + layout.witness.columns;
  if (whir.columns !== columns) return mismatch('columns', columns, whir.columns);
  const variables = layout.logRows + layout.logColumns;
  if (totalVariables(whir) !== variables)
    return mismatch('variables', variables, totalVariables(whir));
  if (key.model.yReg.length !== parameters.registeredSamples) {
    return mismatch('registered answers', parameters.registeredSamples, key.model.yReg.length);
  }
  const sizes = argumentSizes(system, {
    registered: parameters.registeredSamples,
    fresh: whir.oodSamples[0] ?? 0,
  });
  const actualBits = securityBits(parameters, sizes);
  if (!(actualBits >= parameters.targetBits)) {
    return err({ kind: 'argument/security', targetBits: parameters.targetBits, actualBits });
  }
  return ok({ key, system, layout, sizes, pads, registered: false });
}

function staticTails({ weights, inputs, outputs, renews }: Visibility): readonly number[] {
  const all = [weights, ...inputs, ...outputs, ...(renews === undefined ? [] : [renews])];
  return all.flatMap((v) => ('tailRows' in v ? [v.tailRows] : []));
}

/** Name of the first port whose tensor another port shows otherwise, or commits too. */
function portShownTwice({ program, visibility }: VerifyingKey): string | null {
  const kinds = new Map<number, PortVisibility['kind']>();
  for (const side of ['inputs', 'outputs'] as const) {
    for (const [i, { name, tensor }] of program[side].entries()) {
      const kind = visibility[side][i]?.kind ?? 'public';
      const known = kinds.get(tensor);
      if (known !== undefined && (known !== kind || kind === 'committed')) return name;
      kinds.set(tensor, kind);
    }
  }
  return null;
}
