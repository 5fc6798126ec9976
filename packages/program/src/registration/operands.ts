import { P } from '@assay/core/field';
import { elementCount } from '../shape/dimensions.ts';
import type { Form, Program, TensorId, Term, View } from '../types.ts';
import { formAxes } from '../views/indexer.ts';
import type { Extension } from './extend.ts';
import { renameView } from '../views/rename.ts';
import { boxes, sliceView } from './forms.ts';
import { confine, type PositivePart, positivePart } from './weights.ts';

/** A sum of weights at every output index, >= 0, as a form without constant. */
export interface Sum {
  readonly form: Form;
  /** The most it is for weights inside their ranges. */
  readonly most: number;
}

/** An operand of weights as coefficient · (Σ positive − Σ negative), both in pieces. */
export interface SignedSums {
  readonly coefficient: number;
  /** Σ max(w, 0). */
  readonly positive: readonly Sum[];
  /** Σ max(−w, 0). */
  readonly negative: readonly Sum[];
}

/** The axes of a form, and which of them are kept. */
export interface Axes {
  /** Of dims, then of sums. */
  readonly lengths: readonly number[];
  /** How many are sums: the last ones. */
  readonly sums: number;
  /** Those of dims that are kept. The others are read by no form of weights. */
  readonly outer: readonly number[];
}

/** Pieces of a sum are at most this, times what an element can be: they cannot wrap, nor can their digits. */
const MOST_SUM = 2 ** 29;

/** Pieces of one operand: bounds the work. */
const MOST_PIECES = 256;

/** Kept axes in order, then sums, then a term's own. */
function renaming({ lengths, sums, outer }: Axes): (axis: number) => number {
  const first = lengths.length - sums;
  return (axis) => (axis < first ? outer.indexOf(axis) : outer.length + axis - first);
}

/** A view of a tensor that never sums, with the tensor's positive part. */
interface Reading {
  readonly tensor: TensorId;
  readonly positive: PositivePart;
  readonly view: View;
}

/** The weights of a program inside its registration, with positive parts where these are wanted. */
export class Operands {
  readonly #program: Program;
  readonly #extension: Extension;
  readonly #ids = new Map<TensorId, TensorId>();
  readonly #positive = new Map<TensorId, PositivePart>();

  /** Model tensors come first, in the order of the program: so their columns are the model's. */
  constructor(program: Program, extension: Extension) {
    this.#program = program;
    this.#extension = extension;
    for (const [id, tensor] of program.tensors.entries())
      if (tensor.role === 'model') this.#ids.set(id, extension.given(tensor));
  }

  #own(id: TensorId): TensorId {
    const known = this.#ids.get(id);
    if (known !== undefined) return known;
    const tensor = this.#program.tensors[id];
    const own = tensor?.role === 'constant' ? this.#extension.given(tensor) : -1;
    this.#ids.set(id, own);
    return own;
  }

  /** A form of model and constant tensors over renamed axes. */
  renamed(form: Form, axes: Axes): Form {
    const rename = renaming(axes);
    const terms = form.terms.map((term): Term => {
      return { ...term, tensor: this.#own(term.tensor), view: renameView(term.view, rename) };
    });
    return { terms, constant: form.constant };
  }

  /** Confines the model tensors that have no positive part that does. Null, or the first that cannot be. */
  confineRest(): TensorId | null {
    for (const [id, own] of this.#ids) {
      const tensor = this.#program.tensors[id];
      if (tensor?.role !== 'model' || tensor.range === null || this.#positive.has(own)) continue;
      this.#extension.node = tensor.node;
      if (!confine(this.#extension, own, tensor.range)) return id;
    }
    return null;
  }

  #positivePart(id: TensorId): PositivePart {
    const known = this.#positive.get(id);
    if (known !== undefined) return known;
    const made = this.#makePositive(id);
    this.#positive.set(id, made);
    return made;
  }

  #makePositive(id: TensorId): PositivePart {
    const extension = this.#extension;
    const tensor = extension.tensor(id);
    const range = extension.range(id);
    if (tensor === null || range === null) return null;
    if (tensor.role !== 'constant')
      return positivePart(extension, id, range, tensor.role === 'witness');
    if (range.lo >= 0) return { tensor: id };
    if (range.hi <= 0) return 'zero';
    const data = (tensor.data ?? []).map((w) => Math.max(w, 0));
    const name = `${tensor.name} positive part`;
    return { tensor: extension.given({ ...tensor, name, data, range: { lo: 0, hi: range.hi } }) };
  }

  /** The operand as a tensor of its own, over the axes that it reads. Null where that could wrap. */
  #copy(form: Form, axes: Axes): Reading | null {
    const extension = this.#extension;
    const { lengths } = axes;
    const read = [...formAxes(form)].filter((axis) => axis < lengths.length).sort((a, b) => a - b);
    const dims = read.map((axis) => lengths[axis] ?? 1);
    const value = this.renamed(form, { lengths, sums: 0, outer: read });
    const range = extension.enforced(value, dims);
    if (range === null || range.hi - range.lo >= P) return null;
    const tensor = extension.witness('operand', dims);
    const relation = extension.zero(dims, {
      terms: [...value.terms, ...extension.whole(tensor, -1).terms],
      constant: value.constant,
    });
    extension.step({ kind: 'digits', relation, outputs: [{ tensor, low: 0 }] });
    extension.bound(tensor, range);
    const rename = renaming(axes);
    const view: View = read.map((axis) => ({
      kind: 'affine',
      offset: 0,
      strides: [{ axis: rename(axis), stride: 1 }],
    }));
    return { tensor, positive: this.#positivePart(tensor), view };
  }

  /** Pieces of the sums of a reading; null where its view cannot be cut. */
  #pieces({ tensor, positive, view }: Reading, axes: Axes): SignedSums | null {
    const { lo, hi } = this.#extension.range(tensor) ?? { lo: -P, hi: P };
    const { lengths, outer } = axes;
    const sums = lengths.slice(lengths.length - axes.sums);
    const most = Math.max(1, Math.floor(MOST_SUM / (Math.max(hi, 0) - Math.min(lo, 0) + 1)));
    const above: Sum[] = [];
    const below: Sum[] = [];
    if (elementCount(sums) > most * MOST_PIECES) return null;
    for (const { start, length } of boxes(sums, most)) {
      let cut: View | null = view;
      for (const [i, from] of start.entries()) {
        const whole = length[i] === sums[i];
        if (cut !== null && !whole) cut = sliceView(cut, outer.length + i, from, length[i] ?? 1);
      }
      if (cut === null) return null;
      const read = { view: cut, sums: length };
      const own: Term = { ...read, tensor, coefficient: -1 };
      const part: readonly Term[] =
        positive === null || positive === 'zero'
          ? []
          : [{ ...read, tensor: positive.tensor, coefficient: 1 }];
      const count = elementCount(length);
      if (part.length > 0)
        above.push({ form: { terms: part, constant: 0 }, most: count * Math.max(hi, 0) });
      if (lo < 0) below.push({ form: { terms: [...part, own], constant: 0 }, most: count * -lo });
    }
    return { coefficient: 1, positive: above, negative: below };
  }

  /** The sums of an operand of weights over all its summed axes. Null where they could wrap. */
  signedSums(form: Form, axes: Axes): SignedSums | null {
    const [term, second] = form.terms;
    const isPlain = term !== undefined && second === undefined && form.constant === 0;
    if (isPlain && term.sums.length === 0) {
      const tensor = this.#own(term.tensor);
      const positive = this.#positivePart(tensor);
      const view = renameView(term.view, renaming(axes));
      const pieces = positive === null ? null : this.#pieces({ tensor, positive, view }, axes);
      if (positive === null) return null;
      if (pieces !== null) return { ...pieces, coefficient: term.coefficient };
    }
    const copy = this.#copy(form, axes);
    return copy === null || copy.positive === null ? null : this.#pieces(copy, axes);
  }
}
