import { P } from '@assay/core/field';
import { axisBits } from '../shape/dimensions.ts';
import type { Form, Range } from '../types.ts';
import type { Extension } from './extend.ts';
import { addForms } from './forms.ts';

/** Bits of a number >= 0. */
export function bitLength(n: number): number {
  return axisBits(n + 1);
}

/** Bits of the limbs of a number in [0, most], least significant first: `first`, then at most `limbBits` each. */
export function limbBitsOf(most: number, first: number, limbBits: number): readonly number[] {
  const bits: number[] = [];
  for (let rest = bitLength(most); rest > 0 || bits.length === 0; ) {
    const own = Math.min(rest, bits.length === 0 ? first : limbBits);
    bits.push(own);
    rest -= own;
  }
  return bits;
}

/** Whether form − t cannot wrap for t in [0, top], given the interval of the form. */
function fits(enforced: Range, top: number): boolean {
  return enforced.hi < P && enforced.lo - top > -P;
}

/**
 * Confines a form to [0, most], rounded up to a power of two where that cannot wrap:
 *
 *   form − Σ_i 2^(bits below i)·limb_i = 0,   limb_i in [0, 2^bits_i)
 *
 * limbs least significant first. A single limb is the form itself, looked up.
 *
 * @param rounding - 'tight': the last limb is at most ⌊most / 2^(bits below)⌋.
 * @returns the limbs as forms; null where the relation could wrap.
 */
export function splitForm(
  extension: Extension,
  what: string,
  dims: readonly number[],
  form: Form,
  most: number,
  bits: readonly number[],
  rounding: 'loose' | 'tight' = 'loose',
): readonly Form[] | null {
  const enforced = extension.enforced(form, dims);
  if (enforced === null) return null;
  const below = bits.map((_, i) => bits.slice(0, i).reduce((a, b) => a + b, 0));
  const last = bits.length - 1;
  const weight = 2 ** (below[last] ?? 0);
  const reach = (top: number): number => weight - 1 + weight * top;
  const rounded = 2 ** (bits[last] ?? 0) - 1;
  const isLoose = rounding === 'loose' && fits(enforced, reach(rounded));
  const top = isLoose ? rounded : Math.floor(most / weight);
  if (!fits(enforced, reach(top))) return null;
  if (last === 0) {
    extension.inRange(dims, form, { lo: 0, hi: top });
    return [form];
  }
  const limbs = bits.map((_, i) => extension.witness(`${what} limb ${i}`, dims));
  let rest = form;
  for (const [i, limb] of limbs.entries())
    rest = addForms(rest, extension.whole(limb), -(2 ** (below[i] ?? 0)));
  const relation = extension.zero(dims, rest);
  const outputs = limbs.map((tensor) => ({ tensor, low: 0 })).reverse();
  extension.step({ kind: 'digits', relation, outputs });
  for (const [i, limb] of limbs.entries()) {
    const range = { lo: 0, hi: i === last ? top : 2 ** (bits[i] ?? 0) - 1 };
    extension.inRange(dims, extension.whole(limb), range);
    extension.bound(limb, range);
  }
  return limbs.map((limb) => extension.whole(limb));
}
