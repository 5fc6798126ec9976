import { DIGEST_BYTES, keccak256 } from '@assay/core/hash';
import type { K } from '@assay/core/field';
import { Transcript } from '@assay/core/transcript';

/** A transcript that keeps its challenges, for the verifier's code to be run on the messages behind them. */
export class RecordingTranscript extends Transcript {
  readonly #challenges: K[] = [];

  override sampleK(): K {
    const challenge = super.sampleK();
    this.#challenges.push(challenge);
    return challenge;
  }

  /**
   * A transcript that gives the challenges so far once more, in order, whatever it observes: nothing is
   * hashed twice. Takes every proof of work.
   */
  replay(): Transcript {
    return new ReplayedTranscript(this.#challenges.values());
  }
}

class ReplayedTranscript extends Transcript {
  readonly #challenges: Iterator<K>;

  constructor(challenges: Iterator<K>) {
    super(keccak256, new Uint8Array(DIGEST_BYTES));
    this.#challenges = challenges;
  }

  override observe(): void {}

  override observeK(): void {}

  override checkPow(): boolean {
    return true;
  }

  /** @throws {RangeError} when more challenges are asked for than there are. */
  override sampleK(): K {
    const next = this.#challenges.next();
    if (next.done === true)
      throw new RangeError('sampleK: expected a recorded challenge, got none');
    return next.value;
  }
}
