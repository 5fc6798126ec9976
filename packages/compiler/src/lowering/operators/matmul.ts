import { LoweringError } from '../errors.ts';
import { productRange, type Linear } from '../linear.ts';
import type { ConstantTensor, Lowering } from '../context.ts';
import { operand, permuteData } from '../contract.ts';
import { plainValue, transposeValue } from '../rearrange.ts';
import { atomOffsets, plainDims, product, shapeOf, type Value } from '../value.ts';
import { same } from '../views.ts';
import { addOperand } from './add.ts';
import type { NodeOf } from '../../graph/index.ts';

const swap = (rank: number): number[] => [
  ...Array.from({ length: rank - 2 }, (_, i) => i),
  rank - 1,
  rank - 2,
];

/** One operand constant: weights stored [sum atoms][output axes]; the value's sum dimension keeps its atoms, so that a flattened image needs no reshape. */
const withWeights = (ctx: Lowering, x: Value, w: ConstantTensor, valueIsLeft: boolean): Linear => {
  const rank = Math.max(x.dims.length, w.shape.length);
  const xDims = [...new Array<readonly number[]>(rank - x.dims.length).fill([]), ...x.dims];
  const wShape = [...new Array<number>(rank - w.shape.length).fill(1), ...w.shape];
  const sumDim = valueIsLeft ? rank - 1 : rank - 2;
  const keepDim = valueIsLeft ? rank - 2 : rank - 1;
  const outLength = wShape[valueIsLeft ? rank - 1 : rank - 2] ?? 1;
  const batch = xDims
    .slice(0, rank - 2)
    .map((atoms, d) => (product(atoms) === 1 ? (plainDims([wShape[d] ?? 1])[0] ?? []) : atoms));
  const kept = xDims[keepDim] ?? [];
  const fresh = plainDims([outLength])[0] ?? [];
  const dims = [...batch, ...(valueIsLeft ? [kept, fresh] : [fresh, kept])];
  const sums = xDims[sumDim] ?? [];
  const atoms = dims.flat();
  const starts = atomOffsets(dims);
  const maps = xDims.flatMap((lengths, d) =>
    lengths.map((_, i) => (d === sumDim ? same(atoms.length + i) : same((starts[d] ?? 0) + i))),
  );
  const { form, range } = operand(ctx.builder, x, [...atoms, ...sums], maps);
  // [batch …, k, n] or [batch …, m, k] → [k][batch …][n or m]
  const wSum = valueIsLeft ? rank - 2 : rank - 1;
  const wOut = valueIsLeft ? rank - 1 : rank - 2;
  const batchAxes = Array.from({ length: rank - 2 }, (_, d) => d);
  const weights = permuteData(w.data, wShape, [wSum, ...batchAxes, wOut]);
  const freshDim = valueIsLeft ? rank - 1 : rank - 2;
  const outAxes = [...batchAxes, freshDim].flatMap((d) =>
    (wShape[d === freshDim ? wOut : d] ?? 1) === 1
      ? []
      : (dims[d] ?? []).map((_, i) => (starts[d] ?? 0) + i),
  );
  return {
    dims,
    products: [
      {
        kind: 'weights',
        coefficient: 1,
        sums,
        left: form,
        scale: x.scale,
        range,
        weights,
        outAxes,
      },
    ],
    terms: [],
    offsets: [],
    constant: 0,
  };
};

/** Both operands are values of the run. */
const withValues = (ctx: Lowering, left: Value, right: Value): Linear => {
  const { builder } = ctx;
  const rank = Math.max(left.dims.length, right.dims.length);
  const [l, r] = [left, right].map((v) => ({
    ...v,
    dims: [...new Array<readonly number[]>(rank - v.dims.length).fill([]), ...v.dims],
  }));
  if (l === undefined || r === undefined) throw new TypeError('withValues: expected two operands');
  const x = plainValue(builder, l);
  const y = plainValue(builder, r);
  const k = product(x.dims[rank - 1] ?? []);
  const shape = shapeOf(x).map((d, i) =>
    i === rank - 1
      ? product(y.dims[rank - 1] ?? [])
      : i === rank - 2
        ? d
        : Math.max(d, product(y.dims[i] ?? [])),
  );
  const dims = plainDims(shape);
  const sums = k === 1 ? [] : [k];
  const atoms = dims.flat();
  const starts = atomOffsets(dims);
  const axis = (d: number): number => starts[d] ?? 0;
  const lMaps = x.dims.flatMap((lengths, d) =>
    lengths.map(() => same(d === rank - 1 ? atoms.length : axis(d))),
  );
  const rMaps = y.dims.flatMap((lengths, d) =>
    lengths.map(() => same(d === rank - 2 ? atoms.length : axis(d))),
  );
  const to = [...atoms, ...sums];
  const a = operand(builder, x, to, lMaps);
  const b = operand(builder, y, to, rMaps);
  return {
    dims,
    products: [
      {
        kind: 'values',
        coefficient: 1,
        sums,
        left: a.form,
        right: b.form,
        scale: x.scale * y.scale,
        range: productRange(a.range, b.range),
      },
    ],
    terms: [],
    offsets: [],
    constant: 0,
  };
};

export const lowerMatMul = (node: NodeOf<'MatMul'>, ctx: Lowering): void => {
  const [aName = '', bName = '', cName] = node.inputs;
  const { transposeA, transposeB } = node.attributes;
  const aConstant = ctx.constant(aName);
  const bConstant = ctx.constant(bName);
  if (aConstant !== null && bConstant !== null)
    throw new LoweringError('unsupported', 'both operands are constant');
  const turned = (c: ConstantTensor, transpose: boolean): ConstantTensor => {
    if (!transpose) return c;
    const permutation = swap(c.shape.length);
    return {
      shape: permutation.map((d) => c.shape[d] ?? 1),
      data: permuteData(c.data, c.shape, permutation),
    };
  };
  const value = (name: string, transpose: boolean): Value => {
    const v = ctx.value(name);
    return transpose ? transposeValue(ctx.builder, v, swap(v.dims.length)) : v;
  };
  let result: Linear;
  if (bConstant !== null)
    result = withWeights(ctx, value(aName, transposeA), turned(bConstant, transposeB), true);
  else if (aConstant !== null)
    result = withWeights(ctx, value(bName, transposeB), turned(aConstant, transposeA), false);
  else result = withValues(ctx, value(aName, transposeA), value(bName, transposeB));
  ctx.setLinear(
    node.output,
    cName === undefined ? result : addOperand(ctx, result, cName, node.output),
  );
};
