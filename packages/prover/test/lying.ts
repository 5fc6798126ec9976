import type { ProofWriter } from '@assay/core/codec';
import type { K } from '@assay/core/field';
import type { Sender } from '@assay/core/sender';
import { TAG_HIDING, TAG_OUT_OF_DOMAIN, Transcript } from '@assay/core/transcript';

/**
 * The n-th message with a tag (from 0), replaced by another. What follows is computed from the true
 * one. Messages under pads are changed before their pads are added; rounds of the opening are out of
 * reach.
 */
export interface Lie {
  readonly tag: number;
  readonly index: number;
  readonly change: (message: readonly K[], challenges: readonly K[]) => readonly K[];
}

/** Messages that the prover does not send through a `Sender`. */
const DIRECT: readonly number[] = [TAG_OUT_OF_DOMAIN, TAG_HIDING];

export interface Patch {
  readonly offset: number;
  readonly values: readonly K[];
}

/** A proof with some of its messages replaced. */
export function applied(proof: Uint8Array, patches: readonly Patch[]): Uint8Array {
  const view = new DataView(proof.buffer, proof.byteOffset);
  for (const { offset, values } of patches)
    values.flat().forEach((word, i) => view.setUint32(offset + 4 * i, word, true));
  return proof;
}

/** What is said in place of the n-th message of a tag. */
export class Lies {
  readonly challenges: K[] = [];
  readonly #lies: readonly Lie[];
  readonly #counts = new Map<number, number>();

  constructor(lies: readonly Lie[]) {
    this.#lies = lies;
  }

  said(tag: number, values: readonly K[]): readonly K[] {
    const index = this.#counts.get(tag) ?? 0;
    this.#counts.set(tag, index + 1);
    const lie = this.#lies.find((l) => l.tag === tag && l.index === index);
    return lie?.change(values, this.challenges) ?? values;
  }
}

/** Lies about messages before pads are added. */
export class LyingSender implements Sender {
  readonly #inner: Sender;
  readonly #lies: Lies;

  constructor(inner: Sender, lies: Lies) {
    this.#inner = inner;
    this.#lies = lies;
  }

  send(tag: number, values: readonly K[], secret?: (index: number) => boolean): void {
    this.#inner.send(tag, this.#lies.said(tag, values), secret);
  }
}

/** A prover's transcript that says something else than the prover computed, and writes that into the proof. */
export class LyingTranscript extends Transcript {
  readonly patches: Patch[] = [];
  readonly #inner: Transcript;
  readonly #writer: ProofWriter;
  readonly #lies: Lies;

  constructor(inner: Transcript, writer: ProofWriter, lies: Lies) {
    // A state of its own, which nobody asks for.
    super(undefined, new Uint8Array(32));
    this.#inner = inner;
    this.#writer = writer;
    this.#lies = lies;
  }

  override observe(tag: number, bytes: Uint8Array): void {
    this.#inner.observe(tag, bytes);
  }

  observeSaid(tag: number, values: readonly K[]): void {
    this.#inner.observeK(tag, values);
  }

  override observeK(tag: number, values: readonly K[]): void {
    const said = DIRECT.includes(tag) ? this.#lies.said(tag, values) : values;
    if (said !== values)
      this.patches.push({ offset: this.#writer.length - 20 * values.length, values: said });
    this.#inner.observeK(tag, said);
  }

  override sampleK(): K {
    const challenge = this.#inner.sampleK();
    this.#lies.challenges.push(challenge);
    return challenge;
  }

  override sampleIndices(logSize: number, count: number): number[] {
    return this.#inner.sampleIndices(logSize, count);
  }

  override state(): Uint8Array {
    return this.#inner.state();
  }

  override checkPow(bits: number, nonce: bigint): boolean {
    return this.#inner.checkPow(bits, nonce);
  }
}
