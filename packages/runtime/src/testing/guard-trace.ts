import {
  describeTraceError,
  type FraudProof,
  fraudProofBytes,
  type PaddingProof,
  paddingViolated,
  TRACE_LIMITS,
  type TraceProgram,
  violated,
} from '@assay/program/trace';
import { findFraud } from '../trace/find-fraud.ts';
import { type LyingTrace, TRACE_LIES, type TraceLiar, type TraceLie } from './lying-trace.ts';

/** Another judge of proofs, such as a contract. @returns what is wrong with its answer; '' if it accepts */
export type ProofJudge = (told: LyingTrace, proof: FraudProof | PaddingProof) => Promise<string>;

/** Finds what is wrong with a submission and checks the proof. @returns what failed; '' if the proof is accepted */
export async function whyUnproven(
  trace: TraceProgram,
  liar: TraceLiar,
  told: LyingTrace,
  judge: ProofJudge = () => Promise.resolve(''),
): Promise<string> {
  const about = `${told.lie}: ${told.what}`;
  const proof = await findFraud(trace, liar.honest, told.reader);
  if (proof === null) return `${about}: nothing was found`;
  const isPadding = 'mention' in proof;
  const answer = isPadding ? paddingViolated(told.lists, proof) : violated(told.lists, proof);
  if (!answer.ok) return `${about}: ${describeTraceError(answer.error)}`;
  if (!answer.value) return `${about}: the proof shows nothing wrong`;
  const judged = await judge(told, proof);
  if (judged !== '') return `${about}: ${judged}`;
  if (isPadding) return '';
  const bytes = fraudProofBytes(proof);
  return bytes <= TRACE_LIMITS.proofBytes ? '' : `${about}: ${bytes} bytes`;
}

/**
 * Tells `count` lies of every class that the program has room for.
 *
 * @returns how many of each were told, and what was wrong with the proofs of them.
 */
export async function guardTrace(
  trace: TraceProgram,
  liar: TraceLiar,
  count: number,
  judge?: ProofJudge,
): Promise<{ readonly told: ReadonlyMap<TraceLie, number>; readonly unproven: readonly string[] }> {
  const counts = new Map<TraceLie, number>();
  const unproven: string[] = [];
  for (const lie of TRACE_LIES) {
    for (let i = 0; i < count; i++) {
      const told = liar.tell(lie);
      // A try may fail by chance, a first one where there is nothing to lie about.
      if (told === null && i === 0) break;
      if (told === null) continue;
      counts.set(lie, (counts.get(lie) ?? 0) + 1);
      const why = await whyUnproven(trace, liar, told, judge);
      if (why !== '') unproven.push(why);
    }
  }
  return { told: counts, unproven };
}
