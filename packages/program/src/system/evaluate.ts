import { addK, type K, mulK, ZERO } from '@assay/core/field';
import { eqIndex, eqTable, innerProduct } from '@assay/core/poly';
import type { Layout, StoredBlock } from '../layout/layout.ts';
import type { TensorId } from '../types.ts';
import type { FactorWeight, ViewWeights } from '../views/weights.ts';
import type { Functional, FunctionalTerm } from './claims.ts';

/** Values of tensors that both sides know: inputs, outputs, constants. */
export type PublicValues = ReadonlyMap<TensorId, ArrayLike<number>>;

/** Σ_u values(u)·Π factors(u) for a tensor that is known: factors contracted from the last to the first. */
function contract(
  weights: ViewWeights,
  factors: readonly FactorWeight[],
  values: ArrayLike<number>,
): K {
  const last = factors.at(-1);
  if (last === undefined) return innerProduct(values, [[1, 0, 0, 0, 0]]);
  const vector = weights.factorVector(last);
  const outer = values.length / vector.length;
  let rows: K[] = [];
  for (let i = 0; i < outer; i++) rows.push(innerProduct(values, vector, i * vector.length));
  for (const factor of factors.slice(0, -1).reverse()) {
    const column = weights.factorVector(factor);
    const next: K[] = [];
    for (let i = 0; i < rows.length; i += column.length) {
      next.push(column.reduce((sum, w, u) => addK(sum, mulK(w, rows[i + u] ?? ZERO)), ZERO));
    }
    rows = next;
  }
  return rows[0] ?? ZERO;
}

/** Moves the terms of known tensors into the constant. */
export function evaluatePublic(
  functional: Functional,
  weights: ViewWeights,
  known: PublicValues,
): Functional {
  let { constant } = functional;
  const terms: FunctionalTerm[] = [];
  for (const term of functional.terms) {
    const values = known.get(term.tensor);
    if (values === undefined) terms.push(term);
    else constant = addK(constant, mulK(term.coefficient, contract(weights, term.factors, values)));
  }
  return { terms, constant };
}

/** The part of a block that belongs to one factor: consecutive axes. */
function blockAxes(
  block: StoredBlock,
  from: number,
  count: number,
): {
  readonly start: readonly number[];
  readonly length: readonly number[];
  readonly bits: readonly number[];
} {
  return {
    start: block.start.slice(from, from + count),
    length: block.length.slice(from, from + count),
    bits: block.bits.slice(from, from + count),
  };
}

/** Longer eq tables cost no more than the walk that they are made for, and are not kept. */
const MOST_KEPT_BITS = 14;

/**
 * The multilinear extension at ρ of the weight polynomial of functionals over the committed columns:
 * Σ_terms coefficient·Σ_blocks eq(ρ_high, place)·Π_factors Σ_u weight(u)·eq(ρ_axes, u).
 */
export class WeightEvaluator {
  readonly #layout: Layout;
  readonly #weights: ViewWeights;
  readonly #rho: readonly K[];
  readonly #tables = new Map<string, readonly K[]>();
  readonly #selectors = new Map<string, K>();
  readonly #factors = new Map<string, K>();

  constructor(layout: Layout, weights: ViewWeights, rho: readonly K[]) {
    this.#layout = layout;
    this.#weights = weights;
    this.#rho = rho;
  }

  #selector({ address, size }: StoredBlock): K {
    const key = `${address}:${size}`;
    const known = this.#selectors.get(key);
    if (known !== undefined) return known;
    const value = eqIndex(this.#rho.slice(0, this.#rho.length - size), address / 2 ** size);
    this.#selectors.set(key, value);
    return value;
  }

  #table(from: number, bits: number): readonly K[] {
    if (bits > MOST_KEPT_BITS) return eqTable(this.#rho.slice(from, from + bits));
    const key = `${from}:${bits}`;
    const known = this.#tables.get(key);
    if (known !== undefined) return known;
    const table = eqTable(this.#rho.slice(from, from + bits));
    this.#tables.set(key, table);
    return table;
  }

  /** Value at ρ of one factor restricted to a block; `from` is the first coordinate of the block's axes. */
  #factor(factor: FactorWeight, block: StoredBlock, axis: number, from: number): K {
    const axes = blockAxes(block, axis, factor.storage.length);
    const key = `${this.#weights.factorKey(factor)}@${from}:${axes.start.join()}:${axes.length.join()}`;
    const known = this.#factors.get(key);
    if (known !== undefined) return known;
    const rho: K[][] = [];
    let at = from;
    for (const bits of axes.bits) {
      rho.push(this.#rho.slice(at, at + bits));
      at += bits;
    }
    const value = this.#weights.evaluate(factor, axes, rho, () => this.#table(from, at - from));
    this.#factors.set(key, value);
    return value;
  }

  term(term: FunctionalTerm): K {
    let sum: K = ZERO;
    for (const block of this.#layout.blocks.get(term.tensor) ?? []) {
      let value = this.#selector(block);
      let axis = 0;
      let from = this.#rho.length - block.size;
      for (const factor of term.factors) {
        value = mulK(value, this.#factor(factor, block, axis, from));
        for (const bits of block.bits.slice(axis, axis + factor.storage.length)) from += bits;
        axis += factor.storage.length;
      }
      sum = addK(sum, value);
    }
    return mulK(term.coefficient, sum);
  }

  functional(functional: Functional): K {
    return functional.terms.reduce((sum, term) => addK(sum, this.term(term)), ZERO);
  }
}
