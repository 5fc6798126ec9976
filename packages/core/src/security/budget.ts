import { type OracleShape, oracleShapes, totalVariables } from '../pcs/parameters.ts';
import {
  bitsPerQuery,
  blindingBits,
  CHALLENGE_BITS,
  foldBits,
  johnson,
  MAX_PROXIMITY_PARAMETER,
  outOfDomainBits,
  shiftBits,
} from './formulas.ts';
import type { ProofParameters } from './parameters.ts';

/** What the statement makes of the argument: counts that enter the error terms. */
export interface ArgumentSizes {
  /** Fractions of the lookup argument, lookups and table rows; 0: no lookups. */
  readonly fractions: number;
  /** Total degree in (α, β) of a fraction's denominator. */
  readonly fingerprintDegree: number;
  /** log2 of the fractions sent in clear on top of the tree; unused where LogUp starts at its root. */
  readonly topVariables: number;
  /** |τ*|. */
  readonly outputVariables: number;
  /** Einsum relations batched by λ; 0: no sumcheck. */
  readonly einsums: number;
  /** Degree of the batched sumcheck's round polynomials: 2 or 3. */
  readonly sumcheckDegree: number;
  /** Claims batched by γ, out-of-domain pairs included, and the batch of S6 in the hiding profile. */
  readonly claims: number;
  /** Hiding profile: products checked with a committed triple. */
  readonly products: number;
  /** Hiding profile: linear forms in the pads that must vanish, besides three for each product. */
  readonly checks: number;
}

export interface BudgetTerm {
  /** Protocol step and what may go wrong there. */
  readonly name: string;
  /** −log2 of the error of that step, proof of work included. */
  readonly bits: number;
  /** How many of these bits are proof of work. */
  readonly powBits: number;
}

export interface SecurityBudget {
  readonly terms: readonly BudgetTerm[];
  /** Smallest term: soundness is round by round, in the random oracle model. */
  readonly bits: number;
}

/** 32-byte digests. */
export const COLLISION_BITS = 128;

/**
 * Taken off every computed term: Math.log2 and Math.pow may differ between engines in their last bit.
 * `deriveParameters` keeps twice as much in hand, so that all engines agree on its parameters.
 */
export const ROUNDING_MARGIN_BITS = 1e-6;

interface OracleTerms {
  readonly logList: number;
  readonly delta: number;
  readonly fold: number;
  readonly outOfDomain: number;
  /** Of step d of the blinded opening: the line f_1 + ρ·R_1. */
  readonly line: number;
}

/**
 * Oracle i's own terms under the proximity parameter m that makes the smallest of them largest.
 * `blinding`: the proof of work before ρ, null where nothing is blinded.
 */
function analyseOracle(shape: OracleShape, samples: number, blinding: number | null): OracleTerms {
  const { variables, folding, logInverseRate } = shape;
  let best: OracleTerms | undefined;
  let bestBits = Number.NEGATIVE_INFINITY;
  for (let m = 1; m <= MAX_PROXIMITY_PARAMETER; m++) {
    const { delta, logList } = johnson(variables, logInverseRate, m);
    const terms: OracleTerms = {
      logList,
      delta,
      fold: foldBits(variables, logInverseRate, m, CHALLENGE_BITS),
      outOfDomain: outOfDomainBits(variables, samples, logList, CHALLENGE_BITS),
      line: blindingBits(variables - folding, logInverseRate, m, CHALLENGE_BITS),
    };
    const queried = delta > 0 ? shape.queries * bitsPerQuery(delta) + shape.queryPowBits : -1;
    const blinded = blinding === null ? Number.POSITIVE_INFINITY : terms.line + blinding;
    // All but `queried` fall as m grows.
    const falling = Math.min(terms.fold + shape.foldPowBits, terms.outOfDomain, blinded);
    if (falling < bestBits) break;
    const bits = Math.min(falling, queried);
    if (best === undefined || bits > bestBits) {
      best = terms;
      bestBits = bits;
    }
  }
  return best ?? { logList: 0, delta: 0, fold: 0, outOfDomain: 0, line: 0 };
}

/** −log2 of count/|K|, for a challenge with `count` bad values at most. */
function schwartzZippel(count: number): number {
  return CHALLENGE_BITS - Math.log2(Math.max(1, count));
}

/**
 * Every error term of the argument for structurally valid parameters. A term is the error of one
 * verifier message; the smallest counts (round-by-round soundness under Fiat–Shamir).
 *
 *   S1    registered pairs, S2 fresh pairs    ½·ℓ_0²·(2^n/|K|)^s
 *   S3    α, β                                fractions·degree/|K|, divided by 2^pow
 *   S4    point under the top layer           (T + 1)/|K|;   rounds 3/|K|;   δ and λ 2/|K|
 *   S5    τ*, λ                               (|τ*| + einsums)/|K|;   rounds degree/|K|
 *   S6    ρ_s, θ                              products/|K|;   (3·products + checks)/|K|
 *   S7    γ                                   claims·ℓ_0/|K|, divided by 2^pow
 *   S8    mask ρ'                             ℓ_0/|K|: σ_p is fixed before it, for each (f, R) in the list
 *   S8    ρ                                   2·ℓ_0/|K| + ε_line(dimension M), divided by 2^pow
 *   S8    γ'                                  ℓ_0/|K|: two claims about g
 *   S8    per oracle                          fold, out of domain, queries: see formulas.ts
 *   hash  collisions of 32-byte digests       2^−128
 *
 * S6, ρ', ρ and γ' occur in the hiding profile only (`p.whir.blinding`); there LogUp starts at its root
 * and has no top layer. R's columns belong to the first oracle's interleaved words: the list of pairs
 * (f, R) is no longer than ℓ_0, but only f is pinned by out-of-domain answers.
 */
export function securityBudget(p: ProofParameters, sizes: ArgumentSizes): SecurityBudget {
  const terms: BudgetTerm[] = [];
  const add = (name: string, algebraicBits: number, powBits: number): void => {
    terms.push({ name, bits: algebraicBits - ROUNDING_MARGIN_BITS + powBits, powBits });
  };

  const n = totalVariables(p.whir);
  const { blinding } = p.whir;
  const shapes = oracleShapes(p.whir);
  const pinned = Math.min(p.registeredSamples, shapes[0]?.oodSamples ?? 0);
  const oracles = shapes.map((shape, i) => ({
    shape,
    terms: analyseOracle(
      shape,
      i === 0 ? pinned : shape.oodSamples,
      i === 0 ? (blinding?.powBits ?? null) : null,
    ),
  }));
  const list0 = oracles[0]?.terms.logList ?? 0;

  add(
    'S1 registered out-of-domain pairs',
    outOfDomainBits(n, p.registeredSamples, list0, CHALLENGE_BITS),
    0,
  );
  add(
    'S2 out-of-domain answers',
    outOfDomainBits(n, shapes[0]?.oodSamples ?? 0, list0, CHALLENGE_BITS),
    0,
  );
  if (sizes.fractions > 0) {
    add(
      'S3 lookup challenges',
      schwartzZippel(sizes.fractions * sizes.fingerprintDegree),
      p.lookupPowBits,
    );
    if (blinding === null) add('S4 top layer point', schwartzZippel(sizes.topVariables + 1), 0);
    add('S4 layer rounds', schwartzZippel(3), 0);
    add('S4 layer points', schwartzZippel(2), 0);
  }
  add(
    'S5 output point and relation batch',
    schwartzZippel(sizes.outputVariables + sizes.einsums),
    0,
  );
  if (sizes.einsums > 0) add('S5 sumcheck rounds', schwartzZippel(sizes.sumcheckDegree), 0);
  if (blinding !== null) {
    add('S6 triples', schwartzZippel(sizes.products), 0);
    add('S6 check batch', schwartzZippel(3 * sizes.products + sizes.checks), 0);
  }
  add('S7 claim batch', schwartzZippel(sizes.claims) - list0, p.batchPowBits);
  if (blinding !== null) add('S8 mask', schwartzZippel(1) - list0, 0);
  for (const [i, { shape, terms: own }] of oracles.entries()) {
    if (i > 0) add(`S8 out-of-domain answers, oracle ${i}`, own.outOfDomain, 0);
    add(`S8 fold rounds, oracle ${i}`, own.fold, shape.foldPowBits);
    if (i === 0 && blinding !== null) {
      add('S8 blinding', own.line, blinding.powBits);
      add('S8 blinding batch', schwartzZippel(1) - list0, 0);
    }
    const next = oracles[i + 1];
    const queried =
      next === undefined
        ? shape.queries * bitsPerQuery(own.delta)
        : shiftBits(
            own.delta,
            shape.queries,
            next.terms.logList,
            next.shape.oodSamples,
            CHALLENGE_BITS,
          );
    add(`S8 queries, oracle ${i}`, queried, shape.queryPowBits);
  }
  add('S8 final rounds', schwartzZippel(2), 0);
  terms.push({ name: 'hash collisions', bits: COLLISION_BITS, powBits: 0 });
  return {
    terms,
    bits: terms.reduce((least, t) => Math.min(least, t.bits), Number.POSITIVE_INFINITY),
  };
}

/** Provable bits of structurally valid parameters for a statement of these sizes. */
export function securityBits(p: ProofParameters, sizes: ArgumentSizes): number {
  return securityBudget(p, sizes).bits;
}

/** Rows for a table: step, bits, of which proof of work. */
export function describeBudget(budget: SecurityBudget): string[][] {
  return budget.terms.map((t) => [
    t.name,
    t.bits.toFixed(1),
    t.powBits === 0 ? '' : String(t.powBits),
  ]);
}
