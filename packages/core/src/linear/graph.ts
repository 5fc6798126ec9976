import { addK, type K, mulK, ONE, ZERO } from '../field/index.ts';
import type { Value } from './value.ts';

/**
 * The values that the roots are made of, each once and after the values in its parts. Without
 * recursion: a chain of 10^6 operations is no deeper than one.
 */
function childrenFirst(roots: readonly Value[]): Value[] {
  const order: Value[] = [];
  const isPlaced = new Map<Value, boolean>();
  const stack = roots.slice().reverse();
  for (let value = stack.at(-1); value !== undefined; value = stack.at(-1)) {
    const placed = isPlaced.get(value);
    if (placed === undefined) {
      isPlaced.set(value, false);
      for (const { of } of value.parts) {
        if (typeof of !== 'number' && !isPlaced.has(of)) stack.push(of);
      }
      continue;
    }
    stack.pop();
    if (placed) continue;
    isPlaced.set(value, true);
    order.push(value);
  }
  return order;
}

const times = (a: K, b: K): K => (a === ONE ? b : b === ONE ? a : mulK(a, b));

/**
 * The coefficient of each of `count` pads in v.
 *
 * Cost: one product for each part of the values that v is made of.
 * @throws {RangeError} on a pad outside 0..count−1.
 */
export function padCoefficients(v: Value, count: number): K[] {
  const pads = Array.from({ length: count }, () => ZERO);
  const factors = new Map<Value, K>([[v, ONE]]);
  for (const value of childrenFirst([v]).reverse()) {
    const factor = factors.get(value) ?? ZERO;
    for (const { coefficient, of } of value.parts) {
      const added = times(factor, coefficient);
      if (typeof of !== 'number') {
        const sum = factors.get(of);
        factors.set(of, sum === undefined ? added : addK(sum, added));
        continue;
      }
      const sum = pads[of];
      if (sum === undefined) {
        throw new RangeError(`padCoefficients: expected a pad below ${count}, got ${typeof of}`);
      }
      pads[of] = addK(sum, added);
    }
  }
  return pads;
}

/**
 * The values once the pads are known: what the prover knows and the verifier does not. Values with
 * results of `HidingLedger.product` in them lack the sent products, and so are no input here.
 *
 * @throws {RangeError} on a pad that is not given.
 */
export function evaluateValues(values: readonly Value[], pads: readonly K[]): K[] {
  const sums = new Map<Value, K>();
  for (const value of childrenFirst(values)) {
    let sum = ZERO;
    for (const { coefficient, of } of value.parts) {
      const term = typeof of === 'number' ? pads[of] : sums.get(of);
      if (term === undefined) {
        throw new RangeError(
          `evaluateValues: expected a pad below ${pads.length}, got ${typeof of === 'number' ? of : 'a value without its own'}`,
        );
      }
      sum = addK(sum, times(coefficient, term));
    }
    sums.set(value, sum);
  }
  return values.map((value) => addK(value.constant, sums.get(value) ?? ZERO));
}
