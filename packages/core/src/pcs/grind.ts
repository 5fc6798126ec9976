import type { ProofWriter } from '../codec/index.ts';
import type { Engine } from '../engine/index.ts';
import type { Transcript } from '../transcript/index.ts';

/** Fills a proof-of-work slot: finds, writes and observes the smallest nonce. A slot of 0 bits sends and observes nothing. */
export function grind(
  engine: Engine,
  transcript: Transcript,
  writer: ProofWriter,
  bits: number,
): void {
  if (bits === 0) return;
  const nonce = engine.grind(transcript.state(), bits);
  writer.u64(nonce);
  transcript.checkPow(bits, nonce);
}
