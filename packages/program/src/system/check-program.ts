import type { Result } from '@assay/core/errors';
import type { ProgramError } from '../errors.ts';
import { checkModel } from '../ranges/check-model.ts';
import { validateProgram } from '../shape/validate.ts';
import { publicVisibility, type Visibility } from '../visibility/visibility.ts';
import type { Program, Weights } from '../types.ts';
import { deriveSystem, type System } from './system.ts';

/**
 * Everything that must hold before a model is committed: the program is valid, its relations bound
 * every value and determine every tensor, and the weights keep what it declares of them.
 */
export function checkProgram(
  program: Program,
  weights: Weights,
  visibility: Visibility = publicVisibility(program),
): Result<System, ProgramError> {
  const valid = validateProgram(program);
  if (!valid.ok) return valid;
  const system = deriveSystem(program, visibility);
  if (!system.ok) return system;
  const model = checkModel(program, weights, system.value.ranges);
  return model.ok ? system : model;
}
