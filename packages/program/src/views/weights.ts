import { addK, type K, mulK, ONE, scaleK, toF, ZERO } from '@assay/core/field';
import { boxEq, eqIndex, eqTable, rangeSum } from '@assay/core/poly';
import { axisBits, elementCount } from '../shape/dimensions.ts';
import type { View, ViewFactor } from '../types.ts';
import { type AxisWeight, axisWeightKey, type PointName } from './axis-weight.ts';
import { carryWeight } from './carry.ts';

/** A vector that is given as it is, over one storage axis. */
export interface GivenFactor {
  readonly kind: 'given';
  readonly values: readonly K[];
}

/** A part of a view's weight: a vector over the row-major positions of the storage axes it covers. */
export interface FactorWeight {
  readonly factor: ViewFactor | GivenFactor;
  /** Lengths of the storage axes covered. */
  readonly storage: readonly number[];
  /** Weights and lengths of the logical axes read, in the factor's own order. */
  readonly axes: readonly { readonly weight: AxisWeight; readonly length: number }[];
}

/** A factor over one storage axis whose weights are `values`. Its key is the object's identity. */
export function givenWeight(values: readonly K[]): FactorWeight {
  return { factor: { kind: 'given', values }, storage: [values.length], axes: [] };
}

/** Weight of a view as a product over its factors, times the sums of the axes it does not read. */
export interface ViewWeight {
  readonly scale: K;
  readonly factors: readonly FactorWeight[];
}

/** Storage positions of one block along the axes of a factor. */
export interface BlockAxes {
  readonly start: readonly number[];
  readonly length: readonly number[];
  readonly bits: readonly number[];
}

function axesOf(factor: ViewFactor): readonly number[] {
  switch (factor.kind) {
    case 'affine':
      return factor.strides.map((s) => s.axis);
    case 'gather':
      return [factor.axis];
    case 'reshape':
      return factor.axes;
  }
}

function product(values: readonly K[]): K {
  return values.reduce(mulK, ONE);
}

/** Elements of K (about 100 bytes each) that are kept; beyond, they are computed again. */
export const CACHED_ELEMENTS: number = 4_194_304;

/**
 * Weights of views in closed form, over the three points of one proof. Both sides use it: the
 * prover reads vectors, the verifier inner products with eq(ρ, ·). Cached by content.
 */
export class ViewWeights {
  readonly #points: Readonly<Record<PointName, readonly K[]>>;
  readonly #axes = new Map<string, readonly K[]>();
  readonly #vectors = new Map<string, readonly K[]>();
  /** Long factors are named by the order in which they came. */
  readonly #names = new Map<ViewFactor | GivenFactor, number>();
  #cached = 0;

  constructor(points: Readonly<Record<PointName, readonly K[]>>) {
    this.#points = points;
  }

  #keep(cache: Map<string, readonly K[]>, key: string, vector: readonly K[]): void {
    this.#cached += vector.length;
    if (this.#cached > CACHED_ELEMENTS) {
      this.#axes.clear();
      this.#vectors.clear();
      this.#cached = vector.length;
    }
    cache.set(key, vector);
  }

  #pointOf(weight: Extract<AxisWeight, { kind: 'eq' }>): readonly K[] {
    return this.#points[weight.point].slice(weight.from, weight.from + weight.bits);
  }

  /** The vector of an axis weight over an axis of the given length. */
  axisVector(weight: AxisWeight, length: number): readonly K[] {
    if (weight.kind !== 'eq') return new Array<K>(length).fill(ONE);
    const key = `${axisWeightKey(weight)}/${length}`;
    const known = this.#axes.get(key);
    if (known !== undefined) return known;
    const table = eqTable(this.#pointOf(weight));
    const vector = new Array<K>(length).fill(ZERO);
    for (let i = 0; i < weight.length; i++) vector[weight.start + i] = table[i] ?? ZERO;
    this.#keep(this.#axes, key, vector);
    return vector;
  }

  /** Σ of an axis weight over its axis. */
  axisSum(weight: AxisWeight, length: number): K {
    switch (weight.kind) {
      case 'absent':
        return ONE;
      case 'ones':
        return scaleK(ONE, toF(length));
      case 'eq':
        return rangeSum(0, weight.length, this.#pointOf(weight));
    }
  }

  /** Π over axes of their sums: the weight of a constant. */
  boxSum(axes: readonly AxisWeight[], dims: readonly number[]): K {
    return product(axes.map((weight, axis) => this.axisSum(weight, dims[axis] ?? 1)));
  }

  /** The weight of `view` of a tensor of shape `shape`, logical axes of lengths `dims` weighted by `axes`. */
  view(
    view: View,
    shape: readonly number[],
    dims: readonly number[],
    axes: readonly AxisWeight[],
  ): ViewWeight {
    const read = new Set<number>();
    const factors: FactorWeight[] = [];
    let position = 0;
    for (const factor of view) {
      const covered = factor.kind === 'reshape' ? factor.storageAxes : 1;
      const own = axesOf(factor).map((axis) => {
        read.add(axis);
        const weight = axes[axis];
        if (weight === undefined || weight.kind === 'absent') {
          throw new RangeError(
            `ViewWeights.view: expected a weight for every axis read, got none for ${axis}`,
          );
        }
        return { weight, length: dims[axis] ?? 1 };
      });
      factors.push({ factor, storage: shape.slice(position, position + covered), axes: own });
      position += covered;
    }
    const rest = axes.flatMap((weight, axis) =>
      read.has(axis) ? [] : [this.axisSum(weight, dims[axis] ?? 1)],
    );
    return { scale: product(rest), factors };
  }

  #name(factor: ViewFactor | GivenFactor): number {
    const known = this.#names.get(factor) ?? this.#names.size;
    this.#names.set(factor, known);
    return known;
  }

  /** Equal keys: equal vectors, and over storage axes of equal lengths, so that blocks of them are equal too. */
  factorKey({ factor, storage, axes }: FactorWeight): string {
    const weights = axes.map(({ weight, length }) => `${axisWeightKey(weight)}/${length}`);
    switch (factor.kind) {
      case 'affine': {
        const digits = factor.strides.map(({ stride }, i) => `${stride}*${weights[i] ?? ''}`);
        return `a${storage.join('x')}+${factor.offset}|${digits.join('|')}`;
      }
      case 'gather':
        return `g${storage.join('x')}#${this.#name(factor)}|${weights.join('|')}`;
      case 'given':
        return `v${this.#name(factor)}`;
      case 'reshape':
        return `r${storage.join('x')}|${weights.join('|')}`;
    }
  }

  /** The vector of a factor over the row-major positions of its storage axes. */
  factorVector(weight: FactorWeight): readonly K[] {
    if (weight.factor.kind === 'given') return weight.factor.values;
    const key = this.factorKey(weight);
    const known = this.#vectors.get(key);
    if (known !== undefined) return known;
    const vector = this.#computeVector(weight, weight.factor);
    this.#keep(this.#vectors, key, vector);
    return vector;
  }

  #computeVector({ storage, axes }: FactorWeight, factor: ViewFactor): readonly K[] {
    const vectors = axes.map(({ weight, length }) => this.axisVector(weight, length));
    const size = elementCount(storage);
    if (factor.kind === 'reshape') {
      let flat: readonly K[] = [ONE];
      for (const vector of vectors) flat = flat.flatMap((a) => vector.map((b) => mulK(a, b)));
      return flat;
    }
    const out = new Array<K>(size).fill(ZERO);
    const deposit = (u: number, value: K): void => {
      const current = out[u];
      if (current !== undefined) out[u] = addK(current, value);
    };
    if (factor.kind === 'gather') {
      const vector = vectors[0] ?? [];
      for (const [i, u] of factor.indices.entries()) if (u >= 0) deposit(u, vector[i] ?? ZERO);
      return out;
    }
    const [only] = factor.strides;
    if (only !== undefined && factor.strides.length === 1 && only.stride !== 0) {
      // Each position of the axis has a place of its own.
      for (const [i, value] of (vectors[0] ?? []).entries()) {
        const u = factor.offset + only.stride * i;
        if (u >= 0 && u < size) out[u] = value;
      }
      return out;
    }
    const walk = (d: number, at: number, value: K): void => {
      const step = factor.strides[d];
      if (step === undefined) {
        if (at >= 0) deposit(at, value);
        return;
      }
      const vector = vectors[d] ?? [];
      const { weight } = axes[d] ?? { weight: { kind: 'ones' as const } };
      const first = weight.kind === 'eq' ? weight.start : 0;
      const end = weight.kind === 'eq' ? weight.start + weight.length : vector.length;
      for (let i = first; i < end; i++)
        walk(d + 1, at + step.stride * i, mulK(value, vector[i] ?? ZERO));
    };
    walk(0, factor.offset, ONE);
    return out;
  }

  /**
   * Σ over the positions u of a block of (factor weight at start + u) · eq(ρ, u), ρ over the block's
   * axes in order. `table` gives eq's table over one axis, where there is no closed form.
   */
  evaluate(
    weight: FactorWeight,
    block: BlockAxes,
    rho: readonly (readonly K[])[],
    table: () => readonly K[],
  ): K {
    if (weight.factor.kind === 'reshape') return this.#evaluateReshape(weight, block, rho);
    const closed = this.#evaluateShift(weight, block, rho[0] ?? []);
    if (closed !== null) return closed;
    const vector = this.factorVector(weight);
    const eq = table();
    const start = block.start[0] ?? 0;
    const length = block.length[0] ?? 1;
    let sum: K = ZERO;
    for (let u = 0; u < length; u++)
      sum = addK(sum, mulK(vector[start + u] ?? ZERO, eq[u] ?? ZERO));
    return sum;
  }

  /**
   * The commonest factor in O(bits): one logical axis read with stride 1, at an offset that keeps
   * its point aligned with the block. Storage position t of the block is then logical position
   * t + shift of the weight's box, and one of the two points is a prefix and the other's suffix:
   * Σ_t eq(point, t + shift)·eq(ρ, t). Null: not of this form.
   */
  #evaluateShift({ factor, axes }: FactorWeight, block: BlockAxes, rho: readonly K[]): K | null {
    const [only] = axes;
    if (factor.kind !== 'affine' || factor.strides.length !== 1 || only === undefined) return null;
    if (factor.strides[0]?.stride !== 1 || only.weight.kind !== 'eq') return null;
    const { weight } = only;
    const point = this.#pointOf(weight);
    const bits = rho.length;
    const shift = (block.start[0] ?? 0) - factor.offset - weight.start;
    const length = block.length[0] ?? 1;
    if (weight.bits >= bits) {
      if (shift < 0 || shift % 2 ** bits !== 0) return null;
      const prefix = eqIndex(point.slice(0, weight.bits - bits), shift / 2 ** bits);
      return mulK(
        prefix,
        boxEq(Math.min(length, weight.length - shift), point.slice(weight.bits - bits), rho),
      );
    }
    if (shift > 0 || shift % 2 ** weight.bits !== 0) return null;
    const prefix = eqIndex(rho.slice(0, bits - weight.bits), -shift / 2 ** weight.bits);
    return mulK(
      prefix,
      boxEq(Math.min(weight.length, length + shift), point, rho.slice(bits - weight.bits)),
    );
  }

  #evaluateReshape(
    { storage, axes }: FactorWeight,
    block: BlockAxes,
    rho: readonly (readonly K[])[],
  ): K {
    let stride = 1;
    const strides: number[] = [];
    for (const length of [...storage].reverse()) {
      strides.unshift(stride);
      stride *= length;
    }
    const digits = storage.map((_, a) => ({
      stride: strides[a] ?? 1,
      start: block.start[a] ?? 0,
      length: block.length[a] ?? 1,
      bits: block.bits[a] ?? 0,
      point: rho[a] ?? [],
    }));
    stride = 1;
    const logical = [...axes].reverse().map(({ weight, length }) => {
      const own = -stride;
      stride *= length;
      if (weight.kind !== 'eq')
        return { stride: own, start: 0, length, bits: axisBits(length), point: null };
      const { start, bits } = weight;
      return { stride: own, start, length: weight.length, bits, point: this.#pointOf(weight) };
    });
    return carryWeight([...digits, ...logical]);
  }
}
