import { isZeroK, type K, mulK, subK, ZERO } from '../field/index.ts';
import { padCoefficients } from './graph.ts';
import type { Ledger } from './ledger.ts';
import { type PadShape, padCount, productPads } from './pads.ts';
import {
  addValues,
  constantValue,
  isKnown,
  padValue,
  scaleValue,
  subValues,
  type Value,
} from './value.ts';

/** Both operands have pads: their product is sent, and checked with a committed triple. */
export interface PaddedProduct {
  readonly x: Value;
  readonly y: Value;
}

/** What the prover sends, and is asked, about all products at once. */
export interface Settlement {
  /** c_z = x·y + π_z, by product. */
  readonly products: readonly K[];
  /** Sampled once the products are observed. */
  readonly rho: K;
  /** ρx − x', by product. */
  readonly e: readonly K[];
  /** y − y', by product. */
  readonly f: readonly K[];
}

/** constant + Σ pads[i]·pad i. */
export interface ResolvedValue {
  readonly constant: K;
  readonly pads: readonly K[];
}

/**
 * The hiding profile. A message c stands for m = c − π, π its pad, so that what the verifier
 * computes is linear in the pads; whether it vanishes is for the opening to say, in which the pads
 * are committed.
 *
 * A product of two such values is sent as c_z = z + π_z. It is checked against a committed triple
 * x', y', z' = x'·y' of which nothing else is ever said: for a challenge ρ the prover opens
 * e = ρx − x' and f = y − y', which are uniform, and
 *
 *   ρz − z' − e·y − f·x' = ρ·(z − xy) − (z' − x'y')
 *
 * vanishes for at most one ρ unless z = xy and z' = x'y'.
 *
 * Source:      Beaver triples with sacrifice; one-time pads as in Longfellow (2024/2010).
 * Soundness:   1/|K| for each product, given that all checks of `settle` hold.
 * Caller must: receive messages in wire order; commit the pads before any challenge; settle once all
 *              products are there, and have every value that `settle` returns shown to be zero.
 */
export class HidingLedger implements Ledger {
  readonly shape: PadShape;
  readonly #products: PaddedProduct[] = [];
  readonly #checks: Value[] = [];
  #received = 0;
  #sent: readonly K[] | null = null;

  constructor(shape: PadShape) {
    this.shape = shape;
  }

  /** Products so far, in the order of their triples. */
  get products(): readonly PaddedProduct[] {
    return this.#products;
  }

  /** @throws {RangeError} when the shape's messages are used up. */
  received(k: K): Value {
    const pad = this.#received;
    if (pad >= this.shape.messages) {
      throw new RangeError(
        `HidingLedger.received: expected ${this.shape.messages} messages, got more`,
      );
    }
    this.#received += 1;
    return subValues(constantValue(k), padValue(pad));
  }

  /**
   * A known operand scales the other one.
   *
   * @returns −π_z for two that have pads: c_z is added once it is there, by `resolve`.
   * @throws {RangeError} when the shape's products are used up.
   */
  product(x: Value, y: Value): Value {
    if (isKnown(y)) return scaleValue(x, y.constant);
    if (isKnown(x)) return scaleValue(y, x.constant);
    const index = this.#products.length;
    const { product } = productPads(this.shape, index);
    this.#products.push({ x, y });
    return this.#result(product);
  }

  requireZero(v: Value): boolean {
    if (isKnown(v)) return isZeroK(v.constant);
    this.#checks.push(v);
    return true;
  }

  /**
   * Takes the products, and gives everything that must be zero, in a fixed order: what was required
   * before, then for each product
   *
   *   e − ρx + x',   f − y + y',   ρz − z' − e·y − f·x'.
   *
   * @throws {RangeError} unless all messages and products of the shape are there, and as many
   * elements of each kind as products; on a second call.
   */
  settle({ products, rho, e, f }: Settlement): readonly Value[] {
    const { shape } = this;
    const counts = [this.#received, this.#products.length, products.length, e.length, f.length];
    const expected = [shape.messages, ...Array.from({ length: 4 }, () => shape.products)];
    if (counts.join() !== expected.join()) {
      throw new RangeError(
        `HidingLedger.settle: expected ${expected} messages, products, c_z, e, f, got ${counts}`,
      );
    }
    if (this.#sent !== null)
      throw new RangeError('HidingLedger.settle: expected one call, got two');
    this.#sent = products;
    const values = this.#checks.slice();
    for (const [t, { x, y }] of this.#products.entries()) {
      const pads = productPads(shape, t);
      const [et = ZERO, ft = ZERO] = [e[t], f[t]];
      const xPad = padValue(pads.x);
      values.push(
        addValues(subValues(constantValue(et), scaleValue(x, rho)), xPad),
        addValues(subValues(constantValue(ft), y), padValue(pads.y)),
        subValues(
          subValues(scaleValue(this.#result(pads.product), rho), padValue(pads.z)),
          addValues(scaleValue(y, et), scaleValue(xPad, ft)),
        ),
      );
    }
    return values;
  }

  /**
   * A value as its constant and the coefficient of every pad.
   *
   * Cost: one product for each part of the values that v is made of.
   * @throws {TypeError} on a value with a product in it before `settle`.
   */
  resolve(v: Value): ResolvedValue {
    const pads = padCoefficients(v, padCount(this.shape));
    let { constant } = v;
    for (const t of this.#products.keys()) {
      const coefficient = pads[productPads(this.shape, t).product] ?? ZERO;
      if (isZeroK(coefficient)) continue;
      if (this.#sent === null) {
        throw new TypeError(
          `HidingLedger.resolve: expected settled products, got a value with product ${t}`,
        );
      }
      // the pad occurs in c_z − π_z alone
      constant = subK(constant, mulK(coefficient, this.#sent[t] ?? ZERO));
    }
    return { constant, pads };
  }

  /** c_z − π_z without c_z. */
  #result(pad: number): Value {
    return subValues(constantValue(ZERO), padValue(pad));
  }
}
