import { err, ok, type Result } from '@assay/core/errors';
import type { ProgramError } from '../errors.ts';
import { elementCount } from '../shape/dimensions.ts';
import type { Form, Product, Program, Range, Weights, ZeroRelation } from '../types.ts';
import { formAxes, viewIndexer } from '../views/indexer.ts';
import { formRange } from './form-range.ts';
import { EXACT } from './intervals.ts';

/** Reads a form of model and constant tensors at an index, over axes of lengths `dims`. */
function formReader(
  program: Program,
  weights: Weights,
  form: Form,
  dims: readonly number[],
): (index: readonly number[]) => number {
  const readers = form.terms.map((term) => {
    const tensor = program.tensors[term.tensor];
    const axes = [...dims, ...term.sums];
    const data = weights.get(term.tensor) ?? tensor?.data ?? [];
    const at = viewIndexer(term.view, tensor?.shape ?? [], axes);
    const inner = indices(term.sums);
    return (index: readonly number[]): number => {
      let sum = 0;
      for (const tail of inner) {
        const flat = at([...index, ...tail]);
        if (flat >= 0) sum += data[flat] ?? 0;
      }
      return term.coefficient * sum;
    };
  });
  return (index) => readers.reduce((sum, read) => sum + read(index), form.constant);
}

/** All indices of a box, row major. */
function indices(dims: readonly number[]): number[][] {
  let out: number[][] = [[]];
  for (const length of dims) {
    out = out.flatMap((head) => Array.from({ length }, (_, i) => [...head, i]));
  }
  return out;
}

function isFixed(program: Program, form: Form): boolean {
  return form.terms.every(({ tensor }) => {
    const role = program.tensors[tensor]?.role;
    return role === 'model' || role === 'constant';
  });
}

/** The fixed and the varying operand of a product with weights; null if it has none or two. */
export function operands(
  program: Program,
  product: Product,
): { readonly fixed: Form; readonly varying: Form } | null {
  const left = isFixed(program, product.left);
  const right = isFixed(program, product.right);
  if (left === right) return null;
  return left
    ? { fixed: product.left, varying: product.right }
    : { fixed: product.right, varying: product.left };
}

/**
 * Exact interval of (Σ products + model terms) of a relation over every value of the varying
 * operands inside their ranges: at each output index that the weights distinguish
 *
 *   Σ_products c·Σ_s min(w·lo, w·hi) + bias  …  Σ_products c·Σ_s max(w·lo, w·hi) + bias.
 *
 * Null if some product does not have exactly one operand of weights, or if the sums are so large that
 * they would not be exact.
 */
export function accumulatorRange(
  program: Program,
  relation: ZeroRelation,
  weights: Weights,
  ranges: readonly (Range | null)[],
): Range | null {
  const model = relation.form.terms.filter(
    (term) => program.tensors[term.tensor]?.role === 'model',
  );
  const bias: Form = { terms: model, constant: 0 };
  if (formRange(bias, relation.dims, program.tensors, ranges) === null) return null;
  const distinguished = new Set<number>(formAxes(bias));
  const parts: { readonly product: Product; readonly fixed: Form; readonly varying: Range }[] = [];
  for (const product of relation.products) {
    const pair = operands(program, product);
    if (pair === null) return null;
    const varying = formRange(
      pair.varying,
      [...relation.dims, ...product.sums],
      program.tensors,
      ranges,
    );
    if (varying === null) return null;
    for (const axis of formAxes(pair.fixed))
      if (axis < relation.dims.length) distinguished.add(axis);
    parts.push({ product, fixed: pair.fixed, varying });
  }
  const outer = relation.dims.map((length, axis) => (distinguished.has(axis) ? length : 1));
  const readBias = formReader(program, weights, bias, relation.dims);
  const readers = parts.map(({ product, fixed }) => ({
    read: formReader(program, weights, fixed, [...relation.dims, ...product.sums]),
    sums: indices(product.sums),
  }));
  let lo = Number.POSITIVE_INFINITY;
  let hi = Number.NEGATIVE_INFINITY;
  for (const index of indices(outer)) {
    const base = readBias(index);
    let low = base;
    let high = base;
    let magnitude = Math.abs(base);
    for (const [i, { product, varying }] of parts.entries()) {
      const reader = readers[i];
      if (reader === undefined) continue;
      for (const tail of reader.sums) {
        const w = reader.read([...index, ...tail]) * product.coefficient;
        magnitude += Math.abs(w) * (1 + Math.max(Math.abs(varying.lo), Math.abs(varying.hi)));
        low += Math.min(w * varying.lo, w * varying.hi);
        high += Math.max(w * varying.lo, w * varying.hi);
      }
    }
    if (magnitude > EXACT) return null;
    lo = Math.min(lo, low);
    hi = Math.max(hi, high);
  }
  return { lo: lo + 0, hi: hi + 0 };
}

/**
 * What a registration must establish about weights: every model tensor has its values, inside its
 * declared range, and every declared accumulator interval holds. Anyone with the weights can run it.
 */
export function checkModel(
  program: Program,
  weights: Weights,
  ranges: readonly Range[],
): Result<null, ProgramError> {
  const nodeName = (node: number): string => program.nodes[node]?.name ?? '?';
  for (const [id, tensor] of program.tensors.entries()) {
    if (tensor.role !== 'model') continue;
    const refuse = (reason: string): Result<never, ProgramError> =>
      err({ kind: 'program/weights', tensor: tensor.name, node: nodeName(tensor.node), reason });
    const values = weights.get(id);
    const { range } = tensor;
    if (values === undefined) return refuse('has no values');
    if (values.length !== elementCount(tensor.shape))
      return refuse(`has ${values.length} values, its shape needs ${elementCount(tensor.shape)}`);
    if (range === null) return refuse('declares no range');
    const outside = values.find((v) => v < range.lo || v > range.hi);
    if (outside !== undefined)
      return refuse(`value ${outside} is outside the declared range [${range.lo}, ${range.hi}]`);
  }
  for (const relation of program.relations) {
    if (relation.kind !== 'zero' || relation.declared === null) continue;
    const { declared } = relation;
    const refuse = (reason: string): Result<never, ProgramError> =>
      err({
        kind: 'program/weights',
        tensor: 'accumulator',
        node: nodeName(relation.node),
        reason,
      });
    const actual = accumulatorRange(program, relation, weights, ranges);
    if (actual === null)
      return refuse('its accumulator is too large, or a product without weights');
    if (actual.lo < declared.lo || actual.hi > declared.hi) {
      return refuse(
        `accumulator reaches [${actual.lo}, ${actual.hi}], declared is [${declared.lo}, ${declared.hi}]`,
      );
    }
  }
  return ok(null);
}
