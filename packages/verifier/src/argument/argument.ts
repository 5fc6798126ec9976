import { err, ok, type Result } from '@assay/core/errors';
import { topVariables } from '@assay/core/lookup';
import { totalVariables } from '@assay/core/pcs';
import { type ArgumentSizes, securityBits } from '@assay/core/security';
import {
  axisBits,
  deriveSystem,
  type Layout,
  layoutProgram,
  type ProgramError,
  type System,
} from '@assay/program';
import type { VerifyingKey } from '../key/index.ts';

/** What prover and verifier share before a proof starts: derived from the verifying key alone. */
export interface Argument {
  readonly key: VerifyingKey;
  readonly system: System;
  readonly layout: Layout;
  readonly sizes: ArgumentSizes;
}

export type ArgumentError =
  | { readonly kind: 'argument/program'; readonly error: ProgramError }
  | {
      readonly kind: 'argument/layout';
      readonly field: string;
      readonly expected: number;
      readonly actual: number;
    }
  | {
      readonly kind: 'argument/security';
      readonly targetBits: number;
      readonly actualBits: number;
    };

/** Coordinates of β: its eq table has a coefficient for each component of a tuple, and one for the table's id. */
export function fingerprintVariables(width: number): number {
  return axisBits(width + 1);
}

/** Counts that enter the error terms. */
export function argumentSizes(
  system: System,
  registeredSamples: number,
  freshSamples: number,
): ArgumentSizes {
  const { lookups, einsums, program } = system;
  const zeros = program.relations.filter((relation) => relation.kind === 'zero').length;
  return {
    fractions: lookups.total,
    fingerprintDegree: 1 + fingerprintVariables(lookups.width),
    topVariables: topVariables(lookups.variables),
    outputVariables: einsums.outerVariables,
    // The powers of λ: one for each relation that has products.
    einsums: einsums.instances.length,
    sumcheckDegree: einsums.degree,
    claims: registeredSamples + freshSamples + 3 + zeros + 2 * einsums.instances.length,
  };
}

/**
 * Derives the relations and checks that the key's parameters are parameters for them: that they
 * describe this program's layout, and that they are worth the bits they promise.
 *
 * Rejects: every `argument/…` kind.   Soundness: at least `key.parameters.targetBits` round by round.
 */
export function prepareArgument(key: VerifyingKey): Result<Argument, ArgumentError> {
  const { parameters } = key;
  const { whir } = parameters;
  const system = deriveSystem(key.program);
  if (!system.ok) return err({ kind: 'argument/program', error: system.error });
  const layout = layoutProgram(key.program, whir.logRows);
  const columns = layout.witness.firstColumn + layout.witness.columns;
  const mismatch = (
    field: string,
    expected: number,
    actual: number,
  ): Result<never, ArgumentError> => err({ kind: 'argument/layout', field, expected, actual });
  if (whir.columns !== columns) return mismatch('columns', columns, whir.columns);
  const variables = layout.logRows + layout.logColumns;
  if (totalVariables(whir) !== variables)
    return mismatch('variables', variables, totalVariables(whir));
  if (parameters.tailRows !== 0) return mismatch('tailRows', 0, parameters.tailRows);
  if (key.model.yReg.length !== parameters.registeredSamples) {
    return mismatch('registered answers', parameters.registeredSamples, key.model.yReg.length);
  }
  const sizes = argumentSizes(system.value, parameters.registeredSamples, whir.oodSamples[0] ?? 0);
  const actualBits = securityBits(parameters, sizes);
  if (!(actualBits >= parameters.targetBits)) {
    return err({ kind: 'argument/security', targetBits: parameters.targetBits, actualBits });
  }
  return ok({ key, system: system.value, layout, sizes });
}
