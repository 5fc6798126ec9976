import type { Timings } from './harness.ts';
import type { OperationTime } from './kernels/profile.ts';
import type { Provenance } from './machine.ts';
import { type CostTargets, costTargets, type ProfileName } from './profiles.ts';
import type { Accuracy } from './score/accuracy.ts';
import type { Spread } from './statistics.ts';

/** One line of `npm run bench -- … --json`. Times are medians of `runs`; `spread` has their extremes. */
export interface BenchRow extends Provenance {
  readonly model: string;
  readonly profile: ProfileName;
  /** What proofs do not show. */
  readonly hidden: readonly string[];
  /** Weights of the model. */
  readonly parameters: number;
  readonly compileMs: number;
  readonly setupMs: number;
  readonly proveMs: number;
  readonly verifyMs: number;
  /** With a key that is prepared, which `verifyMs` does too. */
  readonly verifyPreparedMs: number;
  readonly inferMs: number;
  /** On all processors together. */
  readonly proveCpuMs: number;
  readonly verifyCpuMs: number;
  readonly proofBytes: number;
  readonly provingKeyBytes: number;
  readonly verifyingKeyBytes: number;
  /** Resident memory of a process that loads the bundle and proves once. */
  readonly peakMemoryBytes: number;
  readonly setupPeakMemoryBytes: number;
  readonly securityBits: number;
  readonly zk: boolean;
  readonly threads: number;
  readonly accuracy: Accuracy | null;
  readonly proveOverInfer: number;
  /** Hidden weights only. */
  readonly registration: RegistrationCost | null;
  /** Beside the plain profile of the same run; null in that itself. */
  readonly overPlain: OverPlain | null;
  readonly runs: number;
  readonly spread: Readonly<
    Record<'proveMs' | 'verifyMs' | 'verifyPreparedMs' | 'inferMs', Spread>
  >;
  readonly stages: Readonly<Record<string, number>>;
  /** Times of the engine's operations in one more proof that took `profiledMs`, the longest first. */
  readonly kernels: readonly OperationTime[];
  readonly profiledMs: number;
}

/** What hidden weights take besides proofs: once for each root. */
export interface RegistrationCost {
  /** Part of `setupMs`. */
  readonly setupMs: number;
  readonly proofBytes: number;
  /** `verify-model`; part of `verifyMs`, which starts from the key, not of `verifyPreparedMs`. */
  readonly verifyModelMs: number;
  /** Proofs that the root is good for. */
  readonly reservedProofs: number;
}

/** Multiples of the plain profile. */
export interface OverPlain extends CostTargets {
  readonly setup: number;
  readonly peakMemory: number;
  readonly provingKey: number;
  readonly verifyingKey: number;
  /** `prove` and `verify` are medians of multiples, run by run; so are those of processor time. */
  readonly spread: Readonly<Record<'prove' | 'verify', Spread>>;
  readonly proveCpu: number;
  readonly verifyCpu: number;
  /** The same of the shortest times: what a quiet machine would say. */
  readonly ofShortest: Readonly<Record<'prove' | 'verify', number>>;
  /** What they should be at most; null for hidden weights. */
  readonly targets: CostTargets | null;
}

/** @param timed - Multiples of times, run by run; null for the plain profile. */
export function overPlain(
  row: Omit<BenchRow, 'overPlain'>,
  plain: BenchRow | undefined,
  timed: Timings['overFirst'],
): OverPlain | null {
  if (plain === undefined || timed === null) return null;
  return {
    prove: timed.prove.median,
    verify: timed.verify.median,
    proof: row.proofBytes / plain.proofBytes,
    setup: row.setupMs / plain.setupMs,
    peakMemory: row.peakMemoryBytes / plain.peakMemoryBytes,
    provingKey: row.provingKeyBytes / plain.provingKeyBytes,
    verifyingKey: row.verifyingKeyBytes / plain.verifyingKeyBytes,
    spread: { prove: timed.prove, verify: timed.verify },
    proveCpu: timed.proveCpu.median,
    verifyCpu: timed.verifyCpu.median,
    ofShortest: {
      prove: row.spread.proveMs.min / plain.spread.proveMs.min,
      verify: row.spread.verifyMs.min / plain.spread.verifyMs.min,
    },
    targets: row.registration === null ? costTargets(row.parameters) : null,
  };
}

const MEASURES = ['prove', 'verify', 'proof'] as const;

/** "prove 12 %, proof 3 %": by how much targets are missed; a dash if none is. */
export function missedTargets(over: OverPlain): string {
  const { targets } = over;
  if (targets === null) return '–';
  const missed = MEASURES.filter((measure) => over[measure] > targets[measure]);
  if (missed.length === 0) return '–';
  return missed
    .map((measure) => `${measure} ${Math.ceil(100 * (over[measure] / targets[measure] - 1))} %`)
    .join(', ');
}
