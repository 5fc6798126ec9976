/** Range checks and the digits of a sum. */
import type { Form, Range, TensorId } from '@assay/program';
import { emitSum } from '../accumulate.ts';
import { addForms, whole, type ProgramBuilder } from '../builder.ts';
import type { Plan, RescaleOptions } from './plan.ts';

/**
 * Checks that a form lies in `range`, by a table that is there if one fits. Where only size matters it may
 * be a range that holds it and more, inside `tolerated`: never for digits, remainders and signs.
 */
export const checkRange = (
  builder: ProgramBuilder,
  dims: readonly number[],
  form: Form,
  range: Range,
  tensor: TensorId | null,
  tolerated: Range | null = null,
): void => {
  const bounds = (r: Range): { tensor: TensorId; range: Range }[] =>
    tensor === null ? [] : [{ tensor, range: r }];
  const fixed = builder.tables.fixedPoints(range, tolerated);
  if (fixed !== null) builder.lookup(dims, fixed.id, [form, form], bounds(fixed.range));
  else builder.lookup(dims, builder.tables.range(range), [form], bounds(range));
};

/** Limbs of a remainder: a step has at most 12 outputs, two of them digits of the key. */
const MOST_LIMBS = 10;

/** Bits of the limbs of a number in [0, 2^bits), most significant first: all but the first share one table. */
export const limbsOf = (bits: number, limb: number): number[] =>
  bits <= limb ? [bits] : [...limbsOf(bits - limb, limb), limb];

/** Commits the digits of a sum: key (with its coefficient) and remainder limbs. Returns the key tensors. */
export const emitDigits = (
  builder: ProgramBuilder,
  p: Plan,
  keys: readonly {
    readonly name: string;
    readonly bits: number;
    readonly low: number;
    readonly output: Range | null;
  }[],
  options: RescaleOptions,
): TensorId[] => {
  const { atoms } = p.sum;
  const { form: sumForm, products } = emitSum(builder, p.sum);
  let form = addForms(sumForm, { terms: [], constant: p.shift === 0 ? 0 : 2 ** (p.shift - 1) });
  const outputs: { tensor: TensorId; low: number }[] = [];
  // Key digits, most significant first, each worth 2^(bits below it); then the remainder's limbs.
  let weight = p.shift + keys.reduce((n, k) => n + k.bits, 0);
  const ids = keys.map((k) => {
    weight -= k.bits;
    const tensor = builder.value(k.name, atoms, k.output);
    form = addForms(form, whole(tensor, atoms, -(2 ** weight)));
    outputs.push({ tensor, low: k.low });
    return tensor;
  });
  const limb = Math.max(options.limbBits, Math.ceil(p.shift / MOST_LIMBS));
  for (const bits of p.shift === 0 ? [] : limbsOf(p.shift, limb)) {
    weight -= bits;
    const tensor = builder.value(weight === 0 ? 'remainder' : `remainder${weight}`, atoms);
    form = addForms(form, whole(tensor, atoms, -(2 ** weight)));
    outputs.push({ tensor, low: 0 });
    const range = { lo: 0, hi: 2 ** bits - 1 };
    builder.lookup(atoms, builder.tables.range(range), [whole(tensor, atoms)], [{ tensor, range }]);
  }
  const relation = builder.zero(atoms, form, products, p.declared);
  builder.step({ kind: 'digits', relation, outputs });
  return ids;
};
