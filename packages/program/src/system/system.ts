import { err, ok, type Result } from '@assay/core/errors';
import { P } from '@assay/core/field';
import type { ProgramError } from '../errors.ts';
import { checkDetermined } from '../ranges/determined.ts';
import { deriveRanges } from '../ranges/derive.ts';
import { elementCount } from '../shape/dimensions.ts';
import type { Program, Range } from '../types.ts';
import { type EinsumSystem, einsumSystem } from './einsums.ts';
import { type LookupTree, lookupTree } from './sections.ts';
import { checkWork } from './work.ts';

/** Everything that prover and verifier derive from a program alone. */
export interface System {
  readonly program: Program;
  /** Enforced range of every tensor. */
  readonly ranges: readonly Range[];
  readonly lookups: LookupTree;
  readonly einsums: EinsumSystem;
}

/**
 * Derives the relations of a validated program: ranges (with the no-wrap rule), the LogUp tree, the
 * sumcheck. Refuses a program with p or more lookups: multiplicities could wrap; and one that would
 * keep a verifier busy for more than seconds.
 */
export function deriveSystem(program: Program): Result<System, ProgramError> {
  const bounded = checkWork(program);
  if (!bounded.ok) return bounded;
  const ranges = deriveRanges(program);
  if (!ranges.ok) return ranges;
  const determined = checkDetermined(program, ranges.value);
  if (!determined.ok) return determined;
  let lookups = 0;
  for (const relation of program.relations) {
    if (relation.kind === 'lookup') lookups += elementCount(relation.dims);
  }
  if (lookups >= P)
    return err({ kind: 'program/limit', what: 'lookups', limit: P - 1, actual: lookups });
  return ok({
    program,
    ranges: ranges.value,
    lookups: lookupTree(program),
    einsums: einsumSystem(program),
  });
}
