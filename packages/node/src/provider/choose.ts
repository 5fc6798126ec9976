import { EVIDENCE, INPUT_KIND, type JobView, priceAt, priceReaches } from '@assay/market';
import type { Capability, Head, Policy } from './types.ts';

/** What becomes of a job that can be locked. */
export type Choice =
  | { readonly kind: 'take' }
  /** Not now: asked again later, or from a time on (Unix seconds). */
  | { readonly kind: 'wait'; readonly reason: string; readonly until: number | null }
  | { readonly kind: 'skip'; readonly reason: string };

export interface Means {
  readonly capability: Capability | string;
  /** Stake that neither a job nor a lock under way needs. */
  readonly freeStake: bigint;
  readonly freePlaces: number;
  /** Time that a job of this model has taken so far, work before it included. */
  readonly workSeconds: number;
}

/** Whoever posts may hold a provider's stake for as long as the window, and pays no more for it: 30 days, if it may be. */
const MOST_WINDOW_SECONDS = 86_400;
/** A window lasts for its blocks as well, which are slower on some chains: a day of blocks of two seconds. */
const MOST_WINDOW_BLOCKS = 43_200;

const ZERO = /^0x0*$/;
const skip = (reason: string): Choice => ({ kind: 'skip', reason });
const wait = (reason: string, until: number | null = null): Choice => ({
  kind: 'wait',
  reason,
  until,
});

/** Whether a provider wants a job that is open, or open again. Pure. */
export function choose(job: JobView, head: Head, policy: Policy, means: Means): Choice {
  const { params } = job;
  const { capability } = means;
  if (typeof capability === 'string') return skip(`model: ${capability}`);
  if (params.evidence === 0 || (params.evidence & ~capability.evidence) !== 0) {
    return skip(`evidence ${params.evidence} is not offered`);
  }
  const needsProof = (params.evidence & EVIDENCE.proof) !== 0;
  if (
    needsProof &&
    !ZERO.test(params.verifierSet) &&
    !policy.verifierSets.has(params.verifierSet)
  ) {
    return skip('verifier set is not on the list');
  }
  if (params.inputKind === INPUT_KIND.sealed && !capability.canUnseal) {
    return skip('sealed inputs are not taken');
  }
  if (capability.outputBytes > params.maxOutputBytes) return skip('output is larger than allowed');
  if (params.reserve > policy.mostReserve) return skip('reserve is too high');
  const { mostWindowSeconds = MOST_WINDOW_SECONDS, mostWindowBlocks = MOST_WINDOW_BLOCKS } = policy;
  if (params.windowSeconds > mostWindowSeconds || params.windowBlocks > mostWindowBlocks) {
    return skip('window is too long');
  }
  if (params.workSeconds < means.workSeconds + policy.marginSeconds) {
    return skip('too little time for the work');
  }
  const isRescue = job.state === 'rescue';
  if (isRescue && !policy.takesRescues) return skip('rescues are not taken');
  const until = isRescue ? (job.rescue?.until ?? 0) : params.lockBy;
  if (head.timestamp > until) return skip('too late to lock');
  const least = policy.leastPay(params.modelId);
  if (isRescue && (job.rescue?.pot ?? 0n) < least) return skip('pays too little');
  if (!isRescue && priceAt(params, head.timestamp) < least) {
    const from = priceReaches(params, least);
    return from === null || from > until ? skip('pays too little') : wait('price', from);
  }
  if (means.freeStake < params.reserve) return wait('stake');
  if (means.freePlaces <= 0) return wait('places');
  return { kind: 'take' };
}
