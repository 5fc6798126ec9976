import { P } from '@assay/core/field';
import type { Form, Range } from '../types.ts';
import type { Extension } from './extend.ts';
import { addConstant, addForms, NOTHING, sumForms } from './forms.ts';
import { limbBitsOf, splitForm } from './limbs.ts';

/** What distances are made of. */
export interface Part {
  readonly name: string;
  /** Without constant. */
  readonly form: Form;
  /** What the form is for weights inside their ranges. */
  readonly range: Range;
  /** Its coefficients in the two distances. */
  readonly upper: bigint;
  readonly lower: bigint;
}

/**
 * How far an accumulator stays below its greatest and above its least value: Σ coefficient·part + constant at every
 * output index, both of which must be >= 0.
 */
export interface Distances {
  readonly parts: readonly Part[];
  readonly upper: bigint;
  readonly lower: bigint;
  /** The most that either is for weights that keep what is declared. */
  readonly most: number;
}

const SIDES = ['upper', 'lower'] as const;
type Side = (typeof SIDES)[number];

/** How distances are cut into lines that cannot wrap. */
interface Cut {
  /** Lines are worth 1, 2^bits, 2^(2·bits), …; 0: there is but one. */
  readonly bits: number;
  /** Whether coefficients are cut as well as parts. */
  readonly coefficients: boolean;
}

/** In one line; else in as few as possible. */
function cutsFor(limbBits: number): readonly Cut[] {
  const cuts: Cut[] = [{ bits: 0, coefficients: false }];
  for (let bits = limbBits; bits >= 2; bits -= 2)
    for (const coefficients of [false, true]) cuts.push({ bits, coefficients });
  return cuts;
}

/** A part as Σ 2^(bits·i)·digit_i + constant. */
interface DigitPart {
  readonly part: Part;
  readonly digits: readonly Form[];
  readonly constant: bigint;
}

function digitsOf(
  extension: Extension,
  dims: readonly number[],
  part: Part,
  { bits }: Cut,
): DigitPart | null {
  const { name, form, range } = part;
  const most = range.hi - range.lo;
  if (bits === 0 || most < 2 ** bits) return { part, digits: [form], constant: 0n };
  const distance = addConstant(form, -range.lo);
  const digits = splitForm(extension, name, dims, distance, most, limbBitsOf(most, bits, bits));
  return digits === null ? null : { part, digits, constant: BigInt(range.lo) };
}

/** q as Σ 2^(bits·i)·q_i with |q_i| < 2^bits, all of one sign. */
function coefficientDigits(q: bigint, { bits, coefficients }: Cut): readonly number[] {
  if (bits === 0 || !coefficients) return [Number(q)];
  const base = 1n << BigInt(bits);
  const sign = q < 0n ? -1 : 1;
  const digits: number[] = [];
  for (let rest = q < 0n ? -q : q; rest > 0n; rest /= base) digits.push(sign * Number(rest % base));
  return digits;
}

/** The lines of a distance: Σ 2^(bits·k)·line_k is the distance. Null where a coefficient is too large. */
function linesOf(
  parts: readonly DigitPart[],
  side: Side,
  constant: bigint,
  cut: Cut,
): readonly Form[] | null {
  const lines: (readonly [Form, number])[][] = [[]];
  let rest = constant;
  for (const { part, digits, constant: shift } of parts) {
    const coefficient = part[side];
    rest += coefficient * shift;
    for (const [m, q] of coefficientDigits(coefficient, cut).entries()) {
      if (Math.abs(q) >= P) return null;
      for (const [l, digit] of digits.entries()) {
        while (lines.length <= l + m) lines.push([]);
        if (q !== 0) lines[l + m]?.push([digit, q]);
      }
    }
  }
  const bits = BigInt(cut.bits);
  const forms: Form[] = [];
  for (const [k, line] of lines.entries()) {
    const isLast = k === lines.length - 1;
    // Arithmetic shifts: a line's own constant is in [0, 2^bits).
    const own = isLast ? rest : rest - ((rest >> bits) << bits);
    rest >>= bits;
    if (own <= -P || own >= P) return null;
    forms.push(addConstant(sumForms(line), Number(own)));
  }
  return forms;
}

/**
 * Σ 2^(bits·k)·line_k >= 0, line by line with carries:
 *
 *   line_k + carry_{k−1} = digit_k + 2^bits·carry_k,   digit_k in [0, 2^bits);   last line + carry >= 0
 *
 * False where a line could wrap.
 */
function proveNonNegative(
  extension: Extension,
  name: string,
  dims: readonly number[],
  lines: readonly Form[],
  most: number,
  { bits }: Cut,
): boolean {
  const base = 2 ** bits;
  const { limbBits } = extension;
  let carry = NOTHING;
  for (const [k, line] of lines.entries()) {
    const form = addForms(line, carry);
    const range = extension.enforced(form, dims);
    if (range === null || range.lo <= -P || range.hi >= P) return false;
    if (k === lines.length - 1) {
      if (range.lo >= 0) return true;
      // For weights that keep what is declared this line is ⌊distance / 2^(bits·k)⌋.
      const reach = Math.max(0, Math.min(range.hi, Math.floor(most / base ** k)));
      const limbs = limbBitsOf(reach, limbBits, limbBits);
      return splitForm(extension, `${name} slack`, dims, form, reach, limbs) !== null;
    }
    carry = NOTHING;
    if (range.lo >= 0 && range.hi < base) continue;
    const lifted = Math.ceil(Math.max(0, -range.lo) / base);
    const reach = range.hi + base * lifted;
    const limbs = limbBitsOf(reach, bits, limbBits);
    const value = addConstant(form, base * lifted);
    const digits = splitForm(extension, `${name} line ${k}`, dims, value, reach, limbs);
    if (digits === null) return false;
    const above: (readonly [Form, number])[] = [];
    let weight = 1;
    for (const [i, digit] of digits.entries()) {
      if (i === 0) continue;
      above.push([digit, weight]);
      weight *= 2 ** (limbs[i] ?? 0);
    }
    carry = addConstant(sumForms(above), -lifted);
  }
  return true;
}

/** The least and the greatest that a distance is for what is enforced on its parts. */
export function reachOf(
  extension: Extension,
  dims: readonly number[],
  distances: Distances,
  side: Side,
): { readonly lo: bigint; readonly hi: bigint } | null {
  let lo = distances[side];
  let hi = lo;
  for (const part of distances.parts) {
    const range = extension.enforced(part.form, dims);
    if (range === null) return null;
    const [a, b] = [part[side] * BigInt(range.lo), part[side] * BigInt(range.hi)];
    lo += a < b ? a : b;
    hi += a < b ? b : a;
  }
  return { lo, hi };
}

function proveCut(
  extension: Extension,
  dims: readonly number[],
  distances: Distances,
  sides: readonly Side[],
  cut: Cut,
): boolean {
  const parts: DigitPart[] = [];
  for (const part of distances.parts) {
    if (sides.every((side) => part[side] === 0n)) continue;
    const digits = digitsOf(extension, dims, part, cut);
    if (digits === null) return false;
    parts.push(digits);
  }
  return sides.every((side) => {
    const lines = linesOf(parts, side, distances[side], cut);
    const { most } = distances;
    return lines !== null && proveNonNegative(extension, side, dims, lines, most, cut);
  });
}

/**
 * Adds relations that hold exactly if both distances are >= 0 at every index. False if each way of cutting them
 * could wrap.
 */
export function proveDistances(
  extension: Extension,
  dims: readonly number[],
  distances: Distances,
): boolean {
  // Ranges alone may say so.
  const open = SIDES.filter((side) => {
    const reach = reachOf(extension, dims, distances, side);
    return reach === null || reach.lo < 0n;
  });
  if (open.length === 0) return true;
  const mark = extension.mark();
  for (const cut of cutsFor(extension.limbBits)) {
    if (proveCut(extension, dims, distances, open, cut)) return true;
    extension.restore(mark);
  }
  return false;
}
