import type { Program, TensorId } from '../types.ts';

/** Pseudo tensor that holds the multiplicities of a table's rows. */
export function multiplicityTensor(program: Program, table: number): TensorId {
  return program.tensors.length + table;
}

/**
 * Pseudo tensor that holds the one-time pads of a proof, elements of K by coordinates: shape
 * [5, pads], pad i = Σ_j X^j·cell[j, i].
 */
export function padTensor(program: Program): TensorId {
  return program.tensors.length + program.tables.length;
}

/** Coordinates of an element of K: rows of `padTensor`. */
export const PAD_COORDINATES = 5;
