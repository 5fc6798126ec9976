import { addK, type K, mulK, negK, ONE, ZERO } from '@assay/core/field';
import {
  addValues,
  blindPad,
  constantValue,
  type HidingLedger,
  padValue,
  scaleValue,
  type Value,
} from '@assay/core/linear';
import { type ColumnRange, evaluatePowerWeight, registeredPoints } from '@assay/core/pcs';
import {
  type ColumnSpan,
  evaluatePublic,
  type Functional,
  instanceCoefficient,
  type LookupChallenges,
  lookupFunctionals,
  operandFunctional,
  padFunctional,
  type PublicValues,
  type Span,
  ViewWeights,
  WeightEvaluator,
  zeroFunctional,
} from '@assay/program';
import { commitmentBinding } from '../commitment/index.ts';
import type { CommittedValues, Statement } from '../statement.ts';
import type { Argument } from './argument.ts';
import { committedPorts, modelBinding } from './commitments.ts';

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

/** What claims are made of, besides the transcript. */
export interface Given {
  readonly known: PublicValues;
  readonly statement: Statement;
  /** S6: Σ_q θ^q·E_q, which must vanish; null in the plain profile. */
  readonly checks: Value | null;
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

/** Registered pairs of one root as claims: its points follow from root and shape, its answers are its name. */
function registeredClaims(
  { key, layout }: Argument,
  { root, yReg }: CommittedValues,
  span: Span,
  binding: readonly number[],
): Claim[] {
  const { whir, registeredSamples } = key.parameters;
  const shape = {
    root,
    logRows: layout.logRows,
    logInverseRate: whir.logInverseRates[0] ?? 0,
    columns: span.columns,
    binding,
  };
  return registeredPoints(shape, registeredSamples).map((z, i) => ({
    weight: { kind: 'power', z, span },
    value: constantValue(yReg[i] ?? ZERO),
  }));
}

/**
 * S7: every claim about the columns, in the fixed order: registered pairs of the model and of
 * committed ports, out-of-domain answers, LogUp's numerator and denominator, relations without
 * products, C, operands, the checks of S6. Terms of public tensors are evaluated and moved into the
 * constants.
 */
export function collectClaims(
  argument: Argument,
  { known, statement, checks }: Given,
  t: Transcribed,
): { readonly claims: readonly Claim[]; readonly weights: ViewWeights } {
  const { key, system, layout } = argument;
  const weights = new ViewWeights({
    lookup: t.lookup?.point ?? [],
    outer: t.outer,
    inner: t.inner,
  });
  const { model, earlier } = layout;
  const claims = registeredClaims(argument, key.model, model, modelBinding(argument, model));
  if (earlier !== null && statement.earlier !== undefined) {
    const binding = modelBinding(argument, earlier);
    claims.push(...registeredClaims(argument, statement.earlier, earlier, binding));
  }
  for (const { port, span, values } of committedPorts(argument, statement)) {
    const shape = system.program.tensors[port.tensor]?.shape ?? [];
    const binding = commitmentBinding({ tailRows: span.tailRows, shape });
    claims.push(...registeredClaims(argument, values, span, binding));
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
    const { numerator, denominator, blind } = lookupFunctionals(
      system,
      weights,
      t.lookup.challenges,
      t.lookup.point,
    );
    claim(numerator, t.lookup.numerator);
    // The blind fraction's denominator r is a committed pad: sel·r moves to the value's side.
    const blinded = system.hiding
      ? scaleValue(padValue(blindPad(argument.pads)), negK(blind))
      : constantValue(ZERO);
    claim(denominator, addValues(t.lookup.denominator, blinded));
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
  if (checks !== null) claim({ terms: [], constant: ZERO }, checks);
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
  readonly value: K;
  /** Weights with their powers of γ; in the hiding profile last those of the pads. */
  readonly weights: readonly { readonly coefficient: K; readonly weight: ClaimWeight }[];
}

/** How values become claims: by the ledger that knows the pads, or as the constants they are. */
export function resolver(
  ledger: HidingLedger | null,
): (value: Value) => { readonly constant: K; readonly pads: readonly K[] } {
  return (value) => ledger?.resolve(value) ?? { constant: value.constant, pads: [] };
}

/**
 * Joins the claims. Their values are linear in the pads, which are committed like everything else:
 * ⟨W, columns⟩ = constant + Σ c_i·pad_i is the claim that W and −c on the pads give the constant.
 *
 * @param resolve - The ledger's: a value as constant and coefficients of pads.
 */
export function joinClaims(
  argument: Argument,
  claims: readonly Claim[],
  gamma: K,
  resolve: ReturnType<typeof resolver>,
): JoinedClaim {
  let power: K = ONE;
  let value = constantValue(ZERO);
  const weights: { readonly coefficient: K; readonly weight: ClaimWeight }[] = [];
  for (const claim of claims) {
    value = addValues(value, scaleValue(claim.value, power));
    weights.push({ coefficient: power, weight: claim.weight });
    power = mulK(power, gamma);
  }
  const { constant, pads } = resolve(value);
  if (pads.length > 0) {
    const functional = padFunctional(argument.system.program, pads);
    weights.push({ coefficient: negK(ONE), weight: { kind: 'functional', functional } });
  }
  return { value: constant, weights };
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
