/**
 * xoshiro128** 1.1 (Blackman and Vigna), seeded through SplitMix64: the same numbers on every machine.
 * Period 2^128 − 1. Not for secrets.
 */
export class Random {
  readonly #state: Int32Array = new Int32Array(4);

  /** @throws {RangeError} unless there are four words that are not all 0 */
  constructor(words: readonly number[]) {
    if (words.length !== 4 || words.every((word) => word === 0)) {
      throw new RangeError(`Random: expected four words, not all 0, got [${words.join(', ')}]`);
    }
    this.#state.set(words);
  }

  /** Uniform in [0, 2^32). */
  next(): number {
    const state = this.#state;
    const [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = [state[0], state[1], state[2], state[3]];
    const result = Math.imul(rotate(Math.imul(s1, 5), 7), 9) >>> 0;
    const y2 = s2 ^ s0;
    const y3 = s3 ^ s1;
    state[0] = s0 ^ y3;
    state[1] = s1 ^ y2;
    state[2] = y2 ^ (s1 << 9);
    state[3] = rotate(y3, 11);
    return result;
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    return ((this.next() >>> 5) * 2 ** 26 + (this.next() >>> 6)) / 2 ** 53;
  }

  /** Uniform integer in [0, bound), bound ≤ 2^32; bias below bound / 2^53. */
  below(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** Exponential with this mean. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.uniform());
  }

  /** ⌊x⌋ or ⌈x⌉ with mean x. */
  round(x: number): number {
    const low = Math.floor(x);
    return low + (this.uniform() < x - low ? 1 : 0);
  }
}

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

const MASK = 2n ** 64n - 1n;

/** SplitMix64 (Steele, Lea, Flood): the next state and output. */
export function splitMix64(state: bigint): { state: bigint; output: bigint } {
  const next = (state + 0x9e3779b97f4a7c15n) & MASK;
  let z = next;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK;
  return { state: next, output: z ^ (z >> 31n) };
}

/**
 * A stream of its own for each name: what one scenario draws does not depend on which others run.
 *
 * @throws {RangeError} unless the seed is an integer ≥ 0
 */
export function randomOf(seed: number, name: string): Random {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`randomOf: expected an integer >= 0 as seed, got ${seed}`);
  }
  // FNV-1a over the name, then mixed with the seed.
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < name.length; i++) {
    hash = ((hash ^ BigInt(name.charCodeAt(i))) * 0x100000001b3n) & MASK;
  }
  const first = splitMix64(hash ^ splitMix64(BigInt(seed)).output);
  const second = splitMix64(first.state);
  const word = (value: bigint): number => Number(value & 0xffffffffn);
  return new Random([
    word(first.output),
    word(first.output >> 32n),
    word(second.output),
    // Never all 0.
    word(second.output >> 32n) | 1,
  ]);
}
