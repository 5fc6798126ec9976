import type { ProofWriter } from '../codec/index.ts';
import { addK, type K } from '../field/index.ts';
import type { Transcript } from '../transcript/index.ts';

/** A prover's messages on their way into the proof and the transcript. */
export interface Sender {
  /**
   * Writes one message and observes what was written.
   *
   * @param secret - Which elements say something about the witness; the others go out in clear.
   * @default all
   */
  send(tag: number, values: readonly K[], secret?: (index: number) => boolean): void;
}

/** The plain profile: messages as they are. */
export class PlainSender implements Sender {
  readonly #transcript: Transcript;
  readonly #writer: ProofWriter;

  constructor(transcript: Transcript, writer: ProofWriter) {
    this.#transcript = transcript;
    this.#writer = writer;
  }

  send(tag: number, values: readonly K[]): void {
    this.#writer.ks(values);
    this.#transcript.observeK(tag, values);
  }
}

/**
 * The hiding profile: each secret element is sent as m + π, π the next pad. The verifier's ledger
 * takes the pads in the same order.
 *
 * Caller must: have committed the pads; use no pad for a second message or proof.
 */
export class PaddedSender implements Sender {
  readonly #sender: PlainSender;
  readonly #pads: readonly K[];
  #sent = 0;

  constructor(transcript: Transcript, writer: ProofWriter, pads: readonly K[]) {
    this.#sender = new PlainSender(transcript, writer);
    this.#pads = pads;
  }

  /** Secret elements sent so far. */
  get sent(): number {
    return this.#sent;
  }

  /** @throws {RangeError} when the pads are used up: nothing is sent then. */
  send(tag: number, values: readonly K[], secret: (index: number) => boolean = () => true): void {
    const padded = values.map((value, i) => (secret(i) ? addK(value, this.#nextPad()) : value));
    this.#sender.send(tag, padded);
  }

  #nextPad(): K {
    const pad = this.#pads[this.#sent];
    if (pad === undefined) {
      throw new RangeError(`PaddedSender.send: expected ${this.#pads.length} elements, got more`);
    }
    this.#sent += 1;
    return pad;
  }
}

/** For messages that say nothing about the witness. */
export const inClear = (): boolean => false;
