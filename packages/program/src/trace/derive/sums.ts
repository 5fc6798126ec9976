import { elementCount } from '../../shape/dimensions.ts';
import { formRange } from '../../ranges/form-range.ts';
import {
  addIntervals,
  hullIntervals,
  type Interval,
  multiplyIntervals,
  POINT_ZERO,
  scaleInterval,
} from '../../ranges/intervals.ts';
import { operands } from '../../ranges/check-model.ts';
import { formAxes } from '../../views/indexer.ts';
import type { Form, Product, Range, TensorId, Term, ZeroRelation } from '../../types.ts';
import { TRACE_LIMITS } from '../limits.ts';
import { LIST, type TraceForm, type TraceRelation, type TraceView } from '../types.ts';
import { alongAxes, type Draft, fitsInt32, INT32, wholeForm } from './draft.ts';
import { restrictSum } from './rename.ts';
import type { DraftTensor, ProgramSum } from './types.ts';

const NOTHING: Form = { terms: [], constant: 0 };
const UNIT: Form = { terms: [], constant: 1 };

/** Products of one sum: they are walked one by one. */
const MOST_SUMMED = 2 ** 22;

/** When an operand is split rather than committed: elements, and how often those of the results. */
const SMALL_OPERAND = 256;
const FAR_LARGER = 4;

/** coefficient · Σ_sums left·right, each operand one view without coefficient (or 1). */
interface BareProduct {
  readonly coefficient: number;
  readonly sums: readonly number[];
  readonly left: Form;
  readonly right: Form;
  /** Holds Σ left·right over any subset of the sum; null: not known from ranges. */
  readonly range: Range | null;
}

function bareTerm(form: Form): Term | null {
  const [term, second] = form.terms;
  if (term === undefined || second !== undefined || form.constant !== 0) return null;
  return term.sums.length === 0 ? term : null;
}

/** An operand with its coefficient taken out. */
function stripped(form: Form): { readonly scale: number; readonly form: Form } {
  if (form.terms.length === 0) return { scale: form.constant, form: UNIT };
  const [term, second] = form.terms;
  if (term === undefined || second !== undefined || form.constant !== 0) return { scale: 1, form };
  return { scale: term.coefficient, form: { terms: [{ ...term, coefficient: 1 }], constant: 0 } };
}

function intersect(a: Interval, b: Interval): Interval {
  if (a === null || b === null) return a ?? b;
  return { lo: Math.max(a.lo, b.lo), hi: Math.min(a.hi, b.hi) };
}

/** Turns sums of a program into relations, with tensors of their own for what an einsum cannot read in place. */
export class Sums {
  readonly #draft: Draft;
  readonly #made = new Map<string, DraftTensor>();

  constructor(draft: Draft) {
    this.#draft = draft;
  }

  #range(form: Form, dims: readonly number[]): Interval {
    const { program, ranges } = this.#draft;
    return formRange(form, dims, program.tensors, ranges);
  }

  /** Interval of Σ left·right over any subset of the sum. */
  #productRange(product: Product, dims: readonly number[]): Interval {
    const axes = [...dims, ...product.sums];
    const one = multiplyIntervals(
      this.#range(product.left, axes),
      this.#range(product.right, axes),
    );
    return hullIntervals(scaleInterval(one, elementCount(product.sums)), POINT_ZERO);
  }

  /** Interval of a sum, for every input. */
  #sumRange({ dims, form, products }: ProgramSum, bound: Range | null): Interval {
    let total = this.#range(form, dims);
    for (const product of products)
      total = addIntervals(
        total,
        scaleInterval(this.#productRange(product, dims), product.coefficient),
      );
    return intersect(total, bound);
  }

  /**
   * A declared interval holds Σ products + bias at its extremes. Where each varying operand may be 0, every term
   * can only widen it: so it holds, less the bias, any of the products' terms.
   */
  declaredRange(relation: Pick<ZeroRelation, 'dims' | 'form' | 'products' | 'declared'>): Interval {
    const { dims, form, products, declared } = relation;
    const { program } = this.#draft;
    if (declared === null) return null;
    const terms = form.terms.filter(({ tensor }) => program.tensors[tensor]?.role === 'model');
    const bias = this.#range({ terms, constant: 0 }, dims);
    if (bias === null) return null;
    for (const product of products) {
      const pair = operands(program, product);
      const varying = pair === null ? null : this.#range(pair.varying, [...dims, ...product.sums]);
      if (varying === null || varying.lo > 0 || varying.hi < 0) return null;
    }
    return hullIntervals({ lo: declared.lo - bias.hi, hi: declared.hi - bias.lo }, POINT_ZERO);
  }

  /** The tensor that holds a sum along the axes that it changes along, and its view over dims. */
  materialise(sum: ProgramSum, node: number, what: string, bound: Range | null = null): TraceView {
    const draft = this.#draft;
    const { axes, sum: own } = restrictSum(sum);
    const key = JSON.stringify(own);
    const known = this.#made.get(key);
    if (known !== undefined) return alongAxes(known, axes);
    const name = `${draft.nodeName(node)}/${what}`;
    const range = this.#sumRange(own, bound);
    const proven = range !== null && fitsInt32(range);
    const withWeights = own.products.length > 0;
    if (!proven && !withWeights)
      draft.refuse(
        node,
        name,
        `reaches ${range === null ? 'numbers beyond 2^52' : `[${range.lo}, ${range.hi}]`}, not int32`,
      );
    const made = draft.add(LIST.trace, {
      name,
      node,
      dims: own.dims,
      range: proven ? range : INT32,
      proven,
      origin: { kind: 'sum', sum: own },
    });
    this.#made.set(key, made);
    const relation = this.zero(own, node, wholeForm(made, -1), new Set(), bound);
    draft.define([made], [relation]);
    return alongAxes(made, axes);
  }

  /** A term that sums, as a view of the tensor of its sums. */
  #summed(term: Term, dims: readonly number[], node: number): TraceView {
    const form: Form = { terms: [{ ...term, coefficient: 1 }], constant: 0 };
    return this.materialise({ dims, form, products: [] }, node, 'sum');
  }

  /**
   * A form as at most `limit` views. Terms of `own` tensors stay; what is too much of the rest is committed in
   * parts of its own.
   */
  form(
    form: Form,
    dims: readonly number[],
    node: number,
    limit: number = TRACE_LIMITS.terms,
    own: ReadonlySet<TensorId> = new Set(),
  ): TraceForm {
    let rest = form.terms.filter(({ tensor }) => !own.has(tensor));
    const kept = form.terms.filter(({ tensor }) => own.has(tensor));
    const parts: { readonly coefficient: number; readonly view: TraceView }[] = [];
    while (kept.length + parts.length + rest.length > limit) {
      const part = rest.slice(0, TRACE_LIMITS.terms - 1);
      if (part.length < 2 || limit < 2)
        this.#draft.refuse(node, 'accumulator', `is a form of more than ${limit} terms`);
      rest = rest.slice(part.length);
      const view = this.materialise(
        { dims, form: { terms: part, constant: 0 }, products: [] },
        node,
        'part',
      );
      // Parts of parts, should there be so many.
      if (parts.length + kept.length >= limit)
        this.#draft.refuse(node, 'accumulator', 'is a form of too many terms');
      parts.push({ coefficient: 1, view });
    }
    const terms = [...kept, ...rest].map((term) => ({
      coefficient: term.coefficient,
      view:
        term.sums.length > 0
          ? this.#summed(term, dims, node)
          : this.#draft.view(term.tensor, term.view, node),
    }));
    return { bias: form.constant, terms: [...terms, ...parts] };
  }

  /** Elements that committing an operand takes; 0 if it is read in place. */
  #operandSize(form: Form, axes: readonly number[]): number {
    if (form.terms.length === 0 || bareTerm(form) !== null) return 0;
    return elementCount(
      [...formAxes(form)].filter((a) => a < axes.length).map((a) => axes[a] ?? 1),
    );
  }

  /** Products with operands that are views, or few enough elements to be committed. */
  #bare(
    products: readonly Product[],
    dims: readonly number[],
    node: number,
    declared: Interval,
  ): readonly BareProduct[] {
    const found: BareProduct[] = [];
    const add = (product: Product, whole: boolean): void => {
      const left = stripped(product.left);
      const right = stripped(product.right);
      const coefficient = product.coefficient * left.scale * right.scale;
      if (!Number.isSafeInteger(coefficient))
        this.#draft.refuse(node, 'accumulator', 'has a coefficient of 2^53 or more');
      if (coefficient === 0) return;
      const bare = { coefficient, sums: product.sums, left: left.form, right: right.form };
      const scaled =
        declared === null || !whole
          ? null
          : coefficient > 0
            ? { lo: declared.lo / coefficient, hi: declared.hi / coefficient }
            : { lo: declared.hi / coefficient, hi: declared.lo / coefficient };
      const bound =
        scaled === null ? null : { lo: Math.floor(scaled.lo), hi: Math.ceil(scaled.hi) };
      const range = intersect(this.#productRange({ ...bare, coefficient: 1 }, dims), bound);
      found.push({ ...bare, range: range !== null && fitsInt32(range) ? range : null });
    };
    for (const product of products) {
      const axes = [...dims, ...product.sums];
      const outputs = elementCount(dims);
      let parts: Product[] = [product];
      for (const side of ['left', 'right'] as const) {
        const form = product[side];
        const size = this.#operandSize(form, axes);
        const pieces = form.terms.length + (form.constant === 0 ? 0 : 1);
        // One einsum for each term instead, where the operand is far larger than all their results.
        if (size <= Math.max(SMALL_OPERAND, FAR_LARGER * pieces * outputs)) continue;
        const forms = [
          ...form.terms.map((term): Form => ({ terms: [term], constant: 0 })),
          ...(form.constant === 0 ? [] : [{ terms: [], constant: form.constant }]),
        ];
        parts = parts.flatMap((part) => forms.map((piece) => ({ ...part, [side]: piece })));
      }
      for (const part of parts) add(part, parts.length === 1);
    }
    return found;
  }

  /** The view of a bare operand; what is not one view is committed. */
  #operandView(form: Form, axes: readonly number[], node: number): TraceView {
    if (form.terms.length === 0) return { tensor: this.#draft.one(), factors: [] };
    const term = bareTerm(form);
    if (term !== null) return this.#draft.view(term.tensor, term.view, node);
    return this.materialise({ dims: axes, form, products: [] }, node, 'operand');
  }

  /**
   * The relation form + Σ products + extra = 0 over dims: linear, or an einsum of one of its products, the others
   * committed.
   *
   * @param bound - holds any of the products' terms, coefficients included; null: follows from their ranges alone.
   * @param own - tensors whose terms stay in the relation.
   */
  zero(
    { dims, form: given, products: factors }: ProgramSum,
    node: number,
    extra: TraceForm,
    own: ReadonlySet<TensorId>,
    bound: Range | null,
  ): number {
    const draft = this.#draft;
    let form = given;
    let products = [...this.#bare(factors, dims, node, bound)];
    const summed = form.terms.find(({ sums }) => sums.length > 0);
    if (products.length === 0 && summed !== undefined) {
      form = { ...form, terms: form.terms.filter((term) => term !== summed) };
      const left: Form = { terms: [{ ...summed, coefficient: 1, sums: [] }], constant: 0 };
      products = [
        ...this.#bare(
          [{ coefficient: summed.coefficient, sums: summed.sums, left, right: UNIT }],
          dims,
          node,
          null,
        ),
      ];
    }
    const reach = ({ range }: BareProduct): number =>
      range === null ? Number.POSITIVE_INFINITY : Math.max(-range.lo, range.hi);
    const [kept, ...others] = products.toSorted((a, b) => reach(b) - reach(a));
    const terms = others.map(({ coefficient, sums, left, right, range }) => ({
      coefficient,
      view: this.materialise(
        { dims, form: NOTHING, products: [{ coefficient: 1, sums, left, right }] },
        node,
        'product',
        range,
      ),
    }));
    const limit = TRACE_LIMITS.terms - extra.terms.length - terms.length;
    if (limit < 1) draft.refuse(node, 'accumulator', 'is a sum of more than 16 products');
    const rest = this.form(form, dims, node, limit, own);
    const claim: TraceForm = {
      bias: rest.bias + extra.bias,
      terms: [...rest.terms, ...terms, ...extra.terms],
    };
    if (dims.length > TRACE_LIMITS.rank)
      draft.refuse(node, 'accumulator', `has ${dims.length} axes`);
    if (kept === undefined)
      return draft.relation({ kind: 'linear', domain: dims, form: claim }, node);
    const axes = [...dims, ...kept.sums];
    if (axes.length > TRACE_LIMITS.axes || kept.sums.length > TRACE_LIMITS.rank)
      draft.refuse(node, 'accumulator', `has ${axes.length} axes with those it is summed over`);
    if (elementCount(kept.sums) > MOST_SUMMED)
      draft.refuse(node, 'accumulator', 'is a sum of more than 2^22 products');
    const einsum: TraceRelation = {
      kind: 'einsum',
      domain: dims,
      sum: kept.sums,
      chunk: 1,
      scale: kept.coefficient,
      x: this.#operandView(kept.left, axes, node),
      y: this.#operandView(kept.right, axes, node),
      partials: null,
      claim,
    };
    const id = draft.relation(einsum, node);
    draft.sumRanges.set(id, kept.range);
    return id;
  }
}
