import { addK, type K, mulK, ONE, subK, ZERO } from '@assay/core/field';
import { axisBits } from '../shape/dimensions.ts';

/** One index of a carry relation: stride · (start + i), 0 <= i < length, with a weight per bit of i. */
export interface CarryDigit {
  readonly stride: number;
  readonly start: number;
  readonly length: number;
  /** Bits of i. */
  readonly bits: number;
  /** eq point over the bits, most significant first; null: weight 1 for every i. */
  readonly point: readonly K[] | null;
}

const FLAG_LIMIT = 2 ** 8;

/** States of the automaton: (carry, comparison flags) packed into one number. */
type States = Map<number, K>;

function add(states: States, key: number, value: K): void {
  const known = states.get(key);
  states.set(key, known === undefined ? value : addK(known, value));
}

/**
 * Σ over digits with Σ_d stride_d·(start_d + i_d) = 0 of Π_d weight_d(i_d): the weight of a reshape
 * whose axes do not line up with powers of two, by an automaton that reads all digits bit by bit,
 * least significant first, and carries the sum (`opening.md` §1).
 *
 * Negative strides stand for the other side of the equation. Cost: O(bits · digits · states), at
 * most 2^(digits with length < 2^bits) · 2·Σ|stride| states.
 */
export function carryWeight(digits: readonly CarryDigit[]): K {
  let constant = 0;
  let steps = 0;
  let flagBits = 0;
  const partial = digits.map((digit) => {
    constant += digit.stride * digit.start;
    steps = Math.max(steps, digit.bits);
    // A digit that fills its bits needs no comparison.
    return digit.length < 2 ** digit.bits ? 2 ** flagBits++ : 0;
  });
  if (2 ** flagBits > FLAG_LIMIT)
    throw new RangeError('carryWeight: expected at most 8 padded digits');
  let states: States = new Map([[constant * FLAG_LIMIT, ONE]]);
  for (let t = 0; t < steps; t++) {
    for (const [d, digit] of digits.entries()) {
      if (t >= digit.bits) continue;
      const flag = partial[d] ?? 0;
      const lengthBit = Math.floor(digit.length / 2 ** t) % 2;
      const r = digit.point === null ? null : (digit.point[digit.bits - 1 - t] ?? ZERO);
      const weights: readonly [K, K] = r === null ? [ONE, ONE] : [subK(ONE, r), r];
      const next: States = new Map();
      for (const [key, value] of states) {
        const carry = Math.floor(key / FLAG_LIMIT);
        const flags = key - carry * FLAG_LIMIT;
        for (const bit of [0, 1] as const) {
          // Flag: the bits of i read so far are below those of length.
          const below =
            bit === lengthBit ? Math.floor(flags / Math.max(flag, 1)) % 2 === 1 : bit < lengthBit;
          const kept =
            flag === 0 ? flags : flags - (Math.floor(flags / flag) % 2) * flag + (below ? flag : 0);
          add(
            next,
            (carry + bit * digit.stride) * FLAG_LIMIT + kept,
            r === null ? value : mulK(value, weights[bit]),
          );
        }
      }
      states = next;
    }
    const halved: States = new Map();
    for (const [key, value] of states) {
      const carry = Math.floor(key / FLAG_LIMIT);
      if (carry % 2 === 0) halved.set((carry / 2) * FLAG_LIMIT + (key - carry * FLAG_LIMIT), value);
    }
    states = halved;
  }
  return states.get(2 ** flagBits - 1) ?? ZERO;
}

/**
 * Bound on the steps of `carryWeight` for storage axes of these lengths read along logical axes of
 * these lengths: transitions from all states that its carries and flags allow.
 */
export function carryCost(storage: readonly number[], logical: readonly number[]): number {
  const sides = [storage, logical].map((lengths) => {
    let stride = 1;
    return [...lengths].reverse().map((length) => {
      const digit = { stride, length, bits: axisBits(length) };
      stride *= length;
      return digit;
    });
  });
  const digits = sides.flat();
  const flags = 2 ** digits.filter(({ length, bits }) => length < 2 ** bits).length;
  const steps = digits.reduce((most, { bits }) => Math.max(most, bits), 0);
  let read = 0;
  let cost = 1;
  for (let t = 0; t < steps; t++) {
    // |carry| at this step, from both sides
    let carries = 1;
    for (const { stride, bits } of digits) {
      if (t < bits) read++;
      carries += stride * 2 ** Math.min(0, bits - t);
    }
    cost += 2 * digits.length * Math.min(2 ** read, Math.ceil(2 * carries * flags));
  }
  return cost;
}
