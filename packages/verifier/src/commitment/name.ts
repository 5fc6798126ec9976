import { bytesOfK } from '@assay/core/codec';
import { equalK, type K } from '@assay/core/field';
import { asciiBytes, keccak256 } from '@assay/core/hash';
import type { PortCommitment } from './types.ts';

const COMMITMENT_DOMAIN: Uint8Array = asciiBytes('assay/commitment/v1');

/**
 * The name of a committed tensor: keccak256("assay/commitment/v1" ‖ root ‖ y_reg), y_reg as u32 LE
 * words. Unlike a digest of the values it hides them: the root is salted.
 */
export function commitmentName(root: Uint8Array, yReg: readonly K[]): Uint8Array {
  return keccak256(COMMITMENT_DOMAIN, root, bytesOfK(yReg));
}

/**
 * What the registered points of a hidden root depend on besides root and size: rows of the tail, and
 * the dimensions of a tensor (a model has none). One name then means one layout.
 */
export function commitmentBinding({
  tailRows,
  shape,
}: Pick<PortCommitment, 'tailRows' | 'shape'>): readonly number[] {
  return [tailRows, ...shape];
}

/**
 * Whether answers are those of a constant polynomial: they are the same at all points, and so would be
 * the name of every shape, tail, column length and rate. No columns with random tails have them; of one
 * answer nothing can be said.
 */
export function isConstant(yReg: readonly K[]): boolean {
  const [first, ...others] = yReg;
  return first !== undefined && others.length > 0 && others.every((y) => equalK(y, first));
}
