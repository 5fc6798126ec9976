import type { Result } from '@assay/core/errors';
import type { ProgramError } from '../errors.ts';
import { checkModel } from '../ranges/check-model.ts';
import { validateProgram } from '../shape/validate.ts';
import type { Program, Weights } from '../types.ts';
import { deriveSystem, type System } from './system.ts';

/**
 * Everything that must hold before a model is committed: the program is valid, its relations bound
 * every value and determine every tensor, and the weights keep what it declares of them.
 */
export function checkProgram(program: Program, weights: Weights): Result<System, ProgramError> {
  const valid = validateProgram(program);
  if (!valid.ok) return valid;
  const system = deriveSystem(program);
  if (!system.ok) return system;
  const model = checkModel(program, weights, system.value.ranges);
  return model.ok ? system : model;
}
