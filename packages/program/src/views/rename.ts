import type { Form, View, ViewFactor } from '../types.ts';

/** A factor whose logical axes can be renamed: those of programs and those of traces. */
type Renamable =
  | {
      readonly kind: 'affine';
      readonly strides: readonly { readonly axis: number; readonly stride: number }[];
    }
  | { readonly kind: 'gather'; readonly axis: number }
  | { readonly kind: 'reshape'; readonly axes: readonly number[] };

/** The same factor over renamed logical axes. */
export function renameFactor<Factor extends Renamable>(
  factor: Factor,
  rename: (axis: number) => number,
): Factor {
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
}

/** The same view over renamed logical axes. */
export function renameView(view: View, rename: (axis: number) => number): View {
  return view.map((factor: ViewFactor) => renameFactor(factor, rename));
}

/** The same form over renamed logical axes. */
export function renameForm(form: Form, rename: (axis: number) => number): Form {
  return {
    ...form,
    terms: form.terms.map((term) => ({ ...term, view: renameView(term.view, rename) })),
  };
}
