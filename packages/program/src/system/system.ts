import { err, ok, type Result } from '@assay/core/errors';
import { P } from '@assay/core/field';
import type { ProgramError } from '../errors.ts';
import { checkDetermined } from '../ranges/determined.ts';
import { deriveRanges } from '../ranges/derive.ts';
import { elementCount } from '../shape/dimensions.ts';
import { concealPorts } from '../visibility/conceal.ts';
import {
  isHiding,
  publicVisibility,
  secretTensors,
  type Visibility,
} from '../visibility/visibility.ts';
import type { Form, Program, Range, TensorId } from '../types.ts';
import { type EinsumSystem, einsumSystem } from './einsums.ts';
import { type LookupTree, lookupTree } from './sections.ts';
import { checkWork } from './work.ts';

/** Everything that prover and verifier derive from a program, and from what is hidden of its runs. */
export interface System {
  /** With the relations that confine ports which are not public (`concealPorts`). */
  readonly program: Program;
  readonly visibility: Visibility;
  /** Something is hidden: proofs are zero-knowledge. */
  readonly hiding: boolean;
  /** Tensors and multiplicities that proofs do not show (`secretTensors`). */
  readonly secret: ReadonlySet<TensorId>;
  /** Enforced range of every tensor. */
  readonly ranges: readonly Range[];
  readonly lookups: LookupTree;
  readonly einsums: EinsumSystem;
}

/**
 * Derives the relations of a validated program: ranges (with the no-wrap rule), the LogUp tree, the
 * sumcheck. Refuses a program with p or more lookups: multiplicities could wrap; and one that would
 * keep a verifier busy for more than seconds.
 *
 * @param visibility - By the program's ports.
 */
export function deriveSystem(
  source: Program,
  visibility: Visibility = publicVisibility(source),
): Result<System, ProgramError> {
  for (const [side, ports, visibilities] of [
    ['inputs', source.inputs, visibility.inputs],
    ['outputs', source.outputs, visibility.outputs],
  ] as const) {
    if (ports.length !== visibilities.length) {
      const reason = `says of ${visibilities.length} ${side} what is hidden, there are ${ports.length}`;
      return err({ kind: 'program/structure', where: 'visibility', reason });
    }
  }
  const bounded = checkWork(source);
  if (!bounded.ok) return bounded;
  const program = concealPorts(source, visibility);
  const extended = program === source ? ok(null) : checkWork(program, visibility);
  if (!extended.ok) return extended;
  const ranges = deriveRanges(program, visibility);
  if (!ranges.ok) return ranges;
  const determined = checkDetermined(program, ranges.value);
  if (!determined.ok) return determined;
  let lookups = 0;
  for (const relation of program.relations) {
    if (relation.kind === 'lookup') lookups += elementCount(relation.dims);
  }
  if (lookups >= P)
    return err({ kind: 'program/limit', what: 'lookups', limit: P - 1, actual: lookups });
  const hiding = isHiding(visibility);
  return ok({
    program,
    visibility,
    hiding,
    secret: secretTensors(program, visibility),
    ranges: ranges.value,
    lookups: lookupTree(program, hiding),
    einsums: einsumSystem(program),
  });
}

/** Whether a form reads a secret tensor: its value at a point then is sent under a pad, and in the clear otherwise. */
export function secretForm({ secret }: System, form: Form): boolean {
  return form.terms.some(({ tensor }) => secret.has(tensor));
}
