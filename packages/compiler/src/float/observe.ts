/** Ranges of tensors over samples. */
import { AssayError } from '@assay/core/errors';
import type { DenseTensor } from '../graph/types.ts';

/** Smallest and largest element seen. */
export interface ObservedRange {
  readonly lo: number;
  readonly hi: number;
  /** max(|lo|, |hi|). */
  readonly absMax: number;
}

export class RangeObserver {
  readonly #ranges = new Map<string, { lo: number; hi: number }>();
  #samples = 0;

  /**
   * Takes in all values of one sample.
   *
   * @throws {AssayError} `ASSAY_FLOAT_VALUE` naming a tensor with a NaN.
   */
  add(values: ReadonlyMap<string, DenseTensor>): void {
    for (const [name, { data }] of values) {
      const range = this.#ranges.get(name) ?? {
        lo: Number.POSITIVE_INFINITY,
        hi: Number.NEGATIVE_INFINITY,
      };
      for (let i = 0; i < data.length; i += 1) {
        const x = data[i] ?? 0;
        if (x < range.lo) range.lo = x;
        if (x > range.hi) range.hi = x;
        if (Number.isNaN(x)) {
          throw new AssayError({
            code: 'ASSAY_FLOAT_VALUE',
            shortMessage: `tensor "${name}" is NaN at index ${i} for sample ${this.#samples}`,
          });
        }
      }
      if (data.length > 0) this.#ranges.set(name, range);
    }
    this.#samples += 1;
  }

  /** How many samples were added. */
  get samples(): number {
    return this.#samples;
  }

  ranges(): Map<string, ObservedRange> {
    return new Map(
      [...this.#ranges].map(([name, { lo, hi }]) => [
        name,
        { lo, hi, absMax: Math.max(Math.abs(lo), Math.abs(hi)) },
      ]),
    );
  }
}
