import { elementCount, type Form, type TensorId, type Term, viewIndexer } from '@assay/program';
import { rowMajorStrides } from '../identity-view.ts';
import { indices } from '../reference/evaluate.ts';
import { compileView, type CompiledView, sourceElements, windowedCopy } from '../views/compile.ts';
import {
  addF64,
  addI32,
  addTableF64,
  addTableI32,
  setI16,
  setI32,
  setTableI16,
  setTableI32,
  sumOf,
  sumOfTable,
} from '../views/inner.ts';
import { type Loop, simplify, walk } from '../views/loops.ts';

/**
 * A dense row-major box of values: target axis j is the logical axis axes[j], over [from[j], to[j]).
 * Logical axes that are not named have length 1 or are not read.
 */
export interface Layout {
  readonly axes: readonly number[];
  readonly from: readonly number[];
  readonly to: readonly number[];
}

export function layoutLengths(layout: Layout): number[] {
  return layout.axes.map((_, j) => (layout.to[j] as number) - (layout.from[j] as number));
}

/** Where the tensors are. */
export interface Source {
  shape(tensor: TensorId): readonly number[];
  data(tensor: TensorId): Int32Array;
}

type Target = Int32Array | Float64Array | Int16Array;

/** A view may be windowed into a copy this much larger than the tensor and the box together. */
const COPY_FACTOR = 4;
const COPY_FREE = 2 ** 16;

/** The loops of one term over a layout, or null if it is zero there. `covers`: it reaches every element of the layout. */
function termLoops(
  view: CompiledView,
  sums: readonly number[],
  firstSum: number,
  layout: Layout,
): {
  readonly loops: Loop[];
  readonly target: number;
  readonly source: number;
  readonly covers: boolean;
} | null {
  const strides = rowMajorStrides(layoutLengths(layout));
  const dimLoops: Loop[] = [];
  let target = 0;
  let source = view.base;
  let covers = true;
  for (let j = 0; j < layout.axes.length; j++) {
    const axis = view.axes[layout.axes[j] as number];
    if (axis === undefined) continue;
    const start = layout.from[j] as number;
    const end = layout.to[j] as number;
    const from = Math.max(start, axis.from);
    const to = Math.min(end, axis.to);
    if (from >= to) return null;
    covers &&= from === start && to === end;
    target += (from - start) * (strides[j] as number);
    source += axis.stride * from;
    dimLoops.push({
      length: to - from,
      target: strides[j] as number,
      source: axis.stride,
      table: axis.table === null ? null : axis.table.subarray(from, to),
    });
  }
  const sumLoops: Loop[] = [];
  for (let s = 0; s < sums.length; s++) {
    const axis = view.axes[firstSum + s];
    if (axis === undefined) continue;
    if (axis.from >= axis.to) return null;
    source += axis.stride * axis.from;
    sumLoops.push({
      length: axis.to - axis.from,
      target: 0,
      source: axis.stride,
      table: axis.table === null ? null : axis.table.subarray(axis.from, axis.to),
    });
  }
  // Whichever is denser in the source goes innermost.
  const step = (loops: readonly Loop[]): number => {
    const last = loops.findLast((loop) => loop.length > 1);
    return last === undefined || last.table !== null ? Infinity : Math.abs(last.source);
  };
  const loops =
    step(dimLoops) < step(sumLoops) ? [...sumLoops, ...dimLoops] : [...dimLoops, ...sumLoops];
  return { loops, target, source, covers };
}

/**
 * The part of a tensor's data that the form over a layout is, if it lies there in order: a view of the same memory.
 * Null if it would have to be computed or copied.
 */
export function contiguousForm(
  source: Source,
  form: Form,
  dims: readonly number[],
  layout: Layout,
): Int32Array | null {
  const term = form.terms[0];
  if (term === undefined || form.terms.length !== 1 || form.constant !== 0) return null;
  if (term.coefficient !== 1 || term.sums.length !== 0) return null;
  const view = compileView(term.view, source.shape(term.tensor), dims);
  if (view.empty || view.windows !== null) return null;
  const nest = termLoops(view, [], dims.length, layout);
  if (nest === null || !nest.covers) return null;
  const { loops, offset } = simplify(nest.loops);
  const loop = loops[0] as Loop;
  if (loops.length !== 1 || loop.table !== null || (loop.length > 1 && loop.source !== 1))
    return null;
  const start = nest.source + offset;
  return source.data(term.tensor).subarray(start, start + loop.length);
}

/** Logical axes of length > 1 along which some term of the form changes. */
export function axesRead(source: Source, form: Form, dims: readonly number[]): ReadonlySet<number> {
  const read = new Set<number>();
  for (const term of form.terms) {
    const view = compileView(term.view, source.shape(term.tensor), [...dims, ...term.sums]);
    dims.forEach((length, axis) => {
      const found = view.axes[axis];
      if (found === undefined || length === 1) return;
      const cut = found.from > 0 || found.to < length;
      if (found.stride !== 0 || found.table !== null || cut) read.add(axis);
    });
  }
  return read;
}

function run(
  target: Target,
  source: Int32Array,
  nest: { readonly loops: readonly Loop[]; readonly target: number; readonly source: number },
  c: number,
  replace: boolean,
): void {
  const { loops, offset } = simplify(nest.loops);
  walk(loops, nest.target, nest.source + offset, (t, s, inner) => {
    const { length: n, target: ds, source: ss, table } = inner;
    if (ds === 0 && n > 1) {
      const sum = table === null ? sumOf(source, s, ss, n) : sumOfTable(source, s, table, n);
      target[t] = (target[t] as number) + c * sum;
    } else if (target instanceof Int32Array) {
      if (replace && table === null) setI32(target, t, ds, source, s, ss, n, c);
      else if (replace && table !== null) setTableI32(target, t, ds, source, s, table, n, c);
      else if (table === null) addI32(target, t, ds, source, s, ss, n, c);
      else addTableI32(target, t, ds, source, s, table, n, c);
    } else if (target instanceof Float64Array) {
      if (table === null) addF64(target, t, ds, source, s, ss, n, c);
      else addTableF64(target, t, ds, source, s, table, n, c);
    } else if (table === null) setI16(target, t, ds, source, s, ss, n, c);
    else setTableI16(target, t, ds, source, s, table, n, c);
  });
}

/** Element by element, for views that leave their tensor so far that a windowed copy would be wasteful. */
function addUnwindowed(
  source: Source,
  term: Term,
  dims: readonly number[],
  layout: Layout,
  target: Target,
): void {
  const data = source.data(term.tensor);
  const lengths = [...dims, ...term.sums];
  const position = viewIndexer(term.view, source.shape(term.tensor), lengths);
  const index = new Array<number>(lengths.length).fill(0);
  let at = 0;
  for (const box of indices(layoutLengths(layout))) {
    layout.axes.forEach((axis, j) => {
      index[axis] = (layout.from[j] as number) + (box[j] as number);
    });
    let sum = 0;
    for (const extra of indices(term.sums)) {
      extra.forEach((i, s) => {
        index[dims.length + s] = i;
      });
      const flat = position(index);
      if (flat >= 0) sum += data[flat] as number;
    }
    target[at] = (target[at] as number) + term.coefficient * sum;
    at++;
  }
}

/**
 * target[flat index in the layout] = form at that index. Exact if every partial sum is below 2^53 and the values
 * fit the target, which the caller has checked. An Int16Array takes forms of one term without sums and constant.
 *
 * Cost: one pass per term over the layout (times its sums).
 */
export function arrangeForm(
  source: Source,
  form: Form,
  dims: readonly number[],
  layout: Layout,
  target: Target,
): void {
  const count = elementCount(layoutLengths(layout));
  let filled = false;
  const fill = (): void => {
    if (!filled) target.fill(form.constant, 0, count);
    filled = true;
  };
  for (const term of form.terms) {
    const shape = source.shape(term.tensor);
    const view = compileView(term.view, shape, [...dims, ...term.sums]);
    if (view.empty) continue;
    const nest = termLoops(view, term.sums, dims.length, layout);
    if (nest === null) continue;
    const data = source.data(term.tensor);
    if (
      view.windows !== null &&
      sourceElements(view) > COPY_FACTOR * (count + data.length) + COPY_FREE
    ) {
      fill();
      addUnwindowed(source, term, dims, layout, target);
      continue;
    }
    const replace =
      !filled &&
      form.constant === 0 &&
      nest.covers &&
      term.sums.length === 0 &&
      !(target instanceof Float64Array);
    if (!replace) fill();
    filled = true;
    const readable = view.windows === null ? data : windowedCopy(view.windows, data);
    run(target, readable, nest, term.coefficient, replace);
  }
  fill();
}
