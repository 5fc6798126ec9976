/** Softmax, log-softmax and argmax: what depends on a whole row. Gadgets G4 to G6. */
import type { Form, Range } from '@assay/program';
import type { NodeOf } from '../../graph/index.ts';
import { quantizeInterval } from '../../quantize/index.ts';
import { addForms, constantForm, whole, type ProgramBuilder } from '../builder.ts';
import type { Lowering } from '../context.ts';
import { addLinear, linearOf, scaleLinear, type LinearTerm } from '../linear.ts';
import { holdMaximum, isSimple } from '../maximum.ts';
import { checkRange, functionLookup, limbsOf, settle } from '../rescale/index.ts';
import { rowsOf } from '../tables.ts';
import { expandValue, plainValue } from '../rearrange.ts';
import { atomOffsets, atomsOf, product, remapForm, type Value } from '../value.ts';
import { same, type AxisMap } from '../views.ts';
import { dropDims, maximumAlong } from './reduce.ts';

/** Keys of the exponential's table; wider operands are requantized first. */
const KEY_BITS = 13;

/**
 * form ∈ [0, 2^bits): one lookup, or limbs where no shared table is that large.
 *
 *   form − Σ 2^i·limb_i = 0,   limb_i in its range
 *
 * `owner` is the tensor that the form is, if it is one: the limbs bound it, so this relation must come
 * before others in which it has coefficient ±1.
 */
const checkBits = (
  builder: ProgramBuilder,
  dims: readonly number[],
  form: Form,
  bits: number,
  limb: number,
  owner: number | null,
): (() => void) => {
  if (bits <= limb) {
    checkRange(builder, dims, form, { lo: 0, hi: 2 ** bits - 1 }, owner);
    return () => undefined;
  }
  let rest = form;
  let weight = bits;
  const outputs = limbsOf(bits, limb).map((width) => {
    weight -= width;
    const tensor = builder.value(`limb${weight}`, dims);
    const range = { lo: 0, hi: 2 ** width - 1 };
    builder.lookup(dims, builder.tables.range(range), [whole(tensor, dims)], [{ tensor, range }]);
    rest = addForms(rest, whole(tensor, dims), -(2 ** weight));
    return { tensor, low: 0 };
  });
  if (owner !== null) builder.define(owner, { lo: 0, hi: 2 ** bits - 1 });
  const relation = builder.zero(dims, rest);
  return () => builder.step({ kind: 'digits', relation, outputs });
};

/** The operand with its last (or given) dimension as one atom, and where that atom is. */
interface Row {
  readonly value: Value;
  readonly axis: number;
  readonly length: number;
}

const rowOf = (ctx: Lowering, x: Value, dim: number): Row => {
  const value = plainValue(ctx.builder, x, [dim]);
  return { value, axis: atomOffsets(value.dims)[dim] ?? 0, length: product(value.dims[dim] ?? []) };
};

/** Form over all atoms → the same form over (other atoms ++ the row's axis), or back over the row by a view of ones. */
const overRow = (atoms: readonly number[], axis: number): AxisMap[] =>
  atoms.map((_, a): AxisMap => same(a < axis ? a : a === axis ? atoms.length - 1 : a - 1));

const viewForm = (
  builder: ProgramBuilder,
  form: Form,
  from: readonly number[],
  to: readonly number[],
  maps: readonly AxisMap[],
): Form => {
  const read = remapForm(builder, form, { from, to, maps });
  if (read === null) throw new TypeError('viewForm: expected a permutation of axes');
  return read;
};

/** d = max − x >= 0 along a row, and the operand at a resolution whose keys fit a table. */
const belowMaximum = (
  ctx: Lowering,
  name: string,
  dim: number,
): { readonly row: Row; readonly difference: Value } => {
  let x = ctx.value(name);
  if (rowsOf(x.range) > 2 ** KEY_BITS) {
    const { lo, hi } = x.range;
    x = ctx.requantize(
      x,
      quantizeInterval(
        { lo: Math.min(0, lo * x.scale), hi: Math.max(0, hi * x.scale) },
        KEY_BITS - 1,
      ),
    );
  }
  const row = rowOf(ctx, x, dim);
  const top = maximumAlong(ctx, row.value, dim);
  const held = isSimple(top) ? top : holdMaximum(ctx.builder, top);
  const m = expandValue(ctx.builder, held, row.value.dims.map(product));
  const form = addForms(m.form, row.value.form, -1);
  const difference: Value = {
    ...row.value,
    form,
    range: { lo: 0, hi: row.value.range.hi - row.value.range.lo },
  };
  return { row, difference };
};

/** e = round(2^E·exp(−scale·d)) by a listed table; 2^E where d = 0. */
const exponentials = (ctx: Lowering, difference: Value, bits: number): Value => {
  const key = {
    form: difference.form,
    tensor: null,
    range: difference.range,
    scale: difference.scale,
  };
  const out = { scale: 2 ** -bits, range: { lo: 0, hi: 2 ** bits } };
  return functionLookup(
    ctx.builder,
    difference.dims,
    key,
    'exp(-x)',
    (x) => Math.exp(-x),
    difference.range,
    out,
    false,
  );
};

/** Σ of a tensor along its row, read at every position of the row (`broadcast`) or once per row. */
const rowSum = (builder: ProgramBuilder, value: Value, axis: number, broadcast: boolean): Form => {
  const atoms = atomsOf(value);
  const length = atoms[axis] ?? 1;
  const outer = broadcast ? atoms : atoms.filter((_, a) => a !== axis);
  const maps = atoms.map(
    (_, a): AxisMap => same(a === axis ? outer.length : broadcast || a < axis ? a : a - 1),
  );
  const form = viewForm(builder, value.form, atoms, [...outer, length], maps);
  return {
    terms: form.terms.map((t) => ({ ...t, sums: [length, ...t.sums] })),
    constant: form.constant * length,
  };
};

/**
 * q = round(2^k·e/S), S = Σ e:
 *
 *   2·q⊙S + r − 2^(k+1)·e − S = 0,   q ∈ [0, 2^k],   r ∈ [0, 2^b),   2S − 1 − r ∈ [0, 2^b)
 *
 * with k + 1 + E + log2 n <= 29, so that nothing wraps for any S that the table of e allows.
 */
export const lowerSoftmax = (node: NodeOf<'Softmax'>, ctx: Lowering): void => {
  const [name = ''] = node.inputs;
  const { builder, options } = ctx;
  const rank = ctx.shape(name).length;
  const { row, difference } = belowMaximum(ctx, name, rank - 1);
  if (row.length === 1) {
    const one = ctx.numberValue(
      ctx.shape(name).map(() => 1),
      1,
      { scale: 1, range: { lo: 0, hi: 1 } },
    );
    ctx.set(node.output, expandValue(builder, one, ctx.shape(name)));
    return;
  }
  const rowBits = Math.ceil(Math.log2(row.length));
  const exponent = Math.min(14, Math.floor((28 - rowBits) / 2));
  const k = Math.min(14, 28 - rowBits - exponent);
  const e = exponentials(ctx, difference, exponent);
  const atoms = atomsOf(e);
  const sum = rowSum(builder, e, row.axis, true);
  const range: Range = { lo: 0, hi: 2 ** k };
  const output = ctx.isOutputOf(node.output, range);
  const q = builder.value('quotient', atoms, output ? range : null);
  if (!output) checkRange(builder, atoms, whole(q, atoms), range, q);
  const r = builder.value('remainder', atoms);
  const bits = exponent + rowBits + 1;
  const splitRemainder = checkBits(builder, atoms, whole(r, atoms), bits, options.limbBits, r);
  const left = addForms(addForms(constantForm(-1), sum, 2), whole(r, atoms), -1);
  const splitRest = checkBits(builder, atoms, left, bits, options.limbBits, null);
  const form = addForms(addForms(whole(r, atoms), e.form, -(2 ** (k + 1))), sum, -1);
  const relation = builder.zero(atoms, form, [
    { coefficient: 2, sums: [], left: whole(q, atoms), right: sum },
  ]);
  builder.step({ kind: 'divide', relation, quotient: q, remainder: r });
  splitRemainder();
  splitRest();
  ctx.set(node.output, { dims: e.dims, form: whole(q, atoms), scale: 2 ** -k, range });
};

/** x − m − log(S/2^E) at the operand's own scale: log by a table of S in about 14 bits. */
export const lowerLogSoftmax = (node: NodeOf<'LogSoftmax'>, ctx: Lowering): void => {
  const [name = ''] = node.inputs;
  const { builder, options } = ctx;
  const dim = ctx.shape(name).length - 1;
  const { row, difference } = belowMaximum(ctx, name, dim);
  if (row.length === 1) {
    ctx.set(node.output, { ...difference, form: constantForm(0), range: { lo: 0, hi: 0 } });
    return;
  }
  const rowBits = Math.ceil(Math.log2(row.length));
  const exponent = 14;
  const e = exponentials(ctx, difference, exponent);
  const dims = dropDims(e.dims, [dim], true);
  const sum = rowSum(builder, e, row.axis, false);
  const drop = Math.max(0, rowBits + exponent - 15);
  const { scale } = row.value;
  const key = {
    scale: 2 ** (drop - exponent),
    range: { lo: 2 ** (exponent - drop), hi: row.length * 2 ** (exponent - drop) },
  };
  const total: LinearTerm = {
    kind: 'term',
    coefficient: 1,
    form: sum,
    scale: 2 ** -exponent,
    range: { lo: 2 ** exponent, hi: row.length * 2 ** exponent },
  };
  const log = settle(
    builder,
    { dims, products: [], terms: [total], offsets: [], constant: 0 },
    { scale, range: { lo: 0, hi: Math.ceil(Math.log(row.length) / scale) }, flexible: false },
    { kind: 'function', name: 'log(x)', f: Math.log, key },
    options,
    false,
  );
  const spread = expandValue(builder, log, e.dims.map(product));
  ctx.setLinear(node.output, scaleLinear(addLinear(linearOf(difference), linearOf(spread)), -1));
};

/**
 * b one-hot, Σ b = 1, m = Σ b⊙x, m − x_j − Σ_{l>j} b_l >= 0: the first maximum. Output Σ j·b_j.
 */
export const lowerArgMax = (node: NodeOf<'ArgMax'>, ctx: Lowering): void => {
  const [name = ''] = node.inputs;
  const { axis: dim, keepDims } = node.attributes;
  const { builder, options } = ctx;
  const row = rowOf(ctx, ctx.value(name), dim);
  const { value: x, axis, length } = row;
  const dims = dropDims(x.dims, [dim], keepDims);
  if (length === 1) {
    ctx.set(node.output, { dims, form: constantForm(0), scale: 1, range: { lo: 0, hi: 0 } });
    return;
  }
  const atoms = atomsOf(x);
  const outer = dims.flat();
  const to = [...outer, length];
  const b = builder.value('one-hot', atoms);
  const bit = { lo: 0, hi: 1 };
  builder.step({ kind: 'onehot', source: x.form, axis, output: b });
  builder.lookup(atoms, builder.tables.range(bit), [whole(b, atoms)], [{ tensor: b, range: bit }]);
  const oneHot: Value = { ...x, form: whole(b, atoms), scale: 1, range: bit };
  builder.zero(outer, addForms(rowSum(builder, oneHot, axis, false), constantForm(-1)));
  const bRow = viewForm(builder, oneHot.form, atoms, to, overRow(atoms, axis));
  const m = builder.value('maximum', outer);
  const select = {
    coefficient: 1,
    sums: [length],
    left: bRow,
    right: viewForm(builder, x.form, atoms, to, overRow(atoms, axis)),
  };
  builder.define(m, builder.enforcedProduct(select, outer));
  const chosen = builder.zero(outer, whole(m, outer, -1), [select]);
  builder.step({ kind: 'digits', relation: chosen, outputs: [{ tensor: m, low: 0 }] });
  // Σ_{l > j} b_l: position j + 1 + k, zero beyond the row.
  const later: Form = {
    terms: [
      {
        tensor: b,
        coefficient: 1,
        sums: [length - 1],
        view: atoms.map(
          (_, a): AxisMap =>
            a === axis
              ? {
                  kind: 'affine',
                  offset: 1,
                  strides: [
                    { axis, stride: 1 },
                    ...(length > 2 ? [{ axis: atoms.length, stride: 1 }] : []),
                  ],
                }
              : same(a),
        ),
      },
    ],
    constant: 0,
  };
  const mRow = viewForm(
    builder,
    whole(m, outer),
    outer,
    atoms,
    outer.map((_, a) => same(a < axis ? a : a + 1)),
  );
  const slack = addForms(
    addForms(mRow, x.form, -1),
    length > 2 ? later : { ...later, terms: later.terms.map((t) => ({ ...t, sums: [] })) },
    -1,
  );
  const width = Math.max(1, Math.ceil(Math.log2(rowsOf(x.range))));
  checkBits(builder, atoms, slack, width, options.limbBits, null)();
  const output = ctx.isOutput(node.output);
  const range = { lo: 0, hi: length - 1 };
  const index = builder.value('index', outer, output ? range : null);
  const positions = builder.constant(
    'positions',
    [length],
    Array.from({ length }, (_, i) => i),
  );
  const weigh = {
    coefficient: 1,
    sums: [length],
    left: bRow,
    right: {
      terms: [{ tensor: positions, coefficient: 1, view: [same(outer.length)], sums: [] }],
      constant: 0,
    },
  };
  if (!output) builder.define(index, builder.enforcedProduct(weigh, outer));
  const relation = builder.zero(outer, whole(index, outer, -1), [weigh]);
  builder.step({ kind: 'digits', relation, outputs: [{ tensor: index, low: 0 }] });
  ctx.set(node.output, { dims, form: whole(index, outer), scale: 1, range });
};
