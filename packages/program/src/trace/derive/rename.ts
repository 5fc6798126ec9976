import type { Product } from '../../types.ts';
import { viewAxes } from '../../views/indexer.ts';
import { renameFactor, renameForm } from '../../views/rename.ts';
import type { TraceView } from '../types.ts';
import type { ProgramSum } from './types.ts';

/** Axes of dims that a sum changes along, and the sum over these alone. */
export function restrictSum({ dims, form, products }: ProgramSum): {
  readonly axes: readonly number[];
  readonly sum: ProgramSum;
} {
  const forms = [form, ...products.flatMap(({ left, right }) => [left, right])];
  const read = new Set(forms.flatMap(({ terms }) => terms.flatMap((t) => [...viewAxes(t.view)])));
  const axes = dims.map((_, axis) => axis).filter((axis) => read.has(axis));
  const rename = (axis: number): number =>
    axis < dims.length ? axes.indexOf(axis) : axis - dims.length + axes.length;
  return {
    axes,
    sum: {
      dims: axes.map((axis) => dims[axis] ?? 1),
      form: renameForm(form, rename),
      products: products.map(
        (product): Product => ({
          ...product,
          left: renameForm(product.left, rename),
          right: renameForm(product.right, rename),
        }),
      ),
    },
  };
}

/** A trace's view over renamed axes. */
export function renameTraceView(view: TraceView, rename: (axis: number) => number): TraceView {
  return { ...view, factors: view.factors.map((factor) => renameFactor(factor, rename)) };
}
