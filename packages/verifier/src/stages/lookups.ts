import type { ProofReader } from '@assay/core/codec';
import { err, ok, type Result } from '@assay/core/errors';
import type { Ledger } from '@assay/core/linear';
import { verifyLogup } from '@assay/core/lookup';
import { eqTable } from '@assay/core/poly';
import type { Transcript } from '@assay/core/transcript';
import type { LookupChallenges } from '@assay/program';
import { type Argument, fingerprintVariables } from '../argument/argument.ts';
import type { Transcribed } from '../argument/claims.ts';
import type { VerifyError } from './errors.ts';

/** S3, after its proof of work: α, then a point β whose eq table gives the tuple's coefficients. */
export function sampleLookupChallenges(transcript: Transcript, width: number): LookupChallenges {
  const shift = transcript.sampleK();
  const beta = Array.from({ length: fingerprintVariables(width) }, () => transcript.sampleK());
  return { shift, betas: eqTable(beta).slice(0, width + 1) };
}

/** S3 and S4: proof of work, challenges, LogUp-GKR. A program without lookups has neither. */
export function verifyLookups(
  argument: Argument,
  transcript: Transcript,
  reader: ProofReader,
  ledger: Ledger,
): Result<Transcribed['lookup'], VerifyError> {
  const { lookups } = argument.system;
  if (lookups.total === 0) return ok(null);
  const { lookupPowBits } = argument.key.parameters;
  const nonce = lookupPowBits === 0 ? 0n : reader.u64();
  if (reader.failed !== null) return err({ kind: 'proof/format', reason: reader.failed });
  if (!transcript.checkPow(lookupPowBits, nonce)) return err({ kind: 'proof/pow', step: 'S3' });
  const challenges = sampleLookupChallenges(transcript, lookups.width);
  const start = argument.system.hiding ? 'root' : 'top';
  const result = verifyLogup(transcript, reader, ledger, lookups.variables, start);
  if (!result.ok) return err({ kind: 'proof/lookup', error: result.error });
  return ok({ challenges, ...result.value });
}
