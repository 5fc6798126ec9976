import type { DeployRules } from '@assay/contracts/deploy';
import type { Address, Hex } from 'viem';

/** Evidence bits of a job (`EVIDENCE_TRACE`, `EVIDENCE_PROOF` of IJobMarket). */
export const EVIDENCE: { readonly trace: 1; readonly proof: 2 } = { trace: 1, proof: 2 };

/** `InputKind` of IJobMarket. */
export const INPUT_KIND: { readonly inline: 0; readonly uri: 1; readonly sealed: 2 } = {
  inline: 0,
  uri: 1,
  sealed: 2,
};

/** `State` of IJobMarket, in the contract's order. */
export const JOB_STATES = [
  'none',
  'open',
  'locked',
  'submitted',
  'rescue',
  'final',
  'slashed',
  'expired',
  'cancelled',
  'void',
] as const;
export type JobState = (typeof JOB_STATES)[number];

/** `Verdict` of IJobMarket. */
export const VERDICTS = ['pass', 'fail', 'unavailable'] as const;
export type VerdictName = (typeof VERDICTS)[number];

/** `Fault` of IJobMarket. */
export const FAULTS = [
  'late',
  'fraud',
  'withheld',
  'proof-failed',
  'proof-unavailable',
  'idle',
  'no-verdict',
] as const;
export type FaultName = (typeof FAULTS)[number];

/** States that a job never leaves. */
const ENDED: ReadonlySet<JobState> = new Set(['final', 'slashed', 'expired', 'cancelled', 'void']);
export function isEnded(state: JobState): boolean {
  return ENDED.has(state);
}

/** `JobParams` of IJobMarket as viem encodes it: amounts in the token's smallest unit, times in Unix seconds. */
export interface JobParams {
  readonly requester: Address;
  readonly modelId: Hex;
  /** Bits of `EVIDENCE`. */
  readonly evidence: number;
  /** One of `INPUT_KIND`. */
  readonly inputKind: number;
  /** List root over the integer inputs; sealed: the name of the committed input. */
  readonly inputRoot: Hex;
  readonly minPrice: bigint;
  readonly maxPrice: bigint;
  readonly rampStart: number;
  readonly rampSeconds: number;
  readonly lockBy: number;
  readonly workSeconds: number;
  readonly windowSeconds: number;
  readonly windowBlocks: number;
  readonly rescueSeconds: number;
  readonly reserve: bigint;
  readonly verifierSet: Hex;
  readonly verifierFee: bigint;
  readonly maxOutputBytes: number;
  /** 0: the output is public. */
  readonly outputKey: Hex;
  readonly callback: Address;
  readonly callbackGas: number;
  readonly nonce: Hex;
  readonly rules: bigint;
}

/** `Submission` of IJobMarket. */
export interface Submission {
  readonly job: Hex;
  readonly provider: Address;
  readonly outputRoot: Hex;
  readonly traceRoot: Hex;
  readonly proofDigest: Hex;
  readonly artefacts: Hex;
}

/** `Rules` of IJobMarket. */
export type Rules = DeployRules;

/** `Job` of IJobMarket: what the contract keeps of a job. */
export interface StoredJob {
  readonly provider: Address;
  readonly price: bigint;
  readonly requester: Address;
  readonly reserve: bigint;
  readonly submission: Hex;
  /** Index into `JOB_STATES`. */
  readonly state: number;
  /** Evidence and `JOB_FLAGS`. */
  readonly flags: number;
  readonly disputes: number;
  readonly clock: number;
  readonly clockBlock: number;
  readonly rules: number;
  readonly verifierFee: bigint;
}

/** Flags of a stored job. */
export const JOB_FLAGS: {
  readonly settled: 4;
  readonly rescue: 8;
  readonly delivered: 16;
  readonly acknowledged: 32;
  readonly called: 64;
} = { settled: 4, rescue: 8, delivered: 16, acknowledged: 32, called: 64 };

/** `Model` of IModelRegistry. */
export interface ModelRecord {
  readonly programDigest: Hex;
  readonly relationsRoot: Hex;
  readonly constantsRoot: Hex;
  readonly pcsRoot: Hex;
  readonly pcsOod: Hex;
  readonly relations: number;
  readonly constants: number;
  readonly inputs: number;
  readonly traces: number;
  readonly outputs: number;
  readonly inputSizes: bigint;
  readonly outputSizes: bigint;
  readonly predecessor: Hex;
  readonly manifest: Hex;
}
