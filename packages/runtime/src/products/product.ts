import { elementCount } from '@assay/program';
import { arrangeForm, contiguousForm, type Layout } from '../forms/arrange.ts';
import type { Evaluator, Ints } from '../forms/evaluator.ts';
import { rowMajorStrides } from '../identity-view.ts';
import { addF64, addI32 } from '../views/inner.ts';
import { type Loop, simplify, walk } from '../views/loops.ts';
import { axpysF64, axpysI32, dotsF64, dotsI32, multiplyEach } from './inner.ts';
import { type MatmulEngine, type MatrixSource, multiplyMatrices } from './matmul.ts';
import { type Operand, operandValues, type ProductPlan } from './plan.ts';

/** A box of logical indices: axis a over [from[a], to[a]). */
interface Box {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** Operands are arranged in pieces of at most this many elements. */
const LARGEST_PIECE = 2 ** 22;
/** Up to this many rows on one side, the other operand is read where it lies instead of being transposed. */
const FEW_ROWS = 4;
/** Inner dimensions shorter than this are better the outer loop. */
const SHORT_INNER = 16;

function layoutOf(box: Box, axes: readonly number[]): Layout {
  return {
    axes,
    from: axes.map((axis) => box.from[axis] as number),
    to: axes.map((axis) => box.to[axis] as number),
  };
}

function sizeOf(box: Box, axes: readonly number[]): number {
  return elementCount(axes.map((axis) => (box.to[axis] as number) - (box.from[axis] as number)));
}

/** Adds scale·c to the sum of the relation: c is dense over the axes [batch][left rows][right rows] of the box. */
function scatter(plan: ProductPlan, box: Box, c: Ints, sum: Ints, dims: readonly number[]): void {
  const strides = rowMajorStrides(dims);
  const axes = [...plan.batch, ...plan.left.rows, ...plan.right.rows];
  const lengths = axes.map((axis) => (box.to[axis] as number) - (box.from[axis] as number));
  const dense = rowMajorStrides(lengths);
  const start = axes.reduce(
    (at, axis) => at + (box.from[axis] as number) * (strides[axis] as number),
    0,
  );
  const nest: Loop[] = axes.map((axis, j) => ({
    length: lengths[j] as number,
    target: strides[axis] as number,
    source: dense[j] as number,
    table: null,
  }));
  const { loops, offset } = simplify(nest);
  // Both sides are dense in the order of their loops, so that no loop needs a table.
  walk(loops, start, offset, (t, s, { length: n, target: ds, source: ss }) => {
    if (sum instanceof Float64Array) addF64(sum, t, ds, c, s, ss, n, plan.scale);
    else if (c instanceof Int32Array) addI32(sum, t, ds, c, s, ss, n, plan.scale);
  });
}

/** c[b] += a[b]·B[b] for each of `count` matrices; b: [n][inner] if `byRow`, else [inner][n]. */
function multiplyDirectly(
  byRow: boolean,
  a: Int32Array,
  b: Int32Array,
  c: Ints,
  count: number,
  m: number,
  n: number,
  inner: number,
): void {
  for (let i = 0; i < count; i++) {
    const x = a.subarray(i * m * inner, (i + 1) * m * inner);
    const y = b.subarray(i * n * inner, (i + 1) * n * inner);
    const z = c.subarray(i * m * n, (i + 1) * m * n);
    if (z instanceof Int32Array) {
      if (byRow) dotsI32(x, y, z, m, n, inner);
      else axpysI32(x, y, z, m, n, inner);
    } else if (byRow) dotsF64(x, y, z, m, n, inner);
    else axpysF64(x, y, z, m, n, inner);
  }
}

/** One operand has no rows of its own: a vector [batch][inner] against a matrix. c: [batch][rows]. */
function vectorProduct(
  evaluator: Evaluator,
  plan: ProductPlan,
  box: Box,
  vector: Operand,
  matrix: Operand,
  c: Ints,
): void {
  const { lengths, batch, sum } = plan;
  const inner = sizeOf(box, sum);
  const rows = sizeOf(box, matrix.rows);
  const count = sizeOf(box, batch);
  const v = operandValues(evaluator, vector.form, lengths, layoutOf(box, [...batch, ...sum]));
  const byRow = layoutOf(box, [...batch, ...matrix.rows, ...sum]);
  const byInner = layoutOf(box, [...batch, ...sum, ...matrix.rows]);
  if (inner === 1 && rows === 1) {
    multiplyEach(v, operandValues(evaluator, matrix.form, lengths, byRow), c);
    return;
  }
  const rowsInPlace = contiguousForm(evaluator, matrix.form, lengths, byRow);
  const transposed =
    rowsInPlace === null ? contiguousForm(evaluator, matrix.form, lengths, byInner) : null;
  const useRows =
    rowsInPlace !== null
      ? inner >= SHORT_INNER || rows < inner
      : transposed === null && inner >= SHORT_INNER;
  const w = useRows
    ? (rowsInPlace ?? operandValues(evaluator, matrix.form, lengths, byRow))
    : (transposed ?? operandValues(evaluator, matrix.form, lengths, byInner));
  multiplyDirectly(useRows, v, w, c, count, 1, rows, inner);
}

function isWhole(plan: ProductPlan, box: Box, axes: readonly number[]): boolean {
  return axes.every((axis) => box.from[axis] === 0 && box.to[axis] === plan.lengths[axis]);
}

function matrixSource(
  evaluator: Evaluator,
  plan: ProductPlan,
  box: Box,
  operand: Operand,
): MatrixSource {
  const axes = [...plan.batch, ...operand.rows, ...plan.sum];
  const layout = layoutOf(box, axes);
  const { arranged, form } = operand;
  return {
    rows: sizeOf(box, operand.rows),
    int16: operand.range.lo >= -(2 ** 15) && operand.range.hi < 2 ** 15,
    write(target) {
      if (arranged !== null && isWhole(plan, box, axes)) {
        target.set(arranged);
        return;
      }
      const simple =
        form.terms.length === 1 && form.constant === 0 && form.terms[0]?.sums.length === 0;
      if (simple || target instanceof Int32Array) {
        arrangeForm(evaluator, form, plan.lengths, layout, target);
        return;
      }
      target.set(operandValues(evaluator, form, plan.lengths, layout));
    },
  };
}

/** c: [batch][left rows][right rows], zeros. */
function matrixProduct(
  evaluator: Evaluator,
  engine: MatmulEngine | null,
  plan: ProductPlan,
  box: Box,
  c: Ints,
): void {
  const { left, right, lengths, batch, sum } = plan;
  const inner = sizeOf(box, sum);
  const m = sizeOf(box, left.rows);
  const n = sizeOf(box, right.rows);
  const count = sizeOf(box, batch);
  if (inner < SHORT_INNER || m <= FEW_ROWS) {
    const byRow = layoutOf(box, [...batch, ...right.rows, ...sum]);
    const byInner = layoutOf(box, [...batch, ...sum, ...right.rows]);
    const rowsInPlace =
      m <= FEW_ROWS ? contiguousForm(evaluator, right.form, lengths, byRow) : null;
    const transposed =
      rowsInPlace === null ? contiguousForm(evaluator, right.form, lengths, byInner) : null;
    if (rowsInPlace !== null || transposed !== null || inner === 1) {
      const a = operandValues(
        evaluator,
        left.form,
        lengths,
        layoutOf(box, [...batch, ...left.rows, ...sum]),
      );
      const b = rowsInPlace ?? transposed ?? operandValues(evaluator, right.form, lengths, byInner);
      multiplyDirectly(rowsInPlace !== null, a, b, c, count, m, n, inner);
      return;
    }
  }
  const sources = [
    matrixSource(evaluator, plan, box, left),
    matrixSource(evaluator, plan, box, right),
  ] as const;
  multiplyMatrices(engine, sources[0], sources[1], c, count, inner);
}

/** The longest axis that shortens the piece when it is halved, or −1. */
function axisToHalve(box: Box, axes: readonly number[]): number {
  let best = -1;
  let longest = 1;
  for (const axis of axes) {
    const length = (box.to[axis] as number) - (box.from[axis] as number);
    if (length > longest) {
      best = axis;
      longest = length;
    }
  }
  return best;
}

/** Whether the operand will be read where it lies: no copy, whatever its size. */
function readInPlace(evaluator: Evaluator, plan: ProductPlan, box: Box, operand: Operand): boolean {
  const { batch, sum, lengths, left, right } = plan;
  const others = sizeOf(box, (operand === left ? right : left).rows);
  if (others > (operand === right ? FEW_ROWS : 1)) return false;
  return [
    [...batch, ...operand.rows, ...sum],
    [...batch, ...sum, ...operand.rows],
  ].some((axes) => contiguousForm(evaluator, operand.form, lengths, layoutOf(box, axes)) !== null);
}

function addBox(
  evaluator: Evaluator,
  engine: MatmulEngine | null,
  plan: ProductPlan,
  dims: readonly number[],
  box: Box,
  sum: Ints,
): void {
  for (const operand of [plan.left, plan.right]) {
    const axes = [...plan.batch, ...operand.rows];
    if (sizeOf(box, [...axes, ...plan.sum]) <= LARGEST_PIECE) continue;
    if (readInPlace(evaluator, plan, box, operand)) continue;
    // Batches first (both operands shrink), then rows; a row alone is never cut.
    const batch = axisToHalve(box, plan.batch);
    const axis = batch >= 0 ? batch : axisToHalve(box, operand.rows);
    if (axis < 0) continue;
    const middle = Math.ceil(((box.from[axis] as number) + (box.to[axis] as number)) / 2);
    addBox(evaluator, engine, plan, dims, { from: box.from, to: box.to.with(axis, middle) }, sum);
    addBox(evaluator, engine, plan, dims, { from: box.from.with(axis, middle), to: box.to }, sum);
    return;
  }
  const size = sizeOf(box, [...plan.batch, ...plan.left.rows, ...plan.right.rows]);
  const c = plan.arithmetic === 'int32' ? new Int32Array(size) : new Float64Array(size);
  if (sizeOf(box, plan.left.rows) === 1)
    vectorProduct(evaluator, plan, box, plan.left, plan.right, c);
  else if (sizeOf(box, plan.right.rows) === 1)
    vectorProduct(evaluator, plan, box, plan.right, plan.left, c);
  else matrixProduct(evaluator, engine, plan, box, c);
  scatter(plan, box, c, sum, dims);
}

/**
 * Adds coefficient·Σ left·right to `sum`, row major over dims. Caller must: have checked that the plan's
 * arithmetic is not 'checked', that the total fits the array, and that nothing on the way to it reaches 2^53.
 *
 * Cost: batch·rows·rows·inner multiply-adds, and a pass over the operands; memory for pieces of 2^22 elements.
 */
export function addProduct(
  evaluator: Evaluator,
  engine: MatmulEngine | null,
  plan: ProductPlan,
  dims: readonly number[],
  sum: Ints,
): void {
  const { lengths } = plan;
  addBox(evaluator, engine, plan, dims, { from: lengths.map(() => 0), to: lengths }, sum);
}
