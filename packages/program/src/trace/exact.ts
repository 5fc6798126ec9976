/**
 * Σ of products of integers, exact: in doubles as long as nothing can have been rounded, in bigints
 * beyond. Factors are integers below 2^53.
 */
export class ExactSum {
  #small: number;
  /** Σ |products| in `#small`: below 2^53, so that every partial sum is exact. */
  #bound: number;
  #large = 0n;

  constructor(start = 0) {
    this.#small = start;
    this.#bound = Math.abs(start);
  }

  add(a: number, b: number): void {
    const product = a * b;
    const bound = this.#bound + Math.abs(product);
    // Rounding is monotone: a product or a bound that was rounded is 2^53 at least.
    if (bound <= Number.MAX_SAFE_INTEGER) {
      this.#small += product;
      this.#bound = bound;
    } else {
      this.#large += BigInt(a) * BigInt(b);
    }
  }

  get value(): bigint {
    return this.#large + BigInt(this.#small);
  }

  /** The value if 0 <= value < length, −1 otherwise. */
  within(length: number): number {
    if (this.#large === 0n) return this.#small >= 0 && this.#small < length ? this.#small : -1;
    const { value } = this;
    return value >= 0n && value < BigInt(length) ? Number(value) : -1;
  }
}
