import { addK, type K, mulK, negK, ONE, subK, ZERO } from '../field/index.ts';

/** coefficient · (one-time pad number `of`), or coefficient · (the pads of another value). */
export interface ValuePart {
  readonly coefficient: K;
  readonly of: Value | number;
}

/**
 * What a verifier computes on: constant + Σ coefficient·pad, linear in pads that are committed but
 * unknown to it. Messages are sent under pads in the hiding profile; in the plain profile `parts` is
 * empty and a value is the element itself.
 *
 * The pads are kept as a graph: a part that is a value contributes that value's pads, not its
 * constant. An operation makes at most two parts, so that verifying costs as many steps as in the
 * plain profile; `padCoefficients` adds them up once, at the end.
 *
 * Whether a value is known (has no parts) depends on the operations that made it, never on elements:
 * parts stay where a coefficient is zero or two cancel.
 */
export interface Value {
  readonly constant: K;
  readonly parts: readonly ValuePart[];
}

const NO_PARTS: readonly ValuePart[] = [];

export function constantValue(k: K): Value {
  return { constant: k, parts: NO_PARTS };
}

/** The value of a pad. */
export function padValue(pad: number): Value {
  return { constant: ZERO, parts: [{ coefficient: ONE, of: pad }] };
}

/** No pads: the value is its constant. */
export function isKnown(v: Value): boolean {
  return v.parts.length === 0;
}

/** The pads of v as at most one part. */
function whole(v: Value): readonly ValuePart[] {
  return v.parts.length > 1 ? [{ coefficient: ONE, of: v }] : v.parts;
}

function scaleParts(parts: readonly ValuePart[], k: K): readonly ValuePart[] {
  return parts.map(({ coefficient, of }) => ({
    coefficient: coefficient === ONE ? k : mulK(coefficient, k),
    of,
  }));
}

function negateParts(parts: readonly ValuePart[]): readonly ValuePart[] {
  return parts.map(({ coefficient, of }) => ({ coefficient: negK(coefficient), of }));
}

export function addValues(a: Value, b: Value): Value {
  const constant = addK(a.constant, b.constant);
  if (isKnown(b)) return { constant, parts: a.parts };
  if (isKnown(a)) return { constant, parts: b.parts };
  return { constant, parts: [...whole(a), ...whole(b)] };
}

export function subValues(a: Value, b: Value): Value {
  const constant = subK(a.constant, b.constant);
  if (isKnown(b)) return { constant, parts: a.parts };
  return { constant, parts: [...whole(a), ...negateParts(whole(b))] };
}

export function scaleValue(v: Value, k: K): Value {
  const constant = mulK(v.constant, k);
  return { constant, parts: isKnown(v) ? NO_PARTS : scaleParts(whole(v), k) };
}
