import { randomBytes } from 'node:crypto';
import { type DisputeCase, hexOf, submissionHash } from '@assay/market';
import type { Hex } from 'viem';
import type { DisputeCalls, Evidence } from '../disputes/index.ts';
import type { Outbox } from '../outbox/index.ts';
import type { CheckPatch, CheckRecord, Phase } from './records.ts';

/** What a check has come to: one transaction of the database. */
export interface Outcome {
  readonly phase: Phase;
  readonly patch?: CheckPatch;
  readonly also?: (outbox: Outbox) => void;
}

export function commitKey(submission: Hex, commitment: Hex | null): string {
  return `commit:${submission}:${commitment ?? ''}`;
}

export function revealKey({ submission, commitment }: CheckRecord): string {
  return `reveal:${submission}:${commitment ?? ''}`;
}

/** Evidence, what names it, and the call that says that name: on disk together. */
export function committing(
  calls: DisputeCalls,
  about: DisputeCase,
  evidence: Evidence,
  sender: Hex,
): Outcome {
  const salt = hexOf(randomBytes(32));
  const commitment = calls.commitment(sender, about, evidence, salt);
  const reveal = calls.reveal(about, evidence, salt).data;
  const key = commitKey(submissionHash(about.submission), commitment);
  return {
    phase: 'committing',
    patch: { reason: evidence.kind, reveal, commitment },
    also: (outbox) => outbox.enqueue(key, calls.commit(commitment)),
  };
}
