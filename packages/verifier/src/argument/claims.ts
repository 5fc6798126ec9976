import { addK, type K, mulK, negK, ONE, ZERO } from '@assay/core/field';
import { addValues, constantValue, scaleValue, type Value } from '@assay/core/linear';
import { type ColumnRange, evaluatePowerWeight, registeredPoints } from '@assay/core/pcs';
import {
  type ColumnSpan,
  evaluatePublic,
  type Functional,
  instanceCoefficient,
  type LookupChallenges,
  lookupFunctionals,
  operandFunctional,
  type PublicValues,
  ViewWeights,
  WeightEvaluator,
  zeroFunctional,
} from '@assay/program';
import type { Argument } from './argument.ts';

/** z^index over the columns of one commitment: an out-of-domain sample. */
export interface PowerWeight {
  readonly kind: 'power';
  readonly z: K;
  readonly span: ColumnSpan;
}

export type ClaimWeight =
  | PowerWeight
  | { readonly kind: 'functional'; readonly functional: Functional };

/** ⟨weight, columns⟩ = value. */
export interface Claim {
  readonly weight: ClaimWeight;
  readonly value: Value;
}

/** What the steps before S7 left behind. */
export interface Transcribed {
  /** S2: samples of the witness columns and their answers. */
  readonly outOfDomain: readonly { readonly z: K; readonly answer: Value }[];
  /** S3–S4; null: the program has no lookups. */
  readonly lookup: {
    readonly challenges: LookupChallenges;
    readonly point: readonly K[];
    readonly numerator: Value;
    readonly denominator: Value;
  } | null;
  /** S5. */
  readonly outer: readonly K[];
  readonly inner: readonly K[];
  readonly lambda: K;
  /** C, the claim of all einsums. */
  readonly batched: Value;
  /** By instance. */
  readonly operands: readonly { readonly left: Value; readonly right: Value }[];
}

/** Powers of λ by relation: λ^i for the i-th zero relation that has products. */
export function relationPowers(argument: Argument, lambda: K): ReadonlyMap<number, K> {
  const powers = new Map<number, K>();
  let power: K = ONE;
  for (const { relation } of argument.system.einsums.instances) {
    if (powers.has(relation)) continue;
    powers.set(relation, power);
    power = mulK(power, lambda);
  }
  return powers;
}

/** λ^i·coefficient by instance: how instances add up to C. */
export function instanceCoefficients(argument: Argument, lambda: K): readonly K[] {
  const powers = relationPowers(argument, lambda);
  return argument.system.einsums.instances.map((instance) =>
    instanceCoefficient(powers.get(instance.relation) ?? ZERO, instance),
  );
}

/**
 * S7: every claim about the columns, in the fixed order: registered pairs, out-of-domain answers,
 * LogUp's numerator and denominator, relations without products, C, operands. Terms of public
 * tensors are evaluated and moved into the constants.
 */
export function collectClaims(
  argument: Argument,
  known: PublicValues,
  t: Transcribed,
): { readonly claims: readonly Claim[]; readonly weights: ViewWeights } {
  const { key, system, layout } = argument;
  const { model, parameters } = key;
  const weights = new ViewWeights({
    lookup: t.lookup?.point ?? [],
    outer: t.outer,
    inner: t.inner,
  });
  const claims: Claim[] = [];
  const points = registeredPoints(
    {
      root: model.root,
      logRows: layout.logRows,
      logInverseRate: parameters.whir.logInverseRates[0] ?? 0,
      columns: layout.model.columns,
    },
    parameters.registeredSamples,
  );
  for (const [i, z] of points.entries()) {
    claims.push({
      weight: { kind: 'power', z, span: layout.model },
      value: constantValue(model.yReg[i] ?? ZERO),
    });
  }
  for (const { z, answer } of t.outOfDomain) {
    claims.push({ weight: { kind: 'power', z, span: layout.witness }, value: answer });
  }
  // functional(columns) + constant = value, what is known moved to the right
  const claim = (functional: Functional, value: Value): void => {
    const committed = evaluatePublic(functional, weights, known);
    claims.push({
      weight: { kind: 'functional', functional: { terms: committed.terms, constant: ZERO } },
      value: addValues(value, constantValue(negK(committed.constant))),
    });
  };
  if (t.lookup !== null) {
    const { numerator, denominator } = lookupFunctionals(
      system,
      weights,
      t.lookup.challenges,
      t.lookup.point,
    );
    claim(numerator, t.lookup.numerator);
    claim(denominator, t.lookup.denominator);
  }
  const powers = relationPowers(argument, t.lambda);
  const batched: Functional[] = [];
  for (const [id, relation] of system.program.relations.entries()) {
    if (relation.kind !== 'zero') continue;
    const functional = zeroFunctional(system, weights, id);
    const power = powers.get(id);
    if (power === undefined) claim(functional, constantValue(ZERO));
    else batched.push(scaleFunctional(functional, power));
  }
  if (batched.length > 0) {
    // Σ λ^i·(linear part of relation i) = −C
    const sum: Functional = {
      terms: batched.flatMap((f) => f.terms),
      constant: batched.reduce((total, f) => addK(total, f.constant), ZERO),
    };
    claim(sum, scaleValue(t.batched, negK(ONE)));
  }
  for (const [i, instance] of system.einsums.instances.entries()) {
    const operands = t.operands[i];
    if (operands === undefined) continue;
    claim(operandFunctional(system, weights, instance, 'left'), operands.left);
    claim(operandFunctional(system, weights, instance, 'right'), operands.right);
  }
  return { claims, weights };
}

function scaleFunctional({ terms, constant }: Functional, factor: K): Functional {
  return {
    terms: terms.map((term) => ({ ...term, coefficient: mulK(factor, term.coefficient) })),
    constant: mulK(factor, constant),
  };
}

/** Σ γ^l·claim_l: one claim for the opening. No claim is carried into it, so that powers start at γ^0. */
export interface JoinedClaim {
  readonly value: Value;
  /** Weights with their powers of γ. */
  readonly weights: readonly { readonly coefficient: K; readonly weight: ClaimWeight }[];
}

export function joinClaims(claims: readonly Claim[], gamma: K): JoinedClaim {
  let power: K = ONE;
  let value = constantValue(ZERO);
  const weights: { readonly coefficient: K; readonly weight: ClaimWeight }[] = [];
  for (const claim of claims) {
    value = addValues(value, scaleValue(claim.value, power));
    weights.push({ coefficient: power, weight: claim.weight });
    power = mulK(power, gamma);
  }
  return { value, weights };
}

function rangeOf(span: ColumnSpan): ColumnRange {
  return { first: span.firstColumn, count: span.columns };
}

/** The joined weight polynomial at ρ, all n coordinates. */
export function evaluateJoinedWeight(
  argument: Argument,
  weights: ViewWeights,
  joined: JoinedClaim,
  rho: readonly K[],
): K {
  const evaluator = new WeightEvaluator(argument.layout, weights, rho);
  return joined.weights.reduce((sum, { coefficient, weight }) => {
    const value =
      weight.kind === 'power'
        ? evaluatePowerWeight(weight.z, argument.layout.logRows, rangeOf(weight.span), rho)
        : evaluator.functional(weight.functional);
    return addK(sum, mulK(coefficient, value));
  }, ZERO);
}
