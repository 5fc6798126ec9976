import { addK, intK, type K, mulK, negK, ONE, scaleK, subK, toF, ZERO } from '@assay/core/field';
import { eqIndex } from '@assay/core/poly';
import type { Placed } from '../layout/pack.ts';
import { multiplicityTensor, padTensor } from '../layout/pseudo-tensors.ts';
import { axisBits } from '../shape/dimensions.ts';
import { columnWeight } from '../tables/column-weight.ts';
import type { Form, Program, TensorId, View } from '../types.ts';
import { ABSENT, type AxisWeight, ONES } from '../views/axis-weight.ts';
import { identityView } from '../views/indexer.ts';
import { type FactorWeight, givenWeight, type ViewWeights } from '../views/weights.ts';
import { axisOffsets, type EinsumInstance } from './einsums.ts';
import type { LookupSection } from './sections.ts';
import type { System } from './system.ts';

/** coefficient · Σ_u tensor(u)·Π factors(u): a linear functional of one tensor's real elements. */
export interface FunctionalTerm {
  readonly tensor: TensorId;
  readonly coefficient: K;
  readonly factors: readonly FactorWeight[];
}

/** Σ terms + constant: what the columns (and public tensors) say about a claimed value. */
export interface Functional {
  readonly terms: readonly FunctionalTerm[];
  readonly constant: K;
}

/** LogUp's challenges. */
export interface LookupChallenges {
  /** Fractions are 1/(shift − fingerprint). */
  readonly shift: K;
  /** Coefficient of tuple component j; the last one is the table id's. */
  readonly betas: readonly K[];
}

/** The value of a form at a point: Σ over logical indices of Π axes(i)·form(i), times `factor`. */
export function formFunctional(
  system: System,
  weights: ViewWeights,
  form: Form,
  dims: readonly number[],
  axes: readonly AxisWeight[],
  factor: K,
): Functional {
  const terms = form.terms.map(({ tensor, coefficient, view, sums }): FunctionalTerm => {
    const shape = system.program.tensors[tensor]?.shape ?? [];
    const all = [...axes, ...sums.map(() => ONES)];
    const { scale, factors } = weights.view(view, shape, [...dims, ...sums], all);
    return { tensor, coefficient: mulK(factor, scaleK(scale, toF(coefficient))), factors };
  });
  const constant =
    form.constant === 0
      ? ZERO
      : mulK(factor, scaleK(weights.boxSum(axes, dims), toF(form.constant)));
  return { terms, constant };
}

export function addFunctionals(parts: readonly Functional[]): Functional {
  return {
    terms: parts.flatMap((part) => part.terms),
    constant: parts.reduce((sum, part) => addK(sum, part.constant), ZERO),
  };
}

/** Weights of the axes of a box whose point is the last coordinates of `point`. */
function boxAxes(
  point: 'lookup' | 'outer' | 'inner',
  pointLength: number,
  lengths: readonly number[],
): readonly AxisWeight[] {
  const offsets = axisOffsets(lengths, pointLength);
  return lengths.map((length, axis) => ({
    kind: 'eq',
    point,
    from: offsets[axis] ?? 0,
    bits: axisBits(length),
    start: 0,
    length,
  }));
}

/** Weights of the logical axes of a LogUp section: its block, at the section's suffix of LogUp's point. */
function sectionAxes({ block, size }: LookupSection, variables: number): readonly AxisWeight[] {
  let from = variables - size;
  return block.bits.map((bits, axis) => {
    const weight: AxisWeight = {
      kind: 'eq',
      point: 'lookup',
      from,
      bits,
      start: block.start[axis] ?? 0,
      length: block.length[axis] ?? 1,
    };
    from += bits;
    return weight;
  });
}

/** eq of the coordinates of LogUp's point before a section's suffix with the section's place. */
function selector({ item, offset }: Placed<LookupSection>, point: readonly K[]): K {
  return eqIndex(point.slice(0, point.length - item.size), offset / 2 ** item.size);
}

/**
 * The two claims that LogUp ends in: numerators and denominators of all fractions at its point ρ,
 *
 *   N̂(ρ) = Σ_sections sel·(lookup: Σ_box eq ; table: −Σ_box eq·multiplicity)
 *   D̂(ρ) = 1 + Σ_sections sel·Σ_box eq·(shift − fingerprint − 1),
 *
 * fractions outside the boxes being 0/1. The blind fraction 0/r adds sel·(r − 1) to D̂(ρ): of that,
 * −sel is in the functional, and `blind` is sel, zero where there is none. sel·r is the caller's.
 */
export function lookupFunctionals(
  system: System,
  weights: ViewWeights,
  challenges: LookupChallenges,
  point: readonly K[],
): { readonly numerator: Functional; readonly denominator: Functional; readonly blind: K } {
  const { program, lookups } = system;
  const numerators: Functional[] = [];
  const denominators: Functional[] = [{ terms: [], constant: ONE }];
  const { betas, shift } = challenges;
  const idBeta = betas[lookups.width] ?? ZERO;
  let blind: K = ZERO;
  for (const placed of lookups.sections) {
    const section = placed.item;
    const sel = selector(placed, point);
    if (section.kind === 'blind') {
      blind = sel;
      denominators.push({ terms: [], constant: negK(sel) });
      continue;
    }
    const axes = sectionAxes(section, lookups.variables);
    const lengths =
      section.kind === 'lookup'
        ? section.relation.dims
        : [program.tables[section.table]?.rows ?? 1];
    const box = weights.boxSum(axes, lengths);
    const table = section.kind === 'lookup' ? section.relation.table : section.table;
    const fixed = subK(subK(shift, ONE), scaleK(idBeta, toF(table + 1)));
    denominators.push({ terms: [], constant: mulK(sel, mulK(box, fixed)) });
    if (section.kind === 'lookup') {
      numerators.push({ terms: [], constant: mulK(sel, box) });
      for (const [j, entry] of section.relation.entries.entries()) {
        denominators.push(
          formFunctional(system, weights, entry, lengths, axes, negK(mulK(sel, betas[j] ?? ZERO))),
        );
      }
      continue;
    }
    const view: View = identityView(lengths);
    const { scale, factors } = weights.view(view, lengths, lengths, axes);
    numerators.push({
      terms: [
        {
          tensor: multiplicityTensor(program, table),
          coefficient: negK(mulK(sel, scale)),
          factors,
        },
      ],
      constant: ZERO,
    });
    const { block } = section;
    const suffix = point.slice(point.length - section.size);
    for (const [j, column] of (program.tables[table]?.columns ?? []).entries()) {
      const value = columnWeight(column, suffix, block.start[0] ?? 0, block.length[0] ?? 1);
      denominators.push({ terms: [], constant: negK(mulK(mulK(sel, betas[j] ?? ZERO), value)) });
    }
  }
  return {
    numerator: addFunctionals(numerators),
    denominator: addFunctionals(denominators),
    blind,
  };
}

/** X^j as elements of K. */
const POWERS_OF_X = givenWeight([
  [1, 0, 0, 0, 0],
  [0, 1, 0, 0, 0],
  [0, 0, 1, 0, 0],
  [0, 0, 0, 1, 0],
  [0, 0, 0, 0, 1],
]);

/** Σ_i coefficients[i]·pad_i of the committed pads, pad_i = Σ_j X^j·cell[j, i] (`padTensor`). */
export function padFunctional(program: Program, coefficients: readonly K[]): Functional {
  if (coefficients.length === 0) return { terms: [], constant: ZERO };
  const factors = [POWERS_OF_X, givenWeight(coefficients)];
  return { terms: [{ tensor: padTensor(program), coefficient: ONE, factors }], constant: ZERO };
}

/** The linear part of a zero relation at its point, the last coordinates of τ*: vanishes together with its products. */
export function zeroFunctional(system: System, weights: ViewWeights, relation: number): Functional {
  const entry = system.program.relations[relation];
  if (entry === undefined || entry.kind !== 'zero')
    throw new RangeError(`zeroFunctional: expected a zero relation, got ${relation}`);
  return formFunctional(
    system,
    weights,
    entry.form,
    entry.dims,
    boxAxes('outer', system.einsums.outerVariables, entry.dims),
    ONE,
  );
}

/** Axis weights of one operand of an einsum: its own output axes at τ, shared and sum axes at r. */
export function operandAxes(
  system: System,
  instance: EinsumInstance,
  side: 'left' | 'right',
): readonly AxisWeight[] {
  const { outerVariables, innerVariables } = system.einsums;
  const outputs = instance.lengths.slice(0, instance.outputAxes);
  const outer = boxAxes('outer', outerVariables, outputs);
  const innerOrder = [...instance.shared, ...instance.lengths.keys()].filter(
    (axis, i) => i < instance.shared.length || axis >= instance.outputAxes,
  );
  const inner = boxAxes(
    'inner',
    innerVariables,
    innerOrder.map((axis) => instance.lengths[axis] ?? 1),
  );
  return instance.lengths.map((_, axis) => {
    const at = innerOrder.indexOf(axis);
    if (at >= 0) return inner[at] ?? ABSENT;
    return instance[side].includes(axis) ? (outer[axis] ?? ABSENT) : ABSENT;
  });
}

/** What an operand's claimed evaluation must be. */
export function operandFunctional(
  system: System,
  weights: ViewWeights,
  instance: EinsumInstance,
  side: 'left' | 'right',
): Functional {
  const form = instance.product[side];
  return formFunctional(
    system,
    weights,
    form,
    instance.lengths,
    operandAxes(system, instance, side),
    ONE,
  );
}

/** Coordinates of τ* that belong to the shared axes of an instance, in the order of its variables. */
export function sharedPoint(
  system: System,
  instance: EinsumInstance,
  outer: readonly K[],
): readonly K[] {
  const outputs = instance.lengths.slice(0, instance.outputAxes);
  const offsets = axisOffsets(outputs, system.einsums.outerVariables);
  return instance.shared.flatMap((axis) => {
    const from = offsets[axis] ?? 0;
    return outer.slice(from, from + axisBits(outputs[axis] ?? 1));
  });
}

/** λ^i · coefficient: what an instance counts for in C. */
export function instanceCoefficient(power: K, instance: EinsumInstance): K {
  return mulK(power, intK(instance.product.coefficient));
}
