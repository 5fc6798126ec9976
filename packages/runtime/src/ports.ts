import { AssayError } from '@assay/core/errors';
import { elementCount, type Port, type Program } from '@assay/program';

/** Nearest integer, halves away from zero. Exact for every double. */
function roundHalfAway(x: number): number {
  const whole = Math.trunc(x);
  const fraction = x - whole;
  return fraction >= 0.5 ? whole + 1 : fraction <= -0.5 ? whole - 1 : whole;
}

/**
 * Real input values to integers: round(x / scale) + zero, halves away from zero, clamped to the tensor's declared range.
 *
 * @param data - one value per element, row major.
 * @returns the integers and how many of them were clamped (a strict caller refuses those).
 * @throws {AssayError} ASSAY_INPUT on a wrong number of values, NaN or an infinity.
 */
export function quantizeInput(
  program: Program,
  port: Port,
  data: ArrayLike<number>,
): { values: Int32Array; clamped: number } {
  const range = program.tensors[port.tensor]?.range;
  if (range === undefined || range === null) {
    throw new TypeError(`quantizeInput: expected the port of an input tensor, got "${port.name}"`);
  }
  const count = elementCount(port.shape);
  if (data.length !== count) {
    throw new AssayError({
      code: 'ASSAY_INPUT',
      shortMessage: `input "${port.name}": expected ${count} values (${port.shape.join('×')}), got ${data.length}`,
    });
  }
  const values = new Int32Array(count);
  let clamped = 0;
  for (let i = 0; i < count; i++) {
    const x = data[i] as number;
    if (!Number.isFinite(x)) {
      throw new AssayError({
        code: 'ASSAY_INPUT',
        shortMessage: `input "${port.name}": value ${x} at index ${i} is not a finite number`,
      });
    }
    const value = roundHalfAway(x / port.scale) + port.zero;
    const inside = Math.min(Math.max(value, range.lo), range.hi);
    if (inside !== value) clamped++;
    values[i] = inside;
  }
  return { values, clamped };
}

/** Integers to real values: scale · (v − zero). */
export function dequantizeOutput(port: Port, values: ArrayLike<number>): Float64Array {
  const reals = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    reals[i] = port.scale * ((values[i] as number) - port.zero);
  }
  return reals;
}
