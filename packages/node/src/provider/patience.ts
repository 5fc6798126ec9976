import type { ChallengeState } from '@assay/market';
import type { Move } from '../disputes/index.ts';

export interface PatienceOptions {
  /** What a unit of gas costs now, in wei. */
  readonly gasPrice: () => Promise<bigint>;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Prices are kept for so long, one in so many milliseconds: 1,440 of them. */
const MEMORY_MS = 24 * 3_600_000;
const SAMPLE_MS = 60_000;
/** Of a turn: that much of it is kept for the answer itself. */
const KEPT_SHARE = 4;
/**
 * Most that an answer pays for gas before it waits, in medians: five are what the bond of a question is sized for
 * (its 99th percentile); an answer with output earns half of one, whatever the price is.
 */
const DEAR = 5n;
const DEAR_OUTPUT = 2n;

/**
 * When to answer a challenge. Gas that is dear for an hour must not make questions a weapon: who asks pays once, who
 * answers has a turn to wait in (docs/market-simulation.md). Waits while the price is some medians of the last day's,
 * and never into the last quarter of a turn.
 */
export class Patience {
  readonly #options: PatienceOptions;
  #samples: { readonly at: number; readonly price: bigint }[] = [];

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  /** Looks at the price; to be called all the time, so that a shock is known from what is usual. Never throws. */
  async look(): Promise<void> {
    const at = this.#options.now();
    const last = this.#samples.at(-1);
    if (last !== undefined && at - last.at < SAMPLE_MS) return;
    try {
      const price = await this.#options.gasPrice();
      this.#samples = this.#samples.filter((sample) => at - sample.at < MEMORY_MS);
      this.#samples.push({ at, price });
    } catch {
      // Without a price nothing waits.
    }
  }

  /**
   * Whether the answer to a challenge is for later.
   * @param timestamp The chain's, unix seconds.
   */
  async waits(move: Move, state: ChallengeState, timestamp: number): Promise<boolean> {
    // Its blocks may leave more time; its seconds are what is sure.
    if (state.due - timestamp <= Math.ceil(state.turnSeconds / KEPT_SHARE)) return false;
    const prices = this.#samples.map(({ price }) => price).toSorted((a, b) => (a < b ? -1 : 1));
    const median = prices[prices.length >> 1];
    if (median === undefined) return false;
    try {
      const price = await this.#options.gasPrice();
      return price > median * (move === 'answer-output' ? DEAR_OUTPUT : DEAR);
    } catch {
      return false;
    }
  }
}
