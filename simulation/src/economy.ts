import type { Job, Rules } from './rules.ts';

/** Amounts are integers in millionths of C, the cost of one execution. */
export const C = 1_000_000;

/** R: the price of a job. */
export const R: number = 1.2 * C;

/** S: the reserve of a job. */
export const S: number = 250 * C;

export const PROVIDERS = 40_000;

/** A job of the size that all questions ask about. */
export const job: Job = { price: R, reserve: S, verifierFee: 0.1 * C };

/** The rules as they are proposed: no cap on the reward binds at this size of reserve. */
export const rules: Rules = {
  rewardBps: 1_000,
  rewardCap: Number.MAX_SAFE_INTEGER,
  latePerPriceBps: 20_000,
  forfeitBurnBps: 1_000,
  idleBps: 1_000,
  voidBps: 500,
};

/** Minutes that a requester has for delivering sealed input, and then its provider for acknowledging it. */
export const DELIVER = 30;
