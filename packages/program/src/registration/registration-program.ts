import { err, ok, type Result } from '@assay/core/errors';
import type { ProgramError } from '../errors.ts';
import { deriveRanges } from '../ranges/derive.ts';
import { operands } from '../ranges/check-model.ts';
import { formRange } from '../ranges/form-range.ts';
import { elementCount } from '../shape/dimensions.ts';
import { LIMITS } from '../shape/limits.ts';
import { validateProgram } from '../shape/validate.ts';
import { lookupTree } from '../system/sections.ts';
import type { Port, Program, Range, Tensor, TensorId, Weights, ZeroRelation } from '../types.ts';
import { formAxes } from '../views/indexer.ts';
import type { Visibility } from '../visibility/visibility.ts';
import { type Distances, type Part, proveDistances, reachOf } from './accumulator.ts';
import { Extension } from './extend.ts';
import { Operands } from './operands.ts';

/** Sizes of the largest table of digits that are tried: long ones save limbs, short ones rows. */
const LIMB_BITS = [8, 7, 9, 10, 11, 12, 13, 14];

/** Relations with declared intervals, and relations made of them, beyond which only the first size is tried: bounds the work. */
const MOST_TRIED = 512;
const MOST_TRIED_AGAIN = 4096;

/** Sums of weights in the bounds of one accumulator, and of all: bounds the work. */
const MOST_PARTS = 1024;
const MOST_PARTS_IN_ALL = 16_384;

/** What a relation costs whatever its size, in elements. */
const RELATION_COST = 64;

const big = BigInt;

/** Largest and smallest of c·x for x in [lo, hi]. */
function scaled(c: bigint, { lo, hi }: Range): { readonly most: bigint; readonly least: bigint } {
  const [a, b] = [c * big(lo), c * big(hi)];
  return a < b ? { most: b, least: a } : { most: a, least: b };
}

/**
 * The distances of an accumulator's greatest and least value to its declared interval, at each output index that
 * weights distinguish: for weights w = w⁺ − w⁻ and x in [lo, hi]
 *
 *   greatest = Σ_products (max c·x)·Σ w⁺ − (min c·x)·Σ w⁻ + bias
 *   least    = Σ_products (min c·x)·Σ w⁺ − (max c·x)·Σ w⁻ + bias
 *
 * Null where sums could wrap, or are too many.
 */
function distancesOf(
  program: Program,
  ranges: readonly Range[],
  relation: ZeroRelation,
  declared: Range,
  weights: Operands,
  extension: Extension,
): { readonly dims: readonly number[]; readonly distances: Distances } | null {
  const { dims, form, products } = relation;
  const model = form.terms.filter(({ tensor }) => program.tensors[tensor]?.role === 'model');
  const pairs = [];
  const read = new Set<number>(formAxes({ terms: model, constant: 0 }));
  for (const product of products) {
    const pair = operands(program, product);
    if (pair === null) return null;
    for (const axis of formAxes(pair.fixed)) read.add(axis);
    pairs.push({ product, ...pair });
  }
  const outer = [...dims.keys()].filter((axis) => read.has(axis));
  const outerDims = outer.map((axis) => dims[axis] ?? 1);
  const parts: Part[] = [];
  let upper = big(declared.hi);
  let lower = -big(declared.lo);
  for (const term of model) {
    const axes = { lengths: dims, sums: 0, outer };
    const bias = weights.renamed({ terms: [{ ...term, coefficient: 1 }], constant: 0 }, axes);
    const range = extension.enforced(bias, outerDims);
    const c = big(term.coefficient);
    if (range === null) return null;
    parts.push({ name: 'bias', form: bias, range, upper: -c, lower: c });
  }
  for (const { product, fixed, varying } of pairs) {
    const lengths = [...dims, ...product.sums];
    const x = formRange(varying, lengths, program.tensors, ranges);
    if (x === null) return null;
    const c = big(product.coefficient);
    if (fixed.terms.length === 0) {
      const { most, least } = scaled(c * big(fixed.constant), x);
      upper -= big(elementCount(product.sums)) * most;
      lower += big(elementCount(product.sums)) * least;
      continue;
    }
    const sums = weights.signedSums(fixed, { lengths, sums: product.sums.length, outer });
    if (sums === null) return null;
    const { most, least } = scaled(c * big(sums.coefficient), x);
    for (const { form, most: hi } of sums.positive)
      parts.push({
        name: 'positive weights',
        form,
        range: { lo: 0, hi },
        upper: -most,
        lower: least,
      });
    for (const { form, most: hi } of sums.negative)
      parts.push({
        name: 'negative weights',
        form,
        range: { lo: 0, hi },
        upper: least,
        lower: -most,
      });
    if (parts.length > MOST_PARTS) return null;
  }
  if (parts.length > MOST_PARTS) return null;
  const most = declared.hi - declared.lo;
  return { dims: outerDims, distances: { parts, upper, lower, most } };
}

interface Built {
  readonly program: Program;
  readonly cost: number;
}

/** Committed elements and the fractions of LogUp, what a proof is long for. */
function costOf(program: Program): number {
  let elements = RELATION_COST * program.relations.length;
  for (const { role, shape } of program.tensors)
    if (role === 'witness') elements += elementCount(shape);
  for (const { rows } of program.tables) elements += rows;
  return elements + 2 ** lookupTree(program, true).variables;
}

function build(
  program: Program,
  ranges: readonly Range[],
  limbBits: number,
): Result<Built, ProgramError> {
  const extension = new Extension(limbBits);
  const weights = new Operands(program, extension);
  const nodeName = (node: number): string => program.nodes[node]?.name ?? '?';
  let parts = 0;
  for (const [id, relation] of program.relations.entries()) {
    if (relation.kind !== 'zero' || relation.declared === null) continue;
    extension.node = relation.node;
    const found = distancesOf(program, ranges, relation, relation.declared, weights, extension);
    parts += found?.distances.parts.length ?? 0;
    if (parts > MOST_PARTS_IN_ALL) {
      const what = 'sums of weights in declared intervals';
      return err({ kind: 'program/limit', what, limit: MOST_PARTS_IN_ALL, actual: parts });
    }
    if (found !== null && proveDistances(extension, found.dims, found.distances)) {
      // Nobody takes a larger program: it is not finished first.
      const { tensors, relations } = extension.mark();
      for (const [what, actual] of Object.entries({ tensors, relations }))
        if (actual > LIMITS.tensors)
          return err({ kind: 'program/limit', what, limit: LIMITS.tensors, actual });
      continue;
    }
    const reach = found && reachOf(extension, found.dims, found.distances, 'upper');
    const lo = reach ? Number(reach.lo) : Number.NEGATIVE_INFINITY;
    const hi = reach ? Number(reach.hi) : Number.POSITIVE_INFINITY;
    const what = 'what weights leave of the declared interval';
    return err({ kind: 'program/wrap', relation: id, node: nodeName(relation.node), what, lo, hi });
  }
  const open = weights.confineRest();
  if (open !== null) {
    const { name = '?', node = -1 } = program.tensors[open] ?? {};
    return err({ kind: 'program/unbounded', tensor: name, node: nodeName(node) });
  }
  const name = `registration of ${program.name}`.slice(0, LIMITS.nameLength);
  const made = extension.finish(name, program.nodes);
  return ok({ program: made, cost: costOf(made) });
}

/** The same relations about tensors that nobody vouches for: inputs that are not shown. */
function unregistered(program: Program): {
  readonly program: Program;
  readonly hidden: Visibility;
} {
  const inputs: Port[] = [];
  const tensors = program.tensors.map((tensor, id): Tensor => {
    if (tensor.role !== 'model') return tensor;
    const { name, shape } = tensor;
    inputs.push({ name, tensor: id, shape, scale: 1, zero: 0, meaning: 'number' });
    return { ...tensor, role: 'input' };
  });
  const hidden: Visibility = {
    inputs: inputs.map(() => ({ kind: 'hidden' })),
    outputs: [],
    weights: { kind: 'public' },
  };
  return { program: { ...program, tensors, inputs }, hidden };
}

/**
 * What `checkModel` checks, as a program: its model tensors are those of `program` in the same order (so that
 * layout, columns and root are the same), it has no ports, and its relations hold for exactly the weights
 *
 * - whose every element is in its declared range, and
 * - for which at every output index that they distinguish, the products and model terms of each relation with a
 *   declared interval stay inside it, whatever values inside their enforced ranges the other operands have.
 *
 * A proof of it, once per root, stands for `checkModel` where weights are not shown. Whoever verifies one derives the
 * program again from the program that is registered. Nothing here relies on a declared range: `deriveRanges` accepts
 * the relations with nothing known of the weights, no wrap included.
 *
 * Errors: those of `deriveRanges`; program/wrap for an interval whose sums could not be bounded (operands of 2^29 and
 * wider, more than a thousand sums in one relation).   Cost: linear in the program.
 */
export function registrationProgram(program: Program): Result<Program, ProgramError> {
  const ranges = deriveRanges(program);
  if (!ranges.ok) return ranges;
  const [first = 8, ...others] = LIMB_BITS;
  const built = build(program, ranges.value, first);
  if (!built.ok) return built;
  let best = built.value;
  const intervals = program.relations.filter((r) => r.kind === 'zero' && r.declared !== null);
  const isLarge = intervals.length > MOST_TRIED || best.program.relations.length > MOST_TRIED_AGAIN;
  for (const limbBits of isLarge ? [] : others) {
    const other = build(program, ranges.value, limbBits);
    if (other.ok && other.value.cost < best.cost) best = other.value;
  }
  const valid = validateProgram(best.program);
  if (!valid.ok) return valid;
  const open = unregistered(best.program);
  const enforced = deriveRanges(open.program, open.hidden);
  return enforced.ok ? ok(best.program) : enforced;
}

/** Weights by the ids of their tensors in the registration: the same arrays. */
export function registrationWeights(program: Program, weights: Weights): Weights {
  const own = new Map<TensorId, Int32Array>();
  let next = 0;
  for (const [id, { role }] of program.tensors.entries()) {
    if (role !== 'model') continue;
    const values = weights.get(id);
    if (values !== undefined) own.set(next, values);
    next++;
  }
  return own;
}
