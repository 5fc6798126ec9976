import type { ProofWriter } from '@assay/core/codec';
import type { Engine } from '@assay/core/engine';
import type { Transcript } from '@assay/core/transcript';

/** Fills a proof-of-work slot: finds, writes and observes the smallest nonce. A slot of 0 bits is nothing. */
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
