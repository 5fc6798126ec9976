/**
 * The rescale (G1) and what rides on it: clamp, relu, any function of one element.
 *
 *   sum + 2^(s−1) − 2^s·key − remainder = 0,   remainder ∈ [0, 2^s),   (key, out) ∈ table
 *
 * so key = floor(sum/2^s + 1/2) and out = table(key): the integer semantics of every settled node.
 */
import { elementCount, type Form, type Range, type TensorId } from '@assay/program';
import { P } from '@assay/core/field';
import { roundHalfUp, type Quantization } from '../quantize/index.ts';
import { emitSum, enforcedRange, honestRange, toIntegers, type IntegerSum } from './accumulate.ts';
import { addForms, term, whole, type ProgramBuilder } from './builder.ts';
import { LoweringError } from './errors.ts';
import type { Linear } from './linear.ts';
import { MAX_FORMULA_ROWS, rowsOf } from './tables.ts';
import { atomsOf, type Value } from './value.ts';

/** out = f(real), as a clamp (formula table) or a listed table. */
export type Activation =
  | { readonly kind: 'clamp'; readonly lo: number; readonly hi: number }
  | { readonly kind: 'function'; readonly name: string; readonly f: (x: number) => number; readonly key: Quantization };

export interface RescaleOptions {
  /** s wherever it fits: the remainders of all sites share one table. */
  readonly shift: number;
  /** Largest range table for remainders: longer ones are committed in limbs of this many bits. */
  readonly limbBits: number;
  /**
   * A clamp may add this many table rows per element and at all; beyond, the key is split in blocks (two more
   * lookups per element, hardly any rows).
   */
  readonly clampRows: { readonly perElement: number; readonly free: number };
}

/** Matmul kernels take 16-bit weights. */
const WEIGHT_LIMIT = 2 ** 15;
/** A listed table takes keys as they come up to this many rows; wider keys are clamped first. */
const DIRECT_ROWS = 2 ** 14;
/** Coefficients of sums without weights should not lose more than this to rounding: 1/16 of the output's resolution. */
const COEFFICIENT = 16;

export const fullClamp: Activation = { kind: 'clamp', lo: Number.NEGATIVE_INFINITY, hi: Number.POSITIVE_INFINITY };

interface Plan {
  readonly scale: number;
  readonly shift: number;
  readonly sum: IntegerSum;
  readonly declared: Range | null;
  /** Keys of the honest trace. */
  readonly keys: Range;
  /** Keys for which the relation cannot wrap. */
  readonly tolerated: Range;
}

const wraps = (keys: Range, tolerated: Range): boolean => keys.lo < tolerated.lo || keys.hi > tolerated.hi;

const planAt = (builder: ProgramBuilder, linear: Linear, scale: number, shift: number): Plan => {
  const sum = toIntegers(linear, scale / 2 ** shift);
  const unit = 2 ** shift;
  const half = shift === 0 ? 0 : unit / 2;
  const honest = honestRange(sum);
  const { declared, total } = enforcedRange(builder, sum);
  return {
    scale,
    shift,
    sum,
    declared,
    keys: { lo: Math.floor((honest.lo + half) / unit), hi: Math.floor((honest.hi + half) / unit) },
    tolerated: {
      lo: Math.ceil((total.hi + half - P + 1) / unit),
      hi: Math.floor((total.lo + half - (unit - 1) + P - 1) / unit),
    },
  };
};

/** Ratio of the output's scale to each coefficient of a sum without weights. */
const ratios = (linear: Linear, scale: number): number[] => [
  ...linear.products.map((p) => Math.abs(p.coefficient * p.scale) / scale),
  ...linear.terms.map((t) => Math.abs(t.coefficient * t.scale) / scale),
];

/**
 * Chooses s: the shared shift where weights keep within 16 bits and nothing can wrap, less where not, more
 * where a coefficient would round to nothing. With one coefficient and a flexible scale, the scale is
 * enlarged until the coefficient is exact.
 */
const plan = (builder: ProgramBuilder, linear: Linear, target: Quantization & { readonly flexible: boolean }, options: RescaleOptions): Plan => {
  let { scale } = target;
  let { shift } = options;
  const weighted = linear.products.some((p) => p.kind === 'weights');
  if (!weighted) {
    const all = ratios(linear, scale).filter((r) => r > 0);
    const least = all.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    if (Number.isFinite(least)) shift = Math.max(shift, Math.ceil(Math.log2(COEFFICIENT / least)));
    const only = all[0];
    if (all.length === 1 && only !== undefined && target.flexible) {
      for (; shift >= 0; shift -= 1) {
        const coefficient = Math.floor(only * 2 ** shift);
        if (coefficient < 1) break;
        const snapped = (scale * only * 2 ** shift) / coefficient;
        const candidate = planAt(builder, linear, snapped, shift);
        if (!wraps(candidate.keys, candidate.tolerated)) return candidate;
      }
    }
  }
  for (; shift >= 0; shift -= 1) {
    const candidate = planAt(builder, linear, scale, shift);
    if (candidate.sum.largestWeight < WEIGHT_LIMIT && !wraps(candidate.keys, candidate.tolerated)) return candidate;
  }
  const { keys } = planAt(builder, linear, scale, 0);
  throw new LoweringError('unbounded', `the sum reaches [${keys.lo}, ${keys.hi}] at the coarsest resolution, more than the field holds`);
};

/** Checks that a form lies in a range that contains `range` (any range of a table that is there, else one of its own). */
export const checkRange = (builder: ProgramBuilder, dims: readonly number[], form: Form, range: Range, tensor: TensorId | null): void => {
  const bounds = (r: Range): { tensor: TensorId; range: Range }[] => (tensor === null ? [] : [{ tensor, range: r }]);
  const fixed = builder.tables.fixedPoints(range);
  if (fixed !== null) builder.lookup(dims, fixed.id, [form, form], bounds(fixed.range));
  else builder.lookup(dims, builder.tables.range(range), [form], bounds(range));
};

/** Bits of the limbs of a number in [0, 2^bits), most significant first: all but the first share one table. */
export const limbsOf = (bits: number, limb: number): number[] => (bits <= limb ? [bits] : [...limbsOf(bits - limb, limb), limb]);

/** Commits the digits of a sum: key (with its coefficient) and remainder limbs. Returns the key tensors. */
const emitDigits = (
  builder: ProgramBuilder,
  p: Plan,
  keys: readonly { readonly name: string; readonly bits: number; readonly low: number; readonly output: Range | null }[],
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
  for (const bits of p.shift === 0 ? [] : limbsOf(p.shift, options.limbBits)) {
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

const keyValue = (linear: Linear, tensor: TensorId, scale: number, range: Range): Value => ({
  dims: linear.dims,
  form: whole(tensor, atomsOf(linear)),
  scale,
  range,
});

/** out = min(max(key, lo), hi) by one lookup in the shared clamp table. */
const clampLookup = (builder: ProgramBuilder, atoms: readonly number[], key: TensorId, clamp: Range, p: Plan, output: boolean): TensorId => {
  const table = builder.tables.clamp(clamp.lo, clamp.hi, p.keys, p.tolerated);
  const out = builder.value('value', atoms, output ? clamp : null);
  const relation = builder.lookup(
    atoms,
    table,
    [whole(key, atoms), whole(out, atoms)],
    [{ tensor: key, range: p.keys }, ...(output ? [] : [{ tensor: out, range: clamp }])],
  );
  builder.step({ kind: 'lookup', relation, outputs: [{ column: 1, tensor: out }] });
  return out;
};

/**
 * The clamp of a key too wide for a table, when it is to 2^t consecutive integers from lo: with
 * key − lo = 2^t·h1 + h0,
 *
 *   (h1, inside, base) ∈ T,   h0 ∈ [0, 2^t),   out = inside ⊙ h0 + base
 */
const splitClamp = (builder: ProgramBuilder, p: Plan, clamp: Range, options: RescaleOptions, output: boolean): TensorId => {
  const { atoms } = p.sum;
  const bits = Math.log2(rowsOf(clamp));
  const shifted: Plan = { ...p, sum: { ...p.sum, constant: p.sum.constant - clamp.lo * 2 ** p.shift } };
  const [high, low] = emitDigits(
    builder,
    shifted,
    [
      { name: 'high', bits: 0, low: 0, output: null },
      { name: 'low', bits, low: 0, output: null },
    ],
    options,
  );
  if (high === undefined || low === undefined) throw new TypeError('splitClamp: expected two digits');
  checkRange(builder, atoms, whole(low, atoms), { lo: 0, hi: 2 ** bits - 1 }, low);
  const keys = { lo: Math.floor((p.keys.lo - clamp.lo) / 2 ** bits), hi: Math.floor((p.keys.hi - clamp.lo) / 2 ** bits) };
  const domain = { lo: Math.min(keys.lo, -1), hi: Math.max(keys.hi, 1) };
  const table = builder.tables.threeWay(`clamp to [${clamp.lo}, ${clamp.hi}] by blocks`, domain, [
    [0, 1, 0],
    [clamp.lo, clamp.lo, clamp.hi],
  ]);
  const inside = builder.value('inside', atoms);
  const base = builder.value('base', atoms);
  const relation = builder.lookup(
    atoms,
    table,
    [high, inside, base].map((id) => whole(id, atoms)),
    [
      { tensor: high, range: domain },
      { tensor: inside, range: { lo: 0, hi: 1 } },
      { tensor: base, range: clamp },
    ],
  );
  builder.step({ kind: 'lookup', relation, outputs: [{ column: 1, tensor: inside }, { column: 2, tensor: base }] });
  const out = builder.value('value', atoms, output ? clamp : null);
  const products = [{ coefficient: 1, sums: [], left: whole(inside, atoms), right: whole(low, atoms) }];
  const definition = builder.zero(atoms, { terms: [term(base, atoms), term(out, atoms, -1)], constant: 0 }, products);
  if (!output) builder.define(out, { lo: clamp.lo, hi: clamp.hi + 2 ** bits - 1 });
  builder.step({ kind: 'digits', relation: definition, outputs: [{ tensor: out, low: 0 }] });
  return out;
};

const isPowerOfTwo = (n: number): boolean => Number.isInteger(Math.log2(n));

/** min(max(sum/2^s, lo), hi) as a value of the clamp's range. */
const settleClamp = (builder: ProgramBuilder, linear: Linear, p: Plan, clamp: Range, options: RescaleOptions, output: boolean): Value => {
  const { atoms } = p.sum;
  const { keys } = p;
  if (keys.lo >= clamp.lo && keys.hi <= clamp.hi) {
    const [key] = emitDigits(builder, p, [{ name: 'value', bits: 0, low: 0, output: output ? keys : null }], options);
    if (key === undefined) throw new TypeError('settleClamp: expected a key');
    if (!output) {
      if (p.shift === 0) builder.define(key, enforcedRange(builder, p.sum).total);
      else checkRange(builder, atoms, whole(key, atoms), keys, key);
    }
    return keyValue(linear, key, p.scale, keys);
  }
  const added = builder.tables.addedRows(clamp.lo, clamp.hi, keys, p.tolerated);
  const tooMany = rowsOf(keys) > MAX_FORMULA_ROWS || added > options.clampRows.free + options.clampRows.perElement * elementCount(atoms);
  const reached = { lo: Math.max(clamp.lo, Math.min(keys.lo, clamp.hi)), hi: Math.min(clamp.hi, Math.max(keys.hi, clamp.lo)) };
  if (tooMany && isPowerOfTwo(rowsOf(clamp))) {
    return keyValue(linear, splitClamp(builder, p, clamp, options, output), p.scale, reached);
  }
  if (rowsOf(keys) > MAX_FORMULA_ROWS) throw new LoweringError('unbounded', `keys reach [${keys.lo}, ${keys.hi}], more than a table of ${MAX_FORMULA_ROWS} rows holds`);
  const [key] = emitDigits(builder, p, [{ name: 'key', bits: 0, low: 0, output: null }], options);
  if (key === undefined) throw new TypeError('settleClamp: expected a key');
  return keyValue(linear, clampLookup(builder, atoms, key, clamp, p, output), p.scale, reached);
};

/** Integer bounds of a real clamp inside a quantization. */
const clampRange = (activation: Extract<Activation, { kind: 'clamp' }>, scale: number, range: Range): Range => {
  const lo = Number.isFinite(activation.lo) ? roundHalfUp(activation.lo / scale) : range.lo;
  const hi = Number.isFinite(activation.hi) ? roundHalfUp(activation.hi / scale) : range.hi;
  const bounded = (v: number): number => Math.min(Math.max(v, range.lo), range.hi);
  return { lo: bounded(lo), hi: bounded(hi) };
};

/**
 * One table row per key: round(f(scale·key)/out.scale), halves up, clamped to out's range; keys outside
 * `domain` count as its nearest end.
 */
export const functionTable = (
  name: string,
  f: (x: number) => number,
  keys: Range,
  domain: Range,
  scale: number,
  out: Quantization,
): { readonly values: number[]; readonly range: Range } => {
  const values: number[] = [];
  let lo = Number.POSITIVE_INFINITY;
  let hi = Number.NEGATIVE_INFINITY;
  for (let key = keys.lo; key <= keys.hi; key += 1) {
    const x = scale * Math.min(Math.max(key, domain.lo), domain.hi);
    const y = f(x);
    if (Number.isNaN(y)) throw new LoweringError('unbounded', `${name}(${x}) is not a number, and ${x} is among the values its input can have`);
    const v = Math.min(Math.max(roundHalfUp(y / out.scale), out.range.lo), out.range.hi);
    values.push(v);
    if (v < lo) lo = v;
    if (v > hi) hi = v;
  }
  return { values, range: { lo, hi } };
};

/** out = f(key) by one lookup; `key` is any form whose honest range is `keys`. */
export const functionLookup = (
  builder: ProgramBuilder,
  dims: readonly (readonly number[])[],
  key: { readonly form: Form; readonly tensor: TensorId | null; readonly range: Range; readonly scale: number },
  name: string,
  f: (x: number) => number,
  domain: Range,
  out: Quantization,
  output: boolean,
): Value => {
  const atoms = dims.flat();
  const { values, range } = functionTable(name, f, key.range, domain, key.scale, out);
  const table = builder.tables.function(name, key.range, values);
  const tensor = builder.value('value', atoms, output ? range : null);
  const relation = builder.lookup(
    atoms,
    table,
    [key.form, whole(tensor, atoms)],
    [...(key.tensor === null ? [] : [{ tensor: key.tensor, range: key.range }]), ...(output ? [] : [{ tensor, range }])],
  );
  builder.step({ kind: 'lookup', relation, outputs: [{ column: 1, tensor }] });
  return { dims, form: whole(tensor, atoms), scale: out.scale, range };
};

/**
 * Commits a sum at the target's scale, through an activation.
 *
 * Errors: LoweringError 'unbounded' where no resolution keeps the sum inside the field.
 */
export const settle = (
  builder: ProgramBuilder,
  linear: Linear,
  target: Quantization & { readonly flexible: boolean },
  activation: Activation,
  options: RescaleOptions,
  output: boolean,
): Value => {
  if (activation.kind === 'clamp') {
    const p = plan(builder, linear, target, options);
    return settleClamp(builder, linear, p, clampRange(activation, p.scale, target.range), options, output);
  }
  const { key } = activation;
  const p = plan(builder, linear, { ...key, flexible: true }, options);
  const domain = p.scale === key.scale ? key.range : { lo: Math.ceil((key.range.lo * key.scale) / p.scale), hi: Math.floor((key.range.hi * key.scale) / p.scale) };
  if (rowsOf(p.keys) > DIRECT_ROWS && (p.keys.lo < domain.lo || p.keys.hi > domain.hi)) {
    const held = settleClamp(builder, linear, p, domain, options, false);
    return functionOfValue(builder, held, activation.name, activation.f, domain, target, output);
  }
  const [id] = emitDigits(builder, p, [{ name: 'key', bits: 0, low: 0, output: null }], options);
  if (id === undefined) throw new TypeError('settle: expected a key');
  const source = { form: whole(id, p.sum.atoms), tensor: id, range: p.keys, scale: p.scale };
  return functionLookup(builder, linear.dims, source, activation.name, activation.f, domain, target, output);
};

/** f of a value that is committed already; keys are the form itself. */
export const functionOfValue = (
  builder: ProgramBuilder,
  value: Value,
  name: string,
  f: (x: number) => number,
  domain: Range,
  out: Quantization,
  output: boolean,
): Value => {
  const source = { form: value.form, tensor: null, range: value.range, scale: value.scale };
  return functionLookup(builder, value.dims, source, name, f, domain, out, output);
};

/** min(max(x, lo), hi) of a committed value at its own scale. */
export const clampOfValue = (builder: ProgramBuilder, value: Value, clamp: Range, output: boolean): Value => {
  const atoms = atomsOf(value);
  const table = builder.tables.clamp(clamp.lo, clamp.hi, value.range, { lo: -(2 ** 29), hi: 2 ** 29 });
  const out = builder.value('value', atoms, output ? clamp : null);
  const relation = builder.lookup(atoms, table, [value.form, whole(out, atoms)], output ? [] : [{ tensor: out, range: clamp }]);
  builder.step({ kind: 'lookup', relation, outputs: [{ column: 1, tensor: out }] });
  const { lo, hi } = value.range;
  const reached = { lo: Math.max(clamp.lo, Math.min(lo, clamp.hi)), hi: Math.min(clamp.hi, Math.max(hi, clamp.lo)) };
  return { ...value, form: whole(out, atoms), range: reached };
};

/**
 * An output of the program as the sum itself, without a rescale: integers as fine as 16-bit weights make
 * them, which the verifier reads in the statement and nothing has to look up.
 *
 *   sum − out = 0
 */
export const settleOutput = (builder: ProgramBuilder, linear: Linear, options: RescaleOptions): Value => {
  const weights = linear.products.flatMap((p) => (p.kind === 'weights' ? [p.weights.reduce((a, w) => Math.max(a, Math.abs(w)), 0) * Math.abs(p.coefficient * p.scale)] : []));
  const others = ratios(linear, 1).filter((r) => r > 0);
  const finest = weights.some((w) => w > 0) ? Math.max(...weights) / (WEIGHT_LIMIT - 1) : others.length === 1 ? (others[0] ?? 1) : Math.max(...others, 0) / 2 ** 12;
  for (let unit = finest > 0 ? finest : 1, tries = 0; tries < 64; unit *= 2, tries += 1) {
    const p = planAt(builder, linear, unit, 0);
    // Half the field for the sum, so that the difference to any value in the output's range cannot wrap.
    if (wraps(p.keys, p.tolerated) || p.keys.lo < -(2 ** 30) || p.keys.hi > 2 ** 30) continue;
    const [out] = emitDigits(builder, p, [{ name: 'output', bits: 0, low: 0, output: p.keys }], options);
    if (out === undefined) throw new TypeError('settleOutput: expected an output');
    return keyValue(linear, out, unit, p.keys);
  }
  throw new LoweringError('unbounded', 'the output does not fit the field at any resolution');
};
