import type { Form, Product, View } from '../../types.ts';
import { viewAxes } from '../../views/indexer.ts';
import type { Factor, TraceView } from '../types.ts';
import type { ProgramSum } from './types.ts';

function renameView(view: View, rename: (axis: number) => number): View {
  return view.map((factor) => {
    switch (factor.kind) {
      case 'affine':
        return {
          ...factor,
          strides: factor.strides.map(({ axis, stride }) => ({ axis: rename(axis), stride })),
        };
      case 'gather':
        return { ...factor, axis: rename(factor.axis) };
      case 'reshape':
        return { ...factor, axes: factor.axes.map(rename) };
    }
  });
}

function renameForm(form: Form, rename: (axis: number) => number): Form {
  return {
    ...form,
    terms: form.terms.map((term) => ({ ...term, view: renameView(term.view, rename) })),
  };
}

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
  const factors = view.factors.map((factor): Factor => {
    switch (factor.kind) {
      case 'affine':
        return {
          ...factor,
          strides: factor.strides.map(({ axis, stride }) => ({ axis: rename(axis), stride })),
        };
      case 'gather':
        return { ...factor, axis: rename(factor.axis) };
      case 'reshape':
        return { ...factor, axes: factor.axes.map(rename) };
    }
  });
  return { ...view, factors };
}
