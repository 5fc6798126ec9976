/** Clamps of a sum: one table, or blocks of keys. */
import { coarseRange, elementCount, type Range, type TensorId } from '@assay/program';
import { enforcedRange } from '../accumulate.ts';
import { term, whole, type ProgramBuilder } from '../builder.ts';
import { LoweringError } from '../errors.ts';
import type { Linear } from '../linear.ts';
import { MAX_FORMULA_ROWS, rowsOf } from '../tables.ts';
import { atomsOf, type Value } from '../value.ts';
import { checkRange, emitDigits } from './digits.ts';
import { type Plan, type RescaleOptions, wraps } from './plan.ts';

export const keyValue = (linear: Linear, tensor: TensorId, scale: number, range: Range): Value => ({
  dims: linear.dims,
  form: whole(tensor, atomsOf(linear)),
  scale,
  range,
});

/** out = min(max(key, lo), hi) by one lookup in the shared clamp table. */
const clampLookup = (
  builder: ProgramBuilder,
  atoms: readonly number[],
  key: TensorId,
  clamp: Range,
  p: Plan,
  output: boolean,
): TensorId => {
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
 * Numbers of blocks of the clamp's length, counted from its own: 0 is inside, some are on either side. For private
 * weights they are rounded outward, if the relation tolerates it.
 */
const blockKeys = (builder: ProgramBuilder, { keys, tolerated }: Plan, clamp: Range): Range => {
  const block = rowsOf(clamp);
  const blocks = {
    lo: Math.min(Math.floor((keys.lo - clamp.lo) / block), -1),
    hi: Math.max(Math.floor((keys.hi - clamp.lo) / block), 1),
  };
  if (builder.privateSteps === null) return blocks;
  const coarse = coarseRange(blocks, builder.privateSteps);
  const reach = {
    lo: clamp.lo + block * coarse.lo,
    hi: clamp.lo + block * (coarse.hi + 1) - 1,
  };
  return wraps(reach, tolerated) ? blocks : coarse;
};

/**
 * The clamp of a key too wide for a table, when it is to 2^t consecutive integers from lo: with
 * key − lo = 2^t·h1 + h0,
 *
 *   (h1, inside, base) ∈ T,   h0 ∈ [0, 2^t),   out = inside ⊙ h0 + base
 */
const splitClamp = (
  builder: ProgramBuilder,
  p: Plan,
  clamp: Range,
  options: RescaleOptions,
  output: boolean,
): TensorId => {
  const { atoms } = p.sum;
  const bits = Math.log2(rowsOf(clamp));
  const shifted: Plan = {
    ...p,
    sum: { ...p.sum, constant: p.sum.constant - clamp.lo * 2 ** p.shift },
  };
  const [high, low] = emitDigits(
    builder,
    shifted,
    [
      { name: 'high', bits: 0, low: 0, output: null },
      { name: 'low', bits, low: 0, output: null },
    ],
    options,
  );
  if (high === undefined || low === undefined)
    throw new TypeError('splitClamp: expected two digits');
  checkRange(builder, atoms, whole(low, atoms), { lo: 0, hi: 2 ** bits - 1 }, low);
  const domain = blockKeys(builder, p, clamp);
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
  builder.step({
    kind: 'lookup',
    relation,
    outputs: [
      { column: 1, tensor: inside },
      { column: 2, tensor: base },
    ],
  });
  const out = builder.value('value', atoms, output ? clamp : null);
  const products = [
    { coefficient: 1, sums: [], left: whole(inside, atoms), right: whole(low, atoms) },
  ];
  const definition = builder.zero(
    atoms,
    { terms: [term(base, atoms), term(out, atoms, -1)], constant: 0 },
    products,
  );
  if (!output) builder.define(out, { lo: clamp.lo, hi: clamp.hi + 2 ** bits - 1 });
  builder.step({ kind: 'digits', relation: definition, outputs: [{ tensor: out, low: 0 }] });
  return out;
};

const isPowerOfTwo = (n: number): boolean => Number.isInteger(Math.log2(n));

/** min(max(sum/2^s, lo), hi) as a value of the clamp's range. */
export const settleClamp = (
  builder: ProgramBuilder,
  linear: Linear,
  p: Plan,
  clamp: Range,
  options: RescaleOptions,
  output: boolean,
): Value => {
  const { atoms } = p.sum;
  const { keys } = p;
  if (keys.lo >= clamp.lo && keys.hi <= clamp.hi) {
    const [key] = emitDigits(
      builder,
      p,
      [{ name: 'value', bits: 0, low: 0, output: output ? keys : null }],
      options,
    );
    if (key === undefined) throw new TypeError('settleClamp: expected a key');
    if (!output) {
      if (p.shift === 0) builder.define(key, enforcedRange(builder, p.sum).total);
      else checkRange(builder, atoms, whole(key, atoms), keys, key, p.tolerated);
    }
    return keyValue(linear, key, p.scale, keys);
  }
  const added = builder.tables.addedRows(clamp.lo, clamp.hi, keys, p.tolerated);
  const tooMany =
    p.blocks &&
    (rowsOf(keys) > MAX_FORMULA_ROWS ||
      added > options.clampRows.free + options.clampRows.perElement * elementCount(atoms));
  const reached = {
    lo: Math.max(clamp.lo, Math.min(keys.lo, clamp.hi)),
    hi: Math.min(clamp.hi, Math.max(keys.hi, clamp.lo)),
  };
  const blocks = blockKeys(builder, p, clamp);
  if (tooMany && isPowerOfTwo(rowsOf(clamp)) && rowsOf(blocks) <= MAX_FORMULA_ROWS) {
    return keyValue(linear, splitClamp(builder, p, clamp, options, output), p.scale, reached);
  }
  if (rowsOf(keys) > MAX_FORMULA_ROWS)
    throw new LoweringError(
      'unbounded',
      `keys reach [${keys.lo}, ${keys.hi}], more than a table of ${MAX_FORMULA_ROWS} rows holds`,
    );
  const [key] = emitDigits(builder, p, [{ name: 'key', bits: 0, low: 0, output: null }], options);
  if (key === undefined) throw new TypeError('settleClamp: expected a key');
  return keyValue(linear, clampLookup(builder, atoms, key, clamp, p, output), p.scale, reached);
};

/** min(max(x, lo), hi) of a committed value at its own scale. */
export const clampOfValue = (
  builder: ProgramBuilder,
  value: Value,
  clamp: Range,
  output: boolean,
): Value => {
  const atoms = atomsOf(value);
  const table = builder.tables.clamp(clamp.lo, clamp.hi, value.range, {
    lo: -(2 ** 29),
    hi: 2 ** 29,
  });
  const out = builder.value('value', atoms, output ? clamp : null);
  const relation = builder.lookup(
    atoms,
    table,
    [value.form, whole(out, atoms)],
    output ? [] : [{ tensor: out, range: clamp }],
  );
  builder.step({ kind: 'lookup', relation, outputs: [{ column: 1, tensor: out }] });
  const { lo, hi } = value.range;
  const reached = {
    lo: Math.max(clamp.lo, Math.min(lo, clamp.hi)),
    hi: Math.min(clamp.hi, Math.max(hi, clamp.lo)),
  };
  return { ...value, form: whole(out, atoms), range: reached };
};
