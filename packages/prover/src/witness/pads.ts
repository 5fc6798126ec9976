import { type K, mulK } from '@assay/core/field';
import { blindPad, padCount, type PadShape, productPads } from '@assay/core/linear';
import { fillField, type Randomness, randomNonzeroK } from '@assay/core/randomness';

/** Fresh pads for one transcript: uniform, but for z' = x'·y' of the triples and r ≠ 0. */
export function drawPads(shape: PadShape, randomness: Randomness): K[] {
  // Drawn together: a call of the generator costs more than what it gives.
  const words = new Int32Array(5 * padCount(shape));
  fillField(randomness, words);
  const pads = Array.from({ length: padCount(shape) }, (_, i): K => {
    const at = (j: number): number => words[5 * i + j] ?? 0;
    return [at(0), at(1), at(2), at(3), at(4)];
  });
  for (let t = 0; t < shape.products; t++) {
    const { x, y, z } = productPads(shape, t);
    const [first, second] = [pads[x], pads[y]];
    if (first !== undefined && second !== undefined) pads[z] = mulK(first, second);
  }
  if (shape.blind) pads[blindPad(shape)] = randomNonzeroK(randomness);
  return pads;
}

/** Pads as the witness keeps them: [coordinate, pad]. */
export function padCells(pads: readonly K[]): Int32Array {
  const cells = new Int32Array(5 * pads.length);
  for (const [i, pad] of pads.entries()) {
    for (const [j, coordinate] of pad.entries()) cells[j * pads.length + i] = coordinate;
  }
  return cells;
}
