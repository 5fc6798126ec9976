import { type K, P } from '@assay/core/field';

/** xorshift32: the same numbers everywhere for a seed, so that a failure can be repeated. */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    // Zero is the one state that xorshift never leaves.
    this.#state = (seed | 0) === 0 ? 1 : seed | 0;
  }

  /** Uniform integer in [0, 2^32). */
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x >>> 0;
  }

  /** Integer in [lo, hi]. */
  integer(lo: number, hi: number): number {
    return lo + (this.next() % (hi - lo + 1));
  }

  k(): K {
    const word = (): number => this.next() % P;
    return [word(), word(), word(), word(), word()];
  }

  ks(count: number): K[] {
    return Array.from({ length: count }, () => this.k());
  }
}
