import { P } from '@assay/core/field';
import type { Form, Range } from '../types.ts';
import type { Extension } from './extend.ts';
import { addForms, NOTHING } from './forms.ts';
import { limbBitsOf, splitForm } from './limbs.ts';

/** What bounds of an accumulator are made of: upper·sum in the distance to its greatest, lower·sum in that to its least. */
export interface Part {
  readonly name: string;
  /** Without constant. */
  readonly form: Form;
  /** What the form is for weights inside their ranges. */
  readonly range: Range;
  readonly upper: bigint;
  readonly lower: bigint;
}

/** Distances that must not be negative: upper and lower, each Σ coefficient·part + constant. */
export interface Distances {
  readonly parts: readonly Part[];
  readonly upper: bigint;
  readonly lower: bigint;
  /** The most that either can be for weights that keep what is declared. */
  readonly most: number;
}

/** How distances are cut into lines that cannot wrap. */
interface Cut {
  /** Lines are worth 1, 2^bits, 2^(2·bits), …; 0: one line. */
  readonly bits: number;
  /** Whether coefficients are cut as well as parts. */
  readonly coefficients: boolean;
}

function floorDivide(a: bigint, b: bigint): bigint {
  const q = a / b;
  return a % b < 0n ? q - 1n : q;
}

/** A part as Σ 2^(bits·i)·digit_i + constant. */
interface DigitPart {
  readonly digits: readonly Form[];
  readonly constant: bigint;
  readonly upper: bigint;
  readonly lower: bigint;
}

function digitsOf(
  extension: Extension,
  dims: readonly number[],
  part: Part,
  { bits }: Cut,
): DigitPart | null {
  const { form, range, upper, lower } = part;
  const most = range.hi - range.lo;
  if (bits === 0 || most < 2 ** bits) return { digits: [form], constant: 0n, upper, lower };
  const distance = addForms(form, { ...NOTHING, constant: -range.lo });
  const digits = splitForm(
    extension,
    part.name,
    dims,
    distance,
    most,
    limbBitsOf(most, bits, bits),
  );
  return digits === null ? null : { digits, constant: BigInt(range.lo), upper, lower };
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
  side: 'upper' | 'lower',
  constant: bigint,
  cut: Cut,
): readonly Form[] | null {
  const lines: Form[] = [NOTHING];
  let rest = constant;
  for (const part of parts) {
    const coefficient = part[side];
    if (coefficient === 0n) continue;
    rest += coefficient * part.constant;
    for (const [m, q] of coefficientDigits(coefficient, cut).entries()) {
      if (Math.abs(q) >= P) return null;
      for (const [l, digit] of part.digits.entries()) {
        while (lines.length <= l + m) lines.push(NOTHING);
        lines[l + m] = addForms(lines[l + m] ?? NOTHING, digit, q);
      }
    }
  }
  const base = 1n << BigInt(cut.bits);
  for (const [k, line] of lines.entries()) {
    const isLast = k === lines.length - 1;
    const own = isLast ? rest : rest - floorDivide(rest, base) * base;
    if (own <= -P || own >= P) return null;
    lines[k] = addForms(line, { ...NOTHING, constant: Number(own) });
    rest = floorDivide(rest, base);
  }
  return lines;
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
  what: string,
  dims: readonly number[],
  lines: readonly Form[],
  most: number,
  { bits }: Cut,
): boolean {
  const base = 2 ** bits;
  const { limbBits } = extension;
  let carry: Form = NOTHING;
  for (const [k, line] of lines.entries()) {
    const form = addForms(line, carry);
    const range = extension.enforced(form, dims);
    if (range === null || range.lo <= -P || range.hi >= P) return false;
    if (k === lines.length - 1) {
      if (range.lo >= 0) return true;
      // For weights that keep what is declared this line is ⌊distance / 2^(bits·k)⌋.
      const reach = Math.max(0, Math.min(range.hi, Math.floor(most / base ** k)));
      const limbs = limbBitsOf(reach, limbBits, limbBits);
      return splitForm(extension, `${what} slack`, dims, form, reach, limbs) !== null;
    }
    carry = NOTHING;
    if (range.lo >= 0 && range.hi < base) continue;
    const lifted = Math.ceil(Math.max(0, -range.lo) / base);
    const value = addForms(form, { ...NOTHING, constant: base * lifted });
    const reach = range.hi + base * lifted;
    const limbs = limbBitsOf(reach, bits, limbBits);
    const digits = splitForm(extension, `${what} line ${k}`, dims, value, reach, limbs);
    if (digits === null) return false;
    let weight = 1;
    for (const [i, digit] of digits.entries()) {
      if (i === 0) continue;
      carry = addForms(carry, digit, weight);
      weight *= 2 ** (limbs[i] ?? 0);
    }
    carry = addForms(carry, { ...NOTHING, constant: -lifted });
  }
  return true;
}

/** Whether the enforced ranges alone say so. */
function holdsAnyway(
  extension: Extension,
  dims: readonly number[],
  d: Distances,
  side: 'upper' | 'lower',
): boolean {
  let least = d[side];
  for (const part of d.parts) {
    const range = extension.enforced(part.form, dims);
    if (range === null) return false;
    const q = part[side];
    least += q * BigInt(q > 0n ? range.lo : range.hi);
  }
  return least >= 0n;
}

function proveCut(extension: Extension, dims: readonly number[], d: Distances, cut: Cut): boolean {
  const sides = (['upper', 'lower'] as const).filter(
    (side) => !holdsAnyway(extension, dims, d, side),
  );
  const parts: DigitPart[] = [];
  for (const part of d.parts) {
    if (sides.every((side) => part[side] === 0n)) continue;
    const digits = digitsOf(extension, dims, part, cut);
    if (digits === null) return false;
    parts.push(digits);
  }
  return sides.every((side) => {
    const lines = linesOf(parts, side, d[side], cut);
    return lines !== null && proveNonNegative(extension, side, dims, lines, d.most, cut);
  });
}

/**
 * Relations that hold exactly if both distances are >= 0 at every index: in one line each where that cannot wrap,
 * else in as few lines as possible. False if no way was found.
 */
export function proveDistances(
  extension: Extension,
  dims: readonly number[],
  distances: Distances,
): boolean {
  const cuts: Cut[] = [{ bits: 0, coefficients: false }];
  for (let bits = extension.limbBits; bits >= 2; bits--)
    for (const coefficients of [false, true]) cuts.push({ bits, coefficients });
  const mark = extension.mark();
  for (const cut of cuts) {
    if (proveCut(extension, dims, distances, cut)) return true;
    extension.restore(mark);
  }
  return false;
}
