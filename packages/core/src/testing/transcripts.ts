import type { K } from '../field/index.ts';
import { Transcript } from '../transcript/index.ts';

/** A transcript that keeps what it was told and what it answered. For tests. */
export class RecordingTranscript extends Transcript {
  readonly observed: { readonly tag: number; readonly bytes: Uint8Array }[] = [];
  readonly challenges: K[] = [];
  readonly indices: number[][] = [];

  override observe(tag: number, bytes: Uint8Array): void {
    this.observed.push({ tag, bytes: bytes.slice() });
    super.observe(tag, bytes);
  }

  override sampleK(): K {
    const challenge = super.sampleK();
    this.challenges.push(challenge);
    return challenge;
  }

  override sampleIndices(logSize: number, count: number): number[] {
    const indices = super.sampleIndices(logSize, count);
    this.indices.push(indices);
    return indices;
  }
}

/**
 * A transcript whose answers are given beforehand, whatever it observes (proof of work passes): a
 * forgery counts only if it passes here, so that Fiat–Shamir alone stands against it. Past the end
 * of the recording it samples. For tests.
 */
export class FrozenTranscript extends Transcript {
  readonly #challenges: Iterator<K>;
  readonly #indices: Iterator<number[]>;

  constructor(recording: { readonly challenges: readonly K[]; readonly indices?: number[][] }) {
    super();
    this.#challenges = recording.challenges.values();
    this.#indices = (recording.indices ?? []).values();
  }

  override sampleK(): K {
    const next = this.#challenges.next();
    return next.done === true ? super.sampleK() : next.value;
  }

  override sampleIndices(logSize: number, count: number): number[] {
    const next = this.#indices.next();
    return next.done === true ? super.sampleIndices(logSize, count) : next.value;
  }

  override checkPow(): boolean {
    return true;
  }
}

/**
 * A transcript that does not notice its `omitted`-th observe (from 0), as if that call were missing
 * from prover and verifier: the challenges after that message do not depend on it. A prover that
 * knows them can forge; each site has a test that such a forgery fails on a real transcript.
 */
export class OmittingTranscript extends Transcript {
  readonly #omitted: number;
  #observes = 0;

  constructor(omitted: number) {
    super();
    this.#omitted = omitted;
  }

  /** Observes so far: whether the next one is the omitted one tells a forger where it is. */
  get atOmitted(): boolean {
    return this.#observes === this.#omitted;
  }

  override observe(tag: number, bytes: Uint8Array): void {
    if (this.#observes !== this.#omitted) super.observe(tag, bytes);
    this.#observes += 1;
  }
}
