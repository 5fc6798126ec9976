import type { K } from '@assay/core/field';
import type { Transcript } from '@assay/core/transcript';

/** How the transcripts made from now on behave, in prover and verifier alike. */
export interface Steering {
  /** Observes that are left out, by tag and by number among those of that tag. */
  omits: (tag: number, index: number) => boolean;
  /** Challenges given beforehand, whatever is observed; proof of work passes. */
  frozen: Chosen | null;
  /** The same, for the first transcripts in turn. */
  queue: readonly Chosen[];
  /** What transcripts were told and answered, one after the other. */
  readonly logs: Log[];
}

/** Challenges that were chosen beforehand. */
export interface Chosen {
  readonly challenges: readonly K[];
  /** By oracle. */
  readonly indices: readonly (readonly number[])[];
}

export interface Log {
  readonly tags: number[];
  readonly challenges: K[];
  readonly indices: number[][];
}

export const steering: Steering = {
  omits: () => false,
  frozen: null,
  queue: [],
  logs: [],
};

/** What a prover's or a verifier's transcript was told: the longest, as a prover also replays a part of its own. */
export function recorded(run: () => unknown): Log {
  steering.logs.length = 0;
  run();
  return steering.logs.reduce((a, b) => (b.tags.length > a.tags.length ? b : a));
}

/** Runs with other transcripts; the same for prover and verifier, as if the protocol were another. */
export function steered<T>(change: Partial<Steering>, run: () => T): T {
  const { omits, frozen, queue } = steering;
  Object.assign(steering, change);
  try {
    return run();
  } finally {
    Object.assign(steering, { omits, frozen, queue });
  }
}

/** A transcript class for `vi.mock`: the main transcript of an argument does as `steering` says. */
export function steeredTranscript(base: typeof Transcript): typeof Transcript {
  return class Steered extends base {
    readonly #isMain: boolean;
    readonly #counts = new Map<number, number>();
    readonly #chosen: Chosen | null;
    readonly #challenges: Iterator<K> | undefined;
    readonly #indices: Iterator<readonly number[]> | undefined;
    readonly #log: Log = { tags: [], challenges: [], indices: [] };

    constructor(...parameters: ConstructorParameters<typeof Transcript>) {
      super(...parameters);
      // Registered points have a transcript of their own.
      this.#isMain = parameters.length === 0;
      const [next, ...queue] = this.#isMain ? steering.queue : [];
      if (next !== undefined) steering.queue = queue;
      this.#chosen = next ?? steering.frozen;
      this.#challenges = this.#chosen?.challenges.values();
      this.#indices = this.#chosen?.indices.values();
      if (this.#isMain) steering.logs.push(this.#log);
    }

    override observe(tag: number, bytes: Uint8Array): void {
      const index = this.#counts.get(tag) ?? 0;
      this.#counts.set(tag, index + 1);
      this.#log.tags.push(tag);
      if (!this.#isMain || !steering.omits(tag, index)) super.observe(tag, bytes);
    }

    override sampleK(): K {
      const next = this.#isMain ? this.#challenges?.next() : undefined;
      const challenge = next === undefined || next.done === true ? super.sampleK() : next.value;
      this.#log.challenges.push(challenge);
      return challenge;
    }

    override sampleIndices(logSize: number, count: number): number[] {
      const next = this.#isMain ? this.#indices?.next() : undefined;
      const indices =
        next === undefined || next.done === true
          ? super.sampleIndices(logSize, count)
          : [...next.value];
      this.#log.indices.push(indices);
      return indices;
    }

    override checkPow(bits: number, nonce: bigint): boolean {
      const passes = super.checkPow(bits, nonce);
      return this.#chosen !== null || passes;
    }
  };
}
