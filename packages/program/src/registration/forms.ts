import type { Form, TensorId, Term, View, ViewFactor } from '../types.ts';
import { identityView } from '../views/indexer.ts';

export const NOTHING: Form = { terms: [], constant: 0 };

export function wholeForm(tensor: TensorId, shape: readonly number[], coefficient = 1): Form {
  return { terms: [{ tensor, coefficient, view: identityView(shape), sums: [] }], constant: 0 };
}

/** Σ factor·form, like terms merged: those that share a view and its sums, which takes one pass. */
export function sumForms(parts: readonly (readonly [form: Form, factor: number])[]): Form {
  const merged = new Map<View, Term[]>();
  let constant = 0;
  for (const [form, factor] of parts) {
    constant += factor * form.constant;
    for (const term of form.terms) {
      const alike = merged.get(term.view) ?? [];
      const at = alike.findIndex((t) => t.tensor === term.tensor && t.sums === term.sums);
      const coefficient = (alike[at]?.coefficient ?? 0) + factor * term.coefficient;
      if (at < 0) alike.push({ ...term, coefficient });
      else alike[at] = { ...term, coefficient };
      merged.set(term.view, alike);
    }
  }
  const terms = [...merged.values()].flat().filter(({ coefficient }) => coefficient !== 0);
  return { terms, constant };
}

/** a + factor·b. */
export function addForms(a: Form, b: Form, factor = 1): Form {
  return sumForms([
    [a, 1],
    [b, factor],
  ]);
}

/** a + constant. */
export function addConstant(a: Form, constant: number): Form {
  return { terms: a.terms, constant: a.constant + constant };
}

/** Logical axis `axis` from `start` on, `length` of it; null where a reshape reads it. */
export function sliceView(view: View, axis: number, start: number, length: number): View | null {
  const factors: ViewFactor[] = [];
  for (const factor of view) {
    switch (factor.kind) {
      case 'affine': {
        const stride = factor.strides.find((s) => s.axis === axis)?.stride ?? 0;
        factors.push({ ...factor, offset: factor.offset + stride * start });
        break;
      }
      case 'gather': {
        const indices =
          factor.axis === axis ? factor.indices.slice(start, start + length) : factor.indices;
        factors.push({ ...factor, indices });
        break;
      }
      case 'reshape':
        if (factor.axes.includes(axis)) return null;
        factors.push(factor);
    }
  }
  return factors;
}

export interface Box {
  readonly start: readonly number[];
  readonly length: readonly number[];
}

/** Boxes of at most `most` elements that tile a box, the longest axis halved again and again. */
export function boxes(lengths: readonly number[], most: number): readonly Box[] {
  const cut = (box: Box): readonly Box[] => {
    if (box.length.reduce((a, b) => a * b, 1) <= most) return [box];
    const longest = Math.max(...box.length);
    if (longest < 2) return [box];
    const axis = box.length.indexOf(longest);
    const half = Math.ceil(longest / 2);
    const part = (from: number, length: number): Box => ({
      start: box.start.map((s, a) => (a === axis ? s + from : s)),
      length: box.length.map((l, a) => (a === axis ? length : l)),
    });
    return [...cut(part(0, half)), ...cut(part(half, longest - half))];
  };
  return cut({ start: lengths.map(() => 0), length: lengths });
}
