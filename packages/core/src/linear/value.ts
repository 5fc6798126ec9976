import { addK, isZeroK, type K, mulK, negK, ONE, subK, ZERO } from '../field/index.ts';

/** coefficient · (one-time pad number `pad`). */
export interface PadTerm {
  readonly pad: number;
  readonly coefficient: K;
}

/**
 * What a verifier computes on: constant + Σ coefficient·pad, linear in pads that are committed but
 * unknown to it. Messages are sent under pads in the hiding profile; in the plain profile `pads` is
 * empty and a value is the element itself. Sorted by pad, each pad once, no zero coefficient.
 */
export interface Value {
  readonly constant: K;
  readonly pads: readonly PadTerm[];
}

const NO_PADS: readonly PadTerm[] = [];

export function constantValue(k: K): Value {
  return { constant: k, pads: NO_PADS };
}

/** The value of a pad. */
export function padValue(pad: number): Value {
  return { constant: ZERO, pads: [{ pad, coefficient: ONE }] };
}

function addPads(a: readonly PadTerm[], b: readonly PadTerm[]): readonly PadTerm[] {
  if (b.length === 0) return a;
  if (a.length === 0) return b;
  const coefficients = new Map<number, K>();
  for (const { pad, coefficient } of [...a, ...b]) {
    const sum = coefficients.get(pad);
    coefficients.set(pad, sum === undefined ? coefficient : addK(sum, coefficient));
  }
  return [...coefficients]
    .map(([pad, coefficient]) => ({ pad, coefficient }))
    .filter(({ coefficient }) => !isZeroK(coefficient))
    .sort((x, y) => x.pad - y.pad);
}

export function addValues(a: Value, b: Value): Value {
  return { constant: addK(a.constant, b.constant), pads: addPads(a.pads, b.pads) };
}

export function subValues(a: Value, b: Value): Value {
  const minusB = b.pads.map(({ pad, coefficient }) => ({ pad, coefficient: negK(coefficient) }));
  return { constant: subK(a.constant, b.constant), pads: addPads(a.pads, minusB) };
}

export function scaleValue(v: Value, k: K): Value {
  return {
    constant: mulK(v.constant, k),
    pads:
      v.pads.length === 0 || isZeroK(k)
        ? NO_PADS
        : v.pads.map(({ pad, coefficient }) => ({ pad, coefficient: mulK(coefficient, k) })),
  };
}
